use std::path::{Path, PathBuf};

use super::Place;

/// Why sign-ins cannot be kept or read; never holds one.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder cannot be used.
    #[error("cannot {doing} {}: {why}", path.display())]
    Unusable {
        /// What was tried, such as `write`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why, in the system's words.
        why: std::io::Error,
    },
    /// Others can read it.
    #[error("{} can be read by others (mode {mode:o})", path.display())]
    Exposed {
        /// The file or folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is not what this program writes.
    #[error("{what} cannot be used: {why}")]
    Garbled {
        /// What is garbled.
        what: String,
        /// Why.
        why: String,
    },
    /// The keyring has failed.
    #[error("the system's keyring cannot be used: {0}")]
    Keyring(String),
    /// A sign-in that is listed is not where it was kept.
    #[error("the sign-in to {account} is no longer in {place}")]
    Missing {
        /// Which sign-in.
        account: String,
        /// Where it was.
        place: Place,
    },
    /// The index was not readable, and with it which names the keyring has.
    #[error(
        "the list of sign-ins could not be read: it and every file of tokens are removed, but the \
         system's keyring may still hold some"
    )]
    MayRemain,
    /// Another process did not let go.
    #[error("another osc-apply has been at the sign-ins for {} s", .0.as_secs())]
    Busy(std::time::Duration),
}

impl StoreError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unusable { .. } => "make it writable, and see that the disk is not full",
            Self::Exposed { .. } => {
                "take the others' permissions away (`chmod -R go= FOLDER`) and sign in again: \
                 somebody may have read it"
            }
            Self::Garbled { .. } | Self::Missing { .. } => {
                "`osc-apply logout --all` forgets every sign-in; then sign in again"
            }
            Self::Keyring(_) => {
                "unlock it, or run `osc-apply login` again, or set OSC_ACCESS_TOKEN, which comes \
                 first"
            }
            Self::MayRemain => "remove what is named `osc-apply` in the system's keyring",
            Self::Busy(_) => "end it, or wait for it",
        }
    }
}

/// The user wants no keyring.
pub(super) fn switched_off() -> StoreError {
    StoreError::Keyring("OSC_NO_KEYRING switches it off".to_owned())
}

/// What the system says of a file or folder.
pub(super) fn unusable(
    doing: &'static str,
    path: &Path,
) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |why| StoreError::Unusable { doing, path, why }
}
