use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;

use super::error::CliError;
use super::settings::SandboxSettings;
use crate::sandbox::{
    self, Addressing, ClientCredentials, Faults, Folder, FolderError, Local, Rules, Shell, Timing,
    start_local,
};

/// The sandbox's workspace in its folder.
pub(super) struct World {
    folder: Folder,
    speed: f64,
    token_lifetime: Option<Duration>,
    faults: Faults,
}

impl World {
    /// Opens the world, making a new one where there is none.
    pub(super) fn open(settings: &SandboxSettings) -> Result<Self, CliError> {
        let folder = Folder::open(&settings.folder, rand::random)?;
        Ok(Self {
            folder,
            speed: settings.speed,
            token_lifetime: settings.token_lifetime,
            faults: settings.faults.clone(),
        })
    }

    /// A token for its workspace.
    pub(super) fn personal_access_token(&self, now: SystemTime) -> Result<SecretString, CliError> {
        Ok(self
            .folder
            .with(|world| world.personal_access_token(now, None))?
            .into())
    }

    /// Suspends an instance; `false` when there is none that runs.
    pub(super) fn suspend(
        &self,
        now: SystemTime,
        service: &str,
        name: &str,
        reason: &str,
    ) -> Result<bool, CliError> {
        let rules = self.rules(Addressing::Osc);
        let suspend =
            |world: &mut sandbox::World| world.suspend(&rules, now, service, name, Some(reason));
        Ok(self.folder.with(suspend)?)
    }

    /// Registers an app as the console does.
    pub(super) fn register_client(
        &self,
        name: &str,
        redirect_uri: &str,
    ) -> Result<ClientCredentials, CliError> {
        let register = |world: &mut sandbox::World| world.register_client(name, redirect_uri);
        self.folder
            .with(register)?
            .map_err(|error| CliError::usage(error.to_string()))
    }

    /// A shell around it, answering under these addresses.
    pub(super) fn shell(self, addressing: Addressing) -> Arc<Shell> {
        let rules = self.rules(addressing);
        let faults = self.faults.scaled(self.speed);
        let shell = Shell::new(self.folder, rules, Arc::new(SystemTime::now));
        Arc::new(shell.with_faults(faults))
    }

    fn rules(&self, addressing: Addressing) -> Rules {
        let mut timing = Timing::default().scaled(self.speed);
        if let Some(lifetime) = self.token_lifetime {
            timing.access_token_lifetime = lifetime;
        }
        Rules {
            timing,
            addressing,
            ..Rules::default()
        }
    }

    /// Runs it inside this process.
    pub(super) async fn start(self) -> Result<Local, CliError> {
        start_local(self.shell(Addressing::Osc))
            .await
            .map_err(|error| CliError::failed(format!("the sandbox cannot start: {error}")))
    }
}

impl From<FolderError> for CliError {
    fn from(error: FolderError) -> Self {
        Self::failed(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_tokens_last_as_long_as_asked_for_however_fast_the_sandbox_is() {
        let folder = tempfile::tempdir().unwrap();
        let lifetime = |asked_for| {
            let settings = SandboxSettings {
                folder: folder.path().to_owned(),
                speed: f64::INFINITY,
                token_lifetime: asked_for,
                faults: Faults::default(),
            };
            let rules = World::open(&settings).unwrap().rules(Addressing::Osc);
            rules.timing.access_token_lifetime
        };
        assert_eq!(lifetime(None), Duration::from_secs(3600));
        let half_a_minute = Duration::from_secs(30);
        assert_eq!(lifetime(Some(half_a_minute)), half_a_minute);
    }
}
