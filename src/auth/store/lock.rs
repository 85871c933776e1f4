use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use super::{StoreError, unusable};

const NAME: &str = "lock";
/// Longer than a renewal may take, and a question of the keyring to its user.
const LIMIT: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_millis(20);

/// The right to change sign-ins, held until dropped; a process that dies loses it.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held for its lock")] File);

impl Lock {
    /// Waits for it.
    pub(super) async fn take(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(NAME);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(unusable("open", &path))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if begun.elapsed() < LIMIT => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(TryLockError::WouldBlock) => return Err(StoreError::Busy(LIMIT)),
                Err(TryLockError::Error(error)) => return Err(unusable("lock", &path)(error)),
            }
        }
    }
}
