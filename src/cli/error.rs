use super::exit::Exit;
use crate::auth::AuthError;
use crate::model::{Diagnostics, Sources};
use crate::osc::{Class, Error as OscError, HostError};

/// Why a command could not do its work, with its exit code and what to do about it.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// Findings about the manifest or its inputs.
    #[error("the manifest cannot be used")]
    Findings(Diagnostics, Box<Sources>),
    #[error("{message}")]
    Usage {
        message: String,
        hint: Option<String>,
    },
    #[error("{message}")]
    Guard { message: String, hint: String },
    #[error(transparent)]
    Auth(#[from] AuthError),
    #[error(transparent)]
    Host(#[from] HostError),
    #[error(transparent)]
    Osc(#[from] OscError),
    #[error("{message}")]
    Failed {
        message: String,
        hint: Option<String>,
    },
    /// The user said no.
    #[error("nothing was changed")]
    Declined,
}

impl CliError {
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn usage_with(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            hint: Some(hint.into()),
        }
    }

    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::Failed {
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn failed_with(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Failed {
            message: message.into(),
            hint: Some(hint.into()),
        }
    }

    /// The exit code.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Findings(..) | Self::Usage { .. } | Self::Host(_) => Exit::Usage,
            Self::Guard { .. } => Exit::Held,
            Self::Auth(_) => Exit::SignedOut,
            Self::Osc(error) if error.class == Class::SignedOut => Exit::SignedOut,
            Self::Osc(_) | Self::Failed { .. } | Self::Declined => Exit::Error,
        }
    }

    /// What the user can do about it.
    pub(super) fn hint(&self) -> Option<&str> {
        match self {
            Self::Usage { hint, .. } | Self::Failed { hint, .. } => hint.as_deref(),
            Self::Guard { hint, .. } => Some(hint),
            Self::Osc(error) => error.hint(),
            Self::Auth(error) => Some(error.hint()),
            Self::Findings(..) | Self::Host(_) | Self::Declined => None,
        }
    }
}
