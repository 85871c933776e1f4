use std::sync::Arc;

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::{Failure, Keeper, KeeperError, Lease};

/// The vault of a run, opened when somebody first needs it: that there is none takes a while to be
/// certain of, and a stack without secrets has no use for one.
pub(super) struct Safe {
    lease: Arc<Lease>,
    new_key: Zeroizing<[u8; 32]>,
    stop: CancellationToken,
    keeper: OnceCell<Keeper>,
}

impl Safe {
    pub(super) fn new(
        lease: Arc<Lease>,
        new_key: Zeroizing<[u8; 32]>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            lease,
            new_key,
            stop,
            keeper: OnceCell::new(),
        }
    }

    /// The vault.
    pub(super) async fn open(&self) -> Result<&Keeper, KeeperError> {
        self.keeper
            .get_or_try_init(|| Keeper::open(Arc::clone(&self.lease), *self.new_key, &self.stop))
            .await
    }

    /// The vault, if anybody needed it.
    pub(super) fn opened(&self) -> Option<&Keeper> {
        self.keeper.get()
    }
}

impl From<KeeperError> for Failure {
    fn from(error: KeeperError) -> Self {
        let failure = Self::new(error.to_string());
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
