use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

use super::Fate;
use super::pace::Rest;

/// What a question may take beyond the limit of the wait it belongs to.
const LAST_ANSWER: Duration = Duration::from_secs(10);

/// Whether something new may begin, and for how long something may be waited for.
#[derive(Clone)]
pub(super) struct Gate {
    /// The places for changes under way; closed when nothing new is to begin.
    pub(super) changes: Arc<Semaphore>,
    pub(super) stop: CancellationToken,
}

/// What came of a question within a wait.
pub(super) enum Asked<T> {
    Answer(T),
    TooLate,
    Interrupted,
}

impl Gate {
    /// Whether nothing new is to begin.
    pub(super) fn is_shut(&self) -> bool {
        self.stop.is_cancelled() || self.changes.is_closed()
    }

    /// A place among the changes under way; none once nothing new is to begin.
    pub(super) async fn slot(&self) -> Result<SemaphorePermit<'_>, Fate> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Fate::NotBegun),
            slot = self.changes.acquire() => slot.map_err(|_| Fate::NotBegun),
        }
    }

    /// The last look before a change is sent: reading the target again took its time.
    pub(super) fn may_begin(&self) -> Result<(), Fate> {
        if self.is_shut() {
            return Err(Fate::NotBegun);
        }
        Ok(())
    }

    /// Pauses, unless the run is interrupted.
    pub(super) async fn rest(&self, pause: Duration) -> Rest {
        match self.unless_stopped(tokio::time::sleep(pause)).await {
            None => Rest::Interrupted,
            Some(()) => Rest::Over,
        }
    }

    /// Asks something that changes nothing, and is not worth waiting for once the run is
    /// interrupted.
    pub(super) async fn unless_stopped<T>(&self, question: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            answer = question => Some(answer),
        }
    }

    /// The same within the time that is left of a wait: a question alone, with its repetitions,
    /// could take minutes.
    pub(super) async fn ask<T>(
        &self,
        left: Duration,
        question: impl Future<Output = T>,
    ) -> Asked<T> {
        let in_time = tokio::time::timeout(left.max(LAST_ANSWER), question);
        match self.unless_stopped(in_time).await {
            None => Asked::Interrupted,
            Some(Err(_)) => Asked::TooLate,
            Some(Ok(answer)) => Asked::Answer(answer),
        }
    }
}
