use super::ledger::Ledger;
use super::registration::Registration;
use crate::sandbox::jwt::SigningKey;

/// The id of the command line's client, which needs no registration (API notes 2.2).
pub(super) const COMMAND_LINE: &str = "cli";

/// How many characters of a registered client's id come after `osc_` (API notes 2.4).
pub(super) const CLIENT_ID_DIGITS: usize = 24;

/// An app that people can allow something to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Client {
    /// The command line, which is public.
    CommandLine,
    /// One that was registered.
    Registered {
        /// Its id.
        id: String,
        /// The rest.
        registration: Registration,
    },
}

impl Client {
    /// The client of this id.
    pub(super) fn find(ledger: &Ledger, id: &str) -> Option<Client> {
        if id == COMMAND_LINE {
            return Some(Client::CommandLine);
        }
        Some(Client::Registered {
            id: id.to_owned(),
            registration: ledger.registration(id)?.clone(),
        })
    }

    /// Its id.
    pub(super) fn id(&self) -> &str {
        match self {
            Client::CommandLine => COMMAND_LINE,
            Client::Registered { id, .. } => id,
        }
    }

    /// What people know it by.
    pub(super) fn name(&self) -> &str {
        match self {
            Client::CommandLine => "OSC command line",
            Client::Registered { id, registration } => registration.name.as_deref().unwrap_or(id),
        }
    }

    /// Whether people can be sent back there: for the command line to any port of this machine,
    /// otherwise to where it was registered with, to the letter.
    pub(super) fn accepts(&self, redirect_uri: &str) -> bool {
        match self {
            Client::CommandLine => is_command_line(redirect_uri),
            Client::Registered { registration, .. } => {
                let redirects = &registration.redirect_uris;
                redirects.iter().any(|known| known == redirect_uri)
            }
        }
    }

    /// Whether it was registered for refresh tokens.
    pub(super) fn refreshes(&self) -> bool {
        match self {
            Client::CommandLine => true,
            Client::Registered { registration, .. } => registration.refreshes,
        }
    }

    /// Whether this is all it has to show: its secret, or none where it has none.
    pub(super) fn is_shown_by(&self, key: &SigningKey, secret: Option<&str>) -> bool {
        let own = match self {
            Client::CommandLine => None,
            Client::Registered { registration, .. } => registration.secret(key),
        };
        match (own, secret) {
            (Some(own), Some(secret)) => key.equal(&own, secret),
            (None, None) => true,
            _ => false,
        }
    }
}

/// `http://localhost:{port}/callback`.
fn is_command_line(redirect_uri: &str) -> bool {
    let rest = redirect_uri.strip_prefix("http://localhost:");
    let port = rest.and_then(|rest| rest.strip_suffix("/callback"));
    port.is_some_and(|port| {
        let digits = port.bytes().all(|byte| byte.is_ascii_digit());
        digits && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}
