use thiserror::Error;

use super::super::LeaseError;
use crate::osc::{self, Class};
use crate::vault::VaultError;

const GIVE_THEM: &str = "give the values yourself: `env:` or `file:` in place of `generate:`";

/// Why a stack's vault cannot be used.
///
/// Holds nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeeperError {
    /// The lease of the stack is lost, or may be.
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// There is nowhere to keep it.
    #[error("this platform has no tenant secrets, so nothing that is generated can be kept")]
    Unsupported,
    /// It has grown beyond what the platform keeps.
    #[error("the stack's vault has become too large for the platform")]
    TooLarge,
    /// It could not be read.
    #[error("the stack's vault cannot be read: {0}")]
    Unreadable(osc::Error),
    /// It could not be written.
    #[error("the stack's vault cannot be written: {0}")]
    NotTaken(osc::Error),
    /// What is read back is not what was written.
    #[error("the platform does not keep the stack's vault as it was written")]
    NotKept,
    /// What is there is no vault, or one of a later version.
    #[error("the stack's vault cannot be understood: {0}")]
    NotUnderstood(#[from] VaultError),
    /// The run was interrupted before it was read.
    #[error("interrupted before the stack's vault was read")]
    Interrupted,
}

impl KeeperError {
    pub(super) fn of_a_read(error: osc::Error) -> Self {
        match error.class {
            Class::Unsupported => Self::Unsupported,
            _ => Self::Unreadable(error),
        }
    }

    pub(super) fn of_a_write(error: osc::Error) -> Self {
        match (error.class, error.status) {
            (Class::Unsupported, _) => Self::Unsupported,
            (_, Some(413)) => Self::TooLarge,
            _ => Self::NotTaken(error),
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Lease(error) => error.hint(),
            Self::Unsupported | Self::NotKept => Some(GIVE_THEM),
            Self::TooLarge => Some(
                "divide the stack, or give some values yourself: `env:` or `file:` in place of \
                 `generate:`",
            ),
            Self::NotTaken(error) => error.hint().or(Some(GIVE_THEM)),
            Self::Unreadable(error) => error.hint(),
            // Its words say what to do.
            Self::NotUnderstood(VaultError::Newer { .. }) => None,
            Self::NotUnderstood(_) => Some(
                "look at the tenant secret in the console; deleting it loses every value that \
                 was generated for the stack",
            ),
            Self::Interrupted => None,
        }
    }
}
