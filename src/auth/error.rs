use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::ago::ago;
use super::grant::GrantError;
use super::store::StoreError;
use super::{Refusal, Source};
use crate::osc::{ClaimsError, TransportError};

/// Why there is no token to work with; never holds one.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Nothing that counts here has one.
    #[error(
        "not signed in at this endpoint: OSC_ACCESS_TOKEN is not set, and tokens of other hosts \
         are not sent there"
    )]
    NotSet,
    /// No place has one.
    #[error(
        "not signed in: nobody has run `osc-apply login`, OSC_ACCESS_TOKEN is not set and there \
         is no file {}", file.display()
    )]
    NotFound {
        /// The file that was looked for.
        file: PathBuf,
    },
    /// There are sign-ins, and none to this workspace.
    #[error("not signed in to the workspace {wanted}, only to {}", known.join(", "))]
    OtherWorkspaces {
        /// The workspace that is wanted.
        wanted: String,
        /// Those signed in to.
        known: Vec<String>,
    },
    /// There is no such sign-in to forget.
    #[error(
        "not signed in{} ({environment}) with `osc-apply login`",
        to(workspace)
    )]
    NoSignIn {
        /// The workspace that was named.
        workspace: Option<String>,
        /// The environment.
        environment: String,
    },
    /// Kept sign-ins cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server does not answer.
    #[error("the sign-in server at {host} cannot be reached: {why}")]
    Unreachable {
        /// Its host.
        host: String,
        /// Why.
        why: TransportError,
    },
    /// What the issuer publishes about itself must not be believed.
    #[error("what {url} says cannot be used: {why}")]
    Discovery {
        /// The document.
        url: Url,
        /// What is wrong with it.
        why: String,
    },
    /// The server registers no client.
    #[error("the sign-in server registered no client: {why}")]
    NotRegistered {
        /// Why.
        why: String,
    },
    /// The callback's port is in use.
    #[error("port {port} of this machine, which the sign-in comes back to, is in use")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// No port of this machine can be listened on.
    #[error("no port of this machine can be listened on: {0}")]
    NoListener(std::io::Error),
    /// Nobody came back in time.
    #[error(
        "nobody came back from the browser within {} minutes{}", limit.as_secs() / 60,
        instead(*wrong_state, *elsewhere)
    )]
    NoCallback {
        /// How long that was.
        limit: Duration,
        /// Callbacks that answered another request.
        wrong_state: u32,
        /// Requests that were no callbacks.
        elsewhere: u32,
    },
    /// The person said no.
    #[error("access was denied in the browser{}", in_brackets(words))]
    Denied {
        /// The server's own words.
        words: Option<String>,
    },
    /// The server did not let the person decide.
    #[error("the sign-in server refused the request: {0}")]
    RequestRefused(String),
    /// The answer makes no sense.
    #[error("the browser came back with an answer that cannot be used: {why}")]
    UnusableCallback {
        /// Why.
        why: &'static str,
    },
    /// The code was not exchanged for tokens.
    #[error("{}", not_granted(.0))]
    NotGranted(GrantError),
    /// The file is there and cannot be read.
    #[error("the token in {} cannot be read: {why}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why, in the system's words.
        why: std::io::Error,
    },
    /// The file is too large to hold a token (over 64 KiB).
    #[error("{} is too large to hold a token", file.display())]
    TooLarge {
        /// The file.
        file: PathBuf,
    },
    /// What is there is not a token that can be used.
    #[error("the token from {source_of_it} cannot be used: {why}")]
    Unusable {
        /// Where it is.
        source_of_it: Source,
        /// What is wrong with it.
        why: ClaimsError,
    },
    /// The token has ended.
    #[error("the token from {source_of_it} expired {}", ago(*.since))]
    Expired {
        /// Where it is.
        source_of_it: Source,
        /// How long ago it ended.
        since: Duration,
    },
}

impl AuthError {
    pub(super) fn unreachable(url: &Url, why: TransportError) -> Self {
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let host = url.host_str().unwrap_or_default();
        Self::Unreachable {
            host: format!("{host}{port}"),
            why,
        }
    }

    pub(super) fn denied(error: String, words: Option<String>) -> Self {
        match (error.as_str(), words) {
            ("access_denied", words) => Self::Denied { words },
            (_, Some(words)) => Self::RequestRefused(format!("{words} ({error})")),
            (_, None) => Self::RequestRefused(error),
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotSet | Self::NotFound { .. } | Self::OtherWorkspaces { .. } => {
                "run `osc-apply login`, or set OSC_ACCESS_TOKEN to a personal access token; the \
                 console makes them under Settings > API"
            }
            Self::NoSignIn { .. } => "a token in OSC_ACCESS_TOKEN or a file is removed where it is",
            Self::Store(error) => error.hint(),
            Self::Unreadable { .. } | Self::TooLarge { .. } => {
                "check the file; of the places for a token `--token-file` comes first, then \
                 OSC_ACCESS_TOKEN"
            }
            Self::Unusable { .. } => {
                "copy the whole personal access token from the console (Settings > API)"
            }
            Self::Expired { .. } => {
                "run `osc-apply login`, or make a personal access token in the console \
                 (Settings > API), which does not expire by itself"
            }
            Self::Unreachable { .. } => "check the network and `--env`, then try again",
            Self::Discovery { .. } => "check OSC_ISSUER, or leave it out",
            Self::NotRegistered { .. } => "leave `--register` out to sign in as the public client",
            Self::PortTaken { .. } => {
                "end what listens there, or choose another with `--callback-port`; a registered \
                 client accepts only the port it was registered with"
            }
            Self::NoListener(_) => "set OSC_ACCESS_TOKEN instead",
            Self::NoCallback { .. } => "run `osc-apply login` again",
            Self::Denied { .. } => "run `osc-apply login` again, and press Allow",
            Self::RequestRefused(_) | Self::UnusableCallback { .. } => {
                "run `osc-apply login` again; should it stay so, check the client's id and its \
                 registered callback"
            }
            Self::NotGranted(_) => {
                "run `osc-apply login` again; a code is good once and not for long"
            }
        }
    }
}

fn instead(wrong_state: u32, elsewhere: u32) -> String {
    let mut came = Vec::new();
    let s = |count: u32| if count == 1 { "" } else { "s" };
    if wrong_state > 0 {
        let s = s(wrong_state);
        came.push(format!(
            "{wrong_state} callback{s} of another sign-in (wrong state)"
        ));
    }
    if elsewhere > 0 {
        let s = s(elsewhere);
        came.push(format!("{elsewhere} request{s} for something else"));
    }
    match came.is_empty() {
        true => String::new(),
        false => format!("; turned away: {}", came.join(", ")),
    }
}

fn to(workspace: &Option<String>) -> String {
    let workspace = workspace.as_deref();
    let to = workspace.map(|workspace| format!(" to the workspace {workspace}"));
    to.unwrap_or_default()
}

fn in_brackets(words: &Option<String>) -> String {
    let words = words.as_deref();
    words.map(|words| format!(" ({words})")).unwrap_or_default()
}

fn not_granted(error: &GrantError) -> String {
    let what = match error {
        GrantError::Refused(Refusal { code, .. }) => match code.as_deref() {
            Some("invalid_grant") => "the code that came back is expired, used or not ours",
            Some("invalid_client" | "unauthorized_client") => {
                "the sign-in server does not take this client's id or secret"
            }
            _ => "the sign-in server gave no token",
        },
        _ => "the sign-in server gave no token",
    };
    format!("{what}: {error}")
}
