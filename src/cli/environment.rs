use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::Command;

use etcetera::BaseStrategy;
use secrecy::SecretString;

use crate::auth::{Client, Store};
use crate::osc::HostOverrides;

/// What the process was started with, read once.
pub(super) struct Environment {
    variables: BTreeMap<String, String>,
    pub(super) stdin_is_terminal: bool,
    pub(super) stdout_is_terminal: bool,
    pub(super) stderr_is_terminal: bool,
    width: Option<usize>,
}

impl Environment {
    /// The environment of this process; variables that are not UTF-8 are as good as unset.
    pub(super) fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self {
            variables,
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            width: terminal_size::terminal_size().map(|(width, _)| width.0.into()),
        }
    }

    /// How many columns there are to write in. A pipe has no end; its lines are kept within what
    /// a log can show.
    pub(super) fn columns(&self, is_terminal: bool) -> usize {
        const PIPE: usize = 160;
        const NARROWEST: usize = 20;
        let asked_for = self.get("COLUMNS").and_then(|columns| columns.parse().ok());
        let asked_for = asked_for.filter(|columns| *columns >= NARROWEST);
        self.width
            .filter(|_| is_terminal)
            .or(asked_for)
            .unwrap_or(PIPE)
    }

    /// A variable; an empty one is as good as unset.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The token handed in by the environment.
    pub(super) fn token(&self) -> Option<SecretString> {
        self.get("OSC_ACCESS_TOKEN").map(SecretString::from)
    }

    /// The OAuth client to sign in as: `OSC_CLIENT_ID`, or a bare `CLIENT_ID` that looks like one
    /// of the platform's; with its secret.
    pub(super) fn client(&self) -> Option<Client> {
        let own = |id: &str, secret: &str| {
            let id = self.get(id)?.to_owned();
            let secret = self.get(secret).map(SecretString::from);
            Some(Client { id, secret })
        };
        own("OSC_CLIENT_ID", "OSC_CLIENT_SECRET").or_else(|| {
            own("CLIENT_ID", "CLIENT_SECRET").filter(|client| client.id.starts_with("osc_"))
        })
    }

    /// The program that opens pages, in place of the system's own.
    pub(super) fn browser(&self) -> Option<String> {
        self.get("BROWSER").map(str::to_owned)
    }

    /// The folder for sign-ins, and whether the system's keyring is used for their tokens.
    pub(super) fn sign_ins(&self) -> Option<Store> {
        let data = etcetera::choose_base_strategy().ok()?.data_dir();
        let keyring = self.get("OSC_NO_KEYRING").is_none();
        Some(Store::new(data.join("osc-apply").join("sign-ins"), keyring))
    }

    /// `OSC_VAR_NAME` variables by `NAME`.
    pub(super) fn manifest_variables(&self) -> BTreeMap<String, String> {
        let own = self.variables.iter();
        own.filter_map(|(name, value)| {
            Some((name.strip_prefix("OSC_VAR_")?.to_owned(), value.clone()))
        })
        .collect()
    }

    /// Base URLs that replace the platform's own.
    pub(super) fn host_overrides(&self) -> HostOverrides {
        let url = |name: &str| self.get(name).map(str::to_owned);
        HostOverrides {
            endpoint: url("OSC_ENDPOINT"),
            app: url("OSC_APP_URL"),
            catalog: url("OSC_CATALOG_URL"),
            token: url("OSC_TOKEN_URL"),
            deploy: url("OSC_DEPLOY_URL"),
            money: url("OSC_MONEY_URL"),
        }
    }

    /// Who is at this machine.
    pub(super) fn user(&self) -> Option<String> {
        let user = self.get("USER").or_else(|| self.get("USERNAME"));
        user.map(str::to_owned)
    }

    /// The name of this machine.
    pub(super) fn machine(&self) -> String {
        gethostname::gethostname().to_string_lossy().into_owned()
    }

    /// The folder in which the `osc` command keeps its token.
    pub(super) fn osc_folder(&self) -> Option<PathBuf> {
        etcetera::home_dir().ok().map(|home| home.join(".osc"))
    }
}

/// Keeps the variables from a program that may hold credentials of ours.
pub(super) fn withhold_credentials(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if is_ours(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
}

/// Whether a variable may hold a credential of ours.
fn is_ours(name: &str) -> bool {
    // On Windows, names of any case are the same.
    let name = name.to_ascii_uppercase();
    name.starts_with("OSC_") || name.starts_with("CLIENT_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_hold_a_credential_is_told_by_its_name() {
        for name in [
            "OSC_ACCESS_TOKEN",
            "OSC_VAR_x",
            "CLIENT_SECRET",
            "client_id",
        ] {
            assert!(is_ours(name), "{name}");
        }
        assert!(!is_ours("PATH") && !is_ours("MY_OSC_TOKEN"));
    }
}
