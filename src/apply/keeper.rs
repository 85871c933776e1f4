use std::sync::Arc;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::absence::Absence;
use super::kept::read_certainly;
use super::{Lease, Limits};
use crate::osc::{Class, Error, ReadApi, WriteApi};
use crate::vault::{Vault, vault_key};

mod error;

pub use error::KeeperError;

/// The vault of a stack; nothing only when it is certain that there is none.
///
/// # Errors
/// Where that cannot be told, or where what is there cannot be understood: never taken for
/// absent, as whatever was generated would be lost.
pub async fn read_vault(
    reads: &ReadApi,
    stack: &str,
    limits: &Limits,
    stop: &CancellationToken,
) -> Result<Option<Vault>, KeeperError> {
    let key = vault_key(stack);
    let reading = read_certainly(reads, &key, limits);
    let read = stop.run_until_cancelled(reading).await;
    let text = read.ok_or(KeeperError::Interrupted)?;
    let text = text.map_err(KeeperError::of_a_read)?;
    Ok(text.as_ref().map(Vault::parse).transpose()?)
}

/// The vault of a stack during a run.
///
/// What it holds was read back from the platform: nothing that may not be kept is ever used.
pub struct Keeper {
    lease: Arc<Lease>,
    key: String,
    new_key: Zeroizing<[u8; 32]>,
    kept: Mutex<Option<Vault>>,
}

/// What a vault was found to be at the end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// As it was written, or not used at all.
    Intact,
    /// Overwritten or removed by somebody; now it is as it was written.
    Restored,
}

impl Keeper {
    /// Reads the vault of the stack whose lease is held.
    ///
    /// `new_key` becomes the key of a vault that is not there yet; true randomness.
    ///
    /// # Errors
    /// As of [`read_vault`].
    pub async fn open(
        lease: Arc<Lease>,
        new_key: [u8; 32],
        stop: &CancellationToken,
    ) -> Result<Self, KeeperError> {
        let hold = &lease.hold;
        let kept = read_vault(hold.api().reads(), hold.stack(), hold.limits(), stop).await?;
        Ok(Self {
            key: vault_key(hold.stack()),
            lease,
            new_key: Zeroizing::new(new_key),
            kept: Mutex::new(kept),
        })
    }

    /// The vault as it was last read back; nothing while there is none.
    pub async fn vault(&self) -> Option<Vault> {
        self.kept.lock().await.clone()
    }

    /// Changes the vault, and is done when it was read back as it should be; one change at a
    /// time. One that changes nothing costs nothing.
    ///
    /// # Errors
    /// Where the lease is lost or the vault cannot be kept; nothing of the change counts then.
    pub async fn write(&self, change: impl FnOnce(&mut Vault)) -> Result<(), KeeperError> {
        let mut kept = self.kept.lock().await;
        let before = match &*kept {
            Some(vault) => vault.clone(),
            None => Vault::new(*self.new_key),
        };
        let mut next = before.clone();
        change(&mut next);
        if next != before {
            self.lease.check().await?;
            *kept = Some(self.put(&next).await?);
        }
        Ok(())
    }

    /// Reads the vault again, and writes it again where somebody overwrote it although the lease
    /// was this run's: what was generated is in use by now.
    ///
    /// # Errors
    /// As of [`Keeper::write`].
    pub async fn verify(&self) -> Result<Verified, KeeperError> {
        let mut kept = self.kept.lock().await;
        let Some(vault) = &*kept else {
            return Ok(Verified::Intact);
        };
        if self.read_back(vault).await?.is_some() {
            return Ok(Verified::Intact);
        }
        self.lease.check().await?;
        *kept = Some(self.put(vault).await?);
        Ok(Verified::Restored)
    }

    /// Writes the vault and returns it as it was read back.
    async fn put(&self, vault: &Vault) -> Result<Vault, KeeperError> {
        self.api().reads().be_discreet_about(vault.confidential());
        let text = vault.to_secret();
        let doubt = match self.api().put_tenant_secret(&self.key, &text).await {
            Ok(()) => None,
            Err(error) if error.leaves_open() => Some(error),
            Err(error) => return Err(KeeperError::of_a_write(error)),
        };
        if let Some(vault) = self.read_back(vault).await? {
            return Ok(vault);
        }
        self.lease.check().await?;
        Err(doubt.map_or(KeeperError::NotKept, KeeperError::of_a_write))
    }

    /// The vault as it is kept, if it is this one; asked a few times, as a read may be of before
    /// the last write.
    async fn read_back(&self, vault: &Vault) -> Result<Option<Vault>, KeeperError> {
        let limits = self.lease.hold.limits();
        for left in (0..limits.absences.max(1)).rev() {
            match self.api().reads().tenant_secret(&self.key).await {
                Ok(text) => {
                    let found = Vault::parse(&text).ok();
                    if let Some(found) = found.filter(|found| found == vault) {
                        return Ok(Some(found));
                    }
                }
                Err(Error {
                    class: Class::Absent,
                    ..
                }) => {}
                Err(error) => return Err(KeeperError::of_a_read(error)),
            }
            if left > 0 {
                tokio::time::sleep(Absence::pause(limits)).await;
            }
        }
        Ok(None)
    }

    fn api(&self) -> &WriteApi {
        self.lease.hold.api()
    }
}
