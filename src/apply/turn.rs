use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Event, EventKind, Failure, Fate, Limits, Waiting};
use crate::model::{Address, Endpoint};
use crate::osc::{Class, Instance, Subscription, WriteApi};
use crate::plan::{Filled, InstanceTarget};

/// One instance's turn: everything that carrying out its step needs.
pub(super) struct Turn {
    pub(super) address: Address,
    pub(super) target: InstanceTarget,
    pub(super) filled: Filled,
    /// Whether a dependant can only go on with ports that the plan has not seen.
    pub(super) wants_ports_now: bool,
    pub(super) subscription: Subscription,
    pub(super) api: WriteApi,
    pub(super) changes: Arc<Semaphore>,
    pub(super) limits: Limits,
    pub(super) stop: CancellationToken,
    pub(super) events: mpsc::UnboundedSender<Event>,
    pub(super) begun: Instant,
}

/// How a turn ended, and where the instance can be reached now.
pub(super) type Ended = (Fate, Option<Endpoint>);

impl Turn {
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
        if self.stop.is_cancelled() || self.changes.is_closed() {
            return Err(Fate::NotBegun);
        }
        Ok(())
    }

    /// The instance as it is now; nothing where the service says that there is none.
    pub(super) async fn read(&self) -> Result<Option<Instance>, Failure> {
        let (service, name) = (&self.target.service, &self.target.name);
        let reads = self.api.reads();
        match reads.instance(&self.subscription, service, name).await {
            Ok(instance) => Ok(Some(instance)),
            Err(error) if error.class == Class::Absent => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the instance has every value it is to have.
    pub(super) fn is_met_by(&self, now: &Instance) -> bool {
        self.target.is_met_by(&self.filled, now)
    }

    pub(super) fn waiting(&self, waiting: Waiting) {
        self.tell(EventKind::Waiting(waiting));
    }

    pub(super) fn tell(&self, kind: EventKind) {
        let at = self.begun.elapsed();
        // Nobody listening any more is no reason to stop changing what is half changed.
        let _ = self.events.send(Event {
            at,
            address: self.address.clone(),
            kind,
        });
    }
}
