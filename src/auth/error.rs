use std::path::PathBuf;
use std::time::Duration;

use super::Source;
use super::ago::ago;
use crate::osc::ClaimsError;

/// Why there is no token to work with; never holds one.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The environment has none, and no other place counts.
    #[error("not signed in: OSC_ACCESS_TOKEN is not set")]
    NotSet,
    /// No place has one.
    #[error("not signed in: OSC_ACCESS_TOKEN is not set and there is no file {}", file.display())]
    NotFound {
        /// The file that was looked for.
        file: PathBuf,
    },
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
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotSet | Self::NotFound { .. } => {
                "set OSC_ACCESS_TOKEN to a personal access token; the console makes them under \
                 Settings > API"
            }
            Self::Unreadable { .. } | Self::TooLarge { .. } => {
                "check the file, or set OSC_ACCESS_TOKEN, which comes first"
            }
            Self::Unusable { .. } => {
                "copy the whole personal access token from the console (Settings > API)"
            }
            Self::Expired { .. } => {
                "make a new one: a personal access token from the console (Settings > API) does \
                 not expire by itself"
            }
        }
    }
}
