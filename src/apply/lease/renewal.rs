use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::LeaseError;
use super::hold::{Hold, MARGIN};

const EACH: Duration = Duration::from_secs(60);
/// How long after a renewal that failed there is another.
const AGAIN: Duration = Duration::from_secs(5);

/// Renews a lease each minute until it is over, or lost.
pub(super) async fn renew(hold: Arc<Hold>, over: CancellationToken) {
    let mut pause = EACH;
    while !hold.lost().is_cancelled() {
        let rest = tokio::time::sleep(pause.min(left(&hold)));
        if over.run_until_cancelled(rest).await.is_none() {
            return;
        }
        let renewed = tokio::time::timeout(left(&hold), renewed(&hold, &over)).await;
        let failure = match renewed {
            Ok(Ok(())) => {
                pause = EACH;
                continue;
            }
            Ok(Err(LeaseError::Failed(error))) => Some(error),
            Ok(Err(_)) | Err(_) => None,
        };
        pause = AGAIN;
        if left(&hold).is_zero() {
            hold.lose(LeaseError::Ended(failure));
        }
    }
}

/// Reading is of no use any more once the lease is over; writing must come to its end.
async fn renewed(hold: &Hold, over: &CancellationToken) -> Result<(), LeaseError> {
    match over.run_until_cancelled(hold.confirm()).await {
        None => Ok(()),
        Some(Ok(())) => hold.write().await,
        Some(Err(error)) => Err(error),
    }
}

/// How long the lease can still be counted upon.
fn left(hold: &Hold) -> Duration {
    hold.left().saturating_sub(MARGIN)
}
