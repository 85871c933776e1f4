use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Failure, Fate, Shortfall};
use crate::model::{Address, Level};
use crate::plan::Action;

/// Something that happened during an apply.
#[derive(Debug, Clone)]
pub struct Event {
    /// Since the apply began.
    pub at: Duration,
    /// The step it happened to.
    pub address: Address,
    /// What it was.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum EventKind {
    /// The step has begun.
    Started(Action),
    /// A change was sent to the platform and accepted.
    Accepted(Action),
    /// The step waits; repeated with each new answer.
    Waiting(Waiting),
    /// The instance counts as ready without having been seen at its level.
    NotChecked(Shortfall),
    /// The step is over and did not fail.
    Finished(Fate),
    /// The step failed.
    Failed(Failure),
    /// The step will not run, because this one failed.
    Skipped(Address),
}

/// What a step waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// The instance to be ready.
    Ready {
        /// The level it has to reach.
        level: Level,
        /// The level it has reached.
        reached: Level,
        /// The last answer of its health check or, from `healthy` on, of its endpoint.
        last: Option<String>,
    },
    /// The instance to get its ports.
    Ports,
    /// The instance to be gone.
    Gone,
    /// A resume that was not answered to come to its end.
    Resumed,
    /// The resumed instance to be known to its service again.
    Shown,
    /// The platform to stop writing the options from before the suspension.
    Kept,
    /// What a run that was cut off may have asked for to appear after all.
    Belated,
}

/// Whom a run tells what happens.
#[derive(Clone)]
pub(super) struct Teller {
    pub(super) begun: Instant,
    pub(super) events: mpsc::UnboundedSender<Event>,
}

impl Teller {
    pub(super) fn tell(&self, address: &Address, kind: EventKind) {
        // Nobody listening any more is no reason to stop changing what is half changed.
        let _ = self.events.send(Event {
            at: self.begun.elapsed(),
            address: address.clone(),
            kind,
        });
    }
}
