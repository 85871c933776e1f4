//! The command line: the only code that reads environment variables, the manifest's files, the
//! terminal and the clock.
//!
//! - `args`: flags and commands
//! - `environment`: the process's variables and terminal; `settings`: those and flags, joined
//! - `files`: manifest and variable files; `given_secrets`: secrets from outside the manifest
//! - `guard`: which workspace and environment may be used
//! - `new_file`: a file that is not there yet
//! - `stack`: a manifest resolved, for whoever is signed in
//! - `planning`: a stack read, planned and shown; `consent`: what the flags agree to; `adoption`,
//!   `rotation`: what they ask for beside that
//! - `platform`: the sign-in and the connection; `sandbox`: the emulator standing in for it,
//!   `faults`: how that misbehaves
//! - `commands`: one file a command; `carry_out`: what apply and destroy have in common
//! - `confirm`: questions; `interrupt`: Ctrl-C; `browser`: opening a page
//! - `ui`: standard output and error
//! - `error`, `exit`: hints and exit codes

mod adoption;
mod args;
mod browser;
mod carry_out;
mod commands;
mod confirm;
mod consent;
mod environment;
mod error;
mod exit;
#[cfg(feature = "sandbox")]
mod faults;
mod files;
mod given_secrets;
mod guard;
mod interrupt;
mod new_file;
mod planning;
mod platform;
mod rotation;
#[cfg(feature = "sandbox")]
mod sandbox;
mod settings;
mod stack;
mod ui;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use self::args::Cli;
use self::environment::Environment;
use self::error::CliError;
use self::exit::Exit;
use self::settings::Settings;
use self::ui::Ui;
use crate::model::{Diagnostics, Sources};
use crate::report;

/// Runs one command line and says how it ended.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return explain(&error).into(),
    };
    let environment = Environment::of_process();
    let mut ui = Ui::new(&cli.global, &environment);
    log(cli.global.verbose, ui.err().1.color);
    let exit = Settings::new(&cli.global, &environment)
        .and_then(|settings| commands::run(&cli, &settings, &mut ui))
        .unwrap_or_else(|error| show(&error, &mut ui));
    match ui.output_failure() {
        None => exit.into(),
        Some(error) => {
            let message = format!("standard output cannot be written: {error}");
            show(&CliError::failed(message), &mut ui);
            (if exit == Exit::Done {
                Exit::Error
            } else {
                exit
            })
            .into()
        }
    }
}

/// Help and version go to standard output; wrong arguments are exit code 3, not clap's 2.
fn explain(error: &clap::Error) -> Exit {
    // Nothing is left to say where even this cannot be printed.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done,
        _ => Exit::Usage,
    }
}

fn show(error: &CliError, ui: &mut Ui) -> Exit {
    let (err, look) = ui.err();
    let shown = match error {
        CliError::Findings(found, sources) => report::findings(err, found, sources, look),
        other => report::problem(err, &other.to_string(), other.hint(), look),
    };
    // Standard error is where problems are told; with it gone there is nobody to tell.
    let _ = shown;
    error.exit()
}

fn log(verbose: u8, color: bool) {
    let level = match verbose {
        0 => Targets::new().with_target("osc_apply", Level::WARN),
        1 => Targets::new().with_target("osc_apply", Level::DEBUG),
        _ => Targets::new()
            .with_target("osc_apply", Level::TRACE)
            .with_default(Level::DEBUG),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(color)
        .without_time();
    tracing_subscriber::registry()
        .with(lines.with_target(false))
        .with(level)
        .init();
}

/// Shows warnings; errors end the command.
fn check(found: Diagnostics, sources: &Sources, ui: &mut Ui) -> Result<(), CliError> {
    if found.has_errors() {
        return Err(CliError::Findings(found, Box::new(sources.clone())));
    }
    let (err, look) = ui.err();
    if !found.is_empty() {
        let _ = report::findings(err, &found, sources, look);
    }
    Ok(())
}
