use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Limits;
use crate::osc::{Class, Clock, WriteApi};

mod error;
mod hold;
mod renewal;

pub use error::LeaseError;
use hold::Hold;

/// How often a lease is asked for where it vanishes again.
const ROUNDS: u32 = 3;
/// How many times as long a lease that was written late has to settle: whoever held it may not
/// have been seen, and finds out when it renews.
const LATE: u32 = 40;
/// How long a renewal under way is waited for before the lease is left to end by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who wants to change a stack.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The stack.
    pub stack: String,
    /// This run, under a name that no other has.
    pub run: String,
    /// Who runs it and where, for people.
    pub who: String,
    /// Whether a lease that has not ended is taken from whoever holds it.
    pub take_over: bool,
}

/// What came of asking for a lease.
pub enum Leased {
    /// Nobody else changes the stack.
    Held(Lease),
    /// The platform has no tenant secrets, so nothing keeps others from changing the stack.
    Unsupported,
}

/// A stack that nobody else changes, as far as all keep to it.
///
/// Kept among the tenant secrets, for five minutes from its last renewal, which is each minute.
/// The platform cannot compare and swap, so that a lease which was written has to stay the same
/// for a while before it counts (Fischer's algorithm). That holds while whoever finds it free has
/// written its own within that while; a run that was slower than that waits until those it may
/// have overwritten have noticed.
///
/// One that is dropped without [`Lease::release`] ends by itself.
pub struct Lease {
    pub(super) hold: Arc<Hold>,
    renewal: Mutex<Option<JoinHandle<()>>>,
    over: CancellationToken,
}

impl Lease {
    /// Takes the lease of a stack and goes on renewing it.
    ///
    /// # Errors
    /// [`LeaseError::Held`] where another run has it, [`LeaseError::NotUnderstood`] where it
    /// cannot be told whether one has; both only without [`Claim::take_over`].
    pub async fn acquire(
        api: &WriteApi,
        clock: Clock,
        limits: Limits,
        claim: Claim,
        stop: &CancellationToken,
    ) -> Result<Leased, LeaseError> {
        let take_over = claim.take_over;
        let hold = Arc::new(Hold::new(api.clone(), clock, limits, claim));
        match acquired(&hold, take_over, stop).await {
            Ok(()) => Ok(Leased::Held(Self::renewed(hold))),
            Err(LeaseError::Failed(error)) if error.class == Class::Unsupported => {
                Ok(Leased::Unsupported)
            }
            Err(error) => {
                if hold.may_be_written() {
                    // Whatever fails now: it ends by itself.
                    let _ = tokio::time::timeout(PATIENCE, hold.give_back()).await;
                }
                Err(error)
            }
        }
    }

    fn renewed(hold: Arc<Hold>) -> Self {
        let over = CancellationToken::new();
        let renewal = tokio::spawn(renewal::renew(Arc::clone(&hold), over.clone()));
        Self {
            hold,
            renewal: Mutex::new(Some(renewal)),
            over,
        }
    }

    /// Makes sure that it is still held; to be asked right before something that must not happen
    /// twice.
    ///
    /// # Errors
    /// Where it is lost, or where that cannot be told: [`LeaseError::Failed`].
    pub async fn check(&self) -> Result<(), LeaseError> {
        self.hold.confirm().await
    }

    /// Cancelled once it is lost, or cannot be renewed before it ends: nothing new may begin
    /// then.
    pub fn lost(&self) -> &CancellationToken {
        self.hold.lost()
    }

    /// Why it is lost, if it is.
    pub fn loss(&self) -> Option<&LeaseError> {
        self.hold.loss()
    }

    /// Gives it back, so that the next run need not wait for its end; only where it is still
    /// this run's.
    ///
    /// # Errors
    /// Where that failed: the lease then ends by itself.
    pub async fn release(&self) -> Result<(), LeaseError> {
        self.over.cancel();
        let renewal = self.taken_renewal();
        if let Some(mut renewal) = renewal
            && tokio::time::timeout(PATIENCE, &mut renewal).await.is_err()
        {
            // It may still write the lease, which must not come after its removal.
            renewal.abort();
            return Err(LeaseError::NotGivenBack);
        }
        match self.loss() {
            Some(_) => Ok(()),
            None => self.hold.give_back().await,
        }
    }

    fn taken_renewal(&self) -> Option<JoinHandle<()>> {
        let mut renewal = self.renewal.lock().unwrap_or_else(PoisonError::into_inner);
        renewal.take()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(renewal) = self.taken_renewal() {
            renewal.abort();
        }
    }
}

/// Reads, writes, waits and reads back, until the lease is there or another's.
async fn acquired(
    hold: &Hold,
    take_over: bool,
    stop: &CancellationToken,
) -> Result<(), LeaseError> {
    let settle = hold.limits().lease_settle;
    for _ in 0..ROUNDS {
        let mut begun = Instant::now();
        unless(stop, hold.find_free(take_over)).await??;
        if begun.elapsed() * 2 > settle {
            // What a slow answer says may be too old to write upon.
            begun = Instant::now();
            unless(stop, hold.find_free(take_over)).await??;
        }
        // To its end, so that it does not come after the lease was given back.
        hold.write().await?;
        let late = begun.elapsed() > settle;
        let rest = tokio::time::sleep(if late { settle * LATE } else { settle });
        unless(stop, rest).await?;
        if unless(stop, hold.is_there()).await?? {
            return Ok(());
        }
    }
    Err(LeaseError::Removed)
}

async fn unless<T>(
    stop: &CancellationToken,
    what: impl Future<Output = T>,
) -> Result<T, LeaseError> {
    let done = stop.run_until_cancelled(what).await;
    done.ok_or(LeaseError::Interrupted)
}
