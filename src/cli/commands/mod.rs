//! One file a command: what it does with a settled manifest and a platform.

mod adopt;
mod apply;
mod destroy;
mod import;
mod login;
mod logout;
mod logs;
mod output;
mod plan;
mod rotate;
#[cfg(feature = "sandbox")]
mod sandbox;
mod schema;
mod status;
mod validate;
mod whoami;

use std::future::Future;

use super::args::{Cli, Command};
use super::error::CliError;
use super::exit::Exit;
use super::settings::Settings;
use super::ui::Ui;

pub(super) fn run(cli: &Cli, settings: &Settings, ui: &mut Ui) -> Result<Exit, CliError> {
    #[cfg(feature = "sandbox")]
    refuse_idle_faults(cli)?;
    match &cli.command {
        Command::Validate => validate::run(settings, ui),
        Command::Schema => schema::run(ui),
        Command::Plan(args) => wait(plan::run(args, settings, ui)),
        Command::Apply(args) => wait(apply::run(args, settings, ui)),
        Command::Destroy(args) => wait(destroy::run(args, settings, ui)),
        Command::Adopt(args) => wait(adopt::run(args, settings, ui)),
        Command::Rotate(args) => wait(rotate::run(args, settings, ui)),
        Command::Login(args) => wait(login::run(args, settings, ui)),
        Command::Logout { all } => wait(logout::run(*all, settings, ui)),
        Command::Status => wait(status::run(settings, ui)),
        Command::Logs(args) => wait(logs::run(args, settings, ui)),
        Command::Import(args) => wait(import::run(args, settings, ui)),
        Command::Output { name } => wait(output::run(name.as_deref(), settings, ui)),
        Command::WhoAmI => wait(whoami::run(settings, ui)),
        #[cfg(feature = "sandbox")]
        Command::Sandbox { command } => wait(sandbox::run(command, &cli.global, ui)),
    }
}

/// Whoever asks for faults and gets none would believe that the stack withstood them.
#[cfg(feature = "sandbox")]
fn refuse_idle_faults(cli: &Cli) -> Result<(), CliError> {
    let global = &cli.global;
    let asked = !global.sandbox_fault.is_empty() || !global.sandbox_faults.is_empty();
    let sandbox = global.sandbox || matches!(cli.command, Command::Sandbox { .. });
    if asked && !sandbox {
        let message = "OSC does not misbehave when told to: faults are the sandbox's";
        return Err(CliError::usage_with(message, "add `--sandbox`"));
    }
    Ok(())
}

/// Runs a command that waits for answers; the ones that do not are quicker without a runtime.
fn wait(command: impl Future<Output = Result<Exit, CliError>>) -> Result<Exit, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CliError::failed(format!("the runtime cannot start: {error}")))?;
    runtime.block_on(command)
}
