use std::time::{Duration, SystemTime};

use thiserror::Error;

use crate::osc::Error;
use crate::vault::VaultError;

/// Why a stack may not be changed by this run, or not any more.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LeaseError {
    /// Another run has the lease.
    #[error("another run is changing this stack: {who}, for up to {} more", seconds(*.left))]
    Held {
        /// Who runs it and where.
        who: String,
        /// When its lease ends, by its own clock.
        until: SystemTime,
        /// How long that is from now, by this machine's clock.
        left: Duration,
    },
    /// Another run took the lease over.
    #[error("another run has taken this stack over: {who}")]
    Taken {
        /// Who runs it and where.
        who: String,
    },
    /// The lease is no longer there.
    #[error("somebody has removed this run's lease of the stack")]
    Removed,
    /// The lease could not be renewed in time.
    #[error("this run's lease of the stack has ended, as it could not be renewed{}", why(.0))]
    Ended(Option<Error>),
    /// What is kept where the lease should be is none.
    #[error("whether another run is changing this stack cannot be told: {0}")]
    NotUnderstood(#[from] VaultError),
    /// The lease could not be read or written.
    #[error("whether another run is changing this stack cannot be told: {0}")]
    Failed(#[from] Error),
    /// A renewal did not come to its end.
    #[error("this run's lease of the stack could not be given back, and ends by itself")]
    NotGivenBack,
    /// The run was interrupted before it had the lease.
    #[error("interrupted before anything was changed")]
    Interrupted,
}

impl LeaseError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Held { .. } => {
                Some("wait until it has ended; where it certainly no longer runs, pass --take-over")
            }
            Self::NotUnderstood(_) => {
                Some("where no other run is changing this stack for certain, pass --take-over")
            }
            Self::Taken { .. } | Self::Removed | Self::Ended(_) => {
                Some("run plan to see what there is before you go on")
            }
            Self::Failed(error) => error.hint(),
            Self::NotGivenBack | Self::Interrupted => None,
        }
    }
}

fn why(error: &Option<Error>) -> String {
    error
        .as_ref()
        .map_or_else(String::new, |error| format!(": {error}"))
}

/// Rounded up, so that nobody comes back too early.
fn seconds(span: Duration) -> String {
    let whole = span.as_secs() + u64::from(span.subsec_nanos() > 0);
    humantime::format_duration(Duration::from_secs(whole)).to_string()
}
