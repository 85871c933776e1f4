use std::path::PathBuf;
#[cfg(feature = "sandbox")]
use std::time::Duration;

use secrecy::SecretString;

use super::args::Global;
use super::environment::Environment;
use super::error::CliError;
#[cfg(feature = "sandbox")]
use super::faults;
use super::given_secrets::Allowed;
use super::guard::WorkspaceGuard;
use crate::auth::{Client, Store};
use crate::osc::HostOverrides;
#[cfg(feature = "sandbox")]
use crate::sandbox::Faults;

/// Flags and environment, joined: what a command works with.
pub(super) struct Settings {
    pub(super) files: Vec<PathBuf>,
    pub(super) variable_files: Vec<PathBuf>,
    pub(super) variables: Vec<(String, String)>,
    pub(super) process_variables: std::collections::BTreeMap<String, String>,
    pub(super) stack: Option<String>,
    pub(super) allowed: Allowed,
    pub(super) environment: Option<String>,
    pub(super) workspace_guard: Option<WorkspaceGuard>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) token: Option<SecretString>,
    pub(super) client: Option<Client>,
    pub(super) sign_ins: Option<Store>,
    pub(super) browser: Option<String>,
    pub(super) overrides: HostOverrides,
    pub(super) osc_folder: Option<PathBuf>,
    #[cfg(feature = "sandbox")]
    pub(super) sandbox: Option<SandboxSettings>,
    pub(super) sandbox_speed: Option<f64>,
    pub(super) can_ask: bool,
    /// Who is at this machine, where its environment says so.
    pub(super) user: Option<String>,
    /// The name of this machine.
    pub(super) machine: String,
}

#[cfg(feature = "sandbox")]
const DEFAULT_SPEED: f64 = 10.0;

/// Where the sandbox lives, how fast it is and how it misbehaves.
#[cfg(feature = "sandbox")]
pub(super) struct SandboxSettings {
    pub(super) folder: PathBuf,
    pub(super) speed: f64,
    /// How long access tokens of its OAuth server last, if not as long as OSC's.
    pub(super) token_lifetime: Option<Duration>,
    pub(super) faults: Faults,
}

impl Settings {
    pub(super) fn new(global: &Global, environment: &Environment) -> Result<Self, CliError> {
        #[cfg(not(feature = "sandbox"))]
        if global.sandbox {
            return Err(CliError::usage(
                "this osc-apply was built without the sandbox",
            ));
        }
        Ok(Self {
            files: global.files.clone(),
            variable_files: global.var_files.clone(),
            variables: global
                .vars
                .iter()
                .map(|it| assignment(it))
                .collect::<Result<_, _>>()?,
            process_variables: environment.manifest_variables(),
            stack: global.stack.clone(),
            allowed: Allowed {
                folders: global.allow_files.clone(),
                commands: global.allow_commands,
            },
            environment: global.environment.clone(),
            workspace_guard: WorkspaceGuard::of(global, environment),
            token_file: global.token_file.clone(),
            token: environment.token(),
            client: environment.client(),
            sign_ins: environment.sign_ins(),
            browser: environment.browser(),
            overrides: environment.host_overrides(),
            osc_folder: environment.osc_folder(),
            #[cfg(feature = "sandbox")]
            sandbox: global.sandbox.then(|| sandbox(global)).transpose()?,
            sandbox_speed: global.sandbox_speed,
            can_ask: environment.stdin_is_terminal && environment.stderr_is_terminal,
            user: environment.user(),
            machine: environment.machine(),
        })
    }
}

impl Settings {
    /// For commands that are about sign-ins, which the sandbox inside a command has none of.
    pub(super) fn refuse_sandbox(&self, message: &str, hint: &str) -> Result<(), CliError> {
        #[cfg(feature = "sandbox")]
        if self.sandbox.is_some() {
            return Err(CliError::usage_with(message, hint));
        }
        let _ = (message, hint);
        Ok(())
    }
}

/// `NAME=VALUE`; the value is never repeated in a message.
fn assignment(text: &str) -> Result<(String, String), CliError> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(CliError::usage("`--var` takes NAME=VALUE")),
    }
}

/// The sandbox's folder, speed and faults as the flags say.
#[cfg(feature = "sandbox")]
pub(super) fn sandbox(global: &Global) -> Result<SandboxSettings, CliError> {
    let speed = global.sandbox_speed.unwrap_or(DEFAULT_SPEED);
    if speed.is_nan() || speed <= 0.0 {
        return Err(CliError::usage(
            "`--sandbox-speed` takes a number above 0, or `inf`",
        ));
    }
    let folder = match &global.sandbox_dir {
        Some(folder) => folder.clone(),
        None => default_folder()?,
    };
    Ok(SandboxSettings {
        folder,
        speed,
        token_lifetime: global.sandbox_token_lifetime.map(Duration::from),
        faults: faults::faults(global, speed)?,
    })
}

#[cfg(feature = "sandbox")]
fn default_folder() -> Result<PathBuf, CliError> {
    use etcetera::BaseStrategy;
    let strategy = etcetera::choose_base_strategy().map_err(|_| {
        CliError::usage_with(
            "there is no home folder to keep the sandbox in",
            "say where with `--sandbox-dir DIR`",
        )
    })?;
    Ok(strategy.data_dir().join("osc-apply").join("sandbox"))
}
