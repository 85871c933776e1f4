use std::sync::atomic::{AtomicBool, Ordering};

use super::event::Teller;
use super::gate::Gate;
use super::marker::Marker;
use super::records::{Alone, Caller, Records};
use super::{EventKind, Failure, Fate, Limits, Waiting};
use crate::model::{Address, Endpoint};
use crate::osc::{Class, Instance, ReadApi, Subscription, WriteApi};
use crate::plan::{Action, Filled, InstanceTarget, Subject};

/// One instance's turn: everything that carrying out its step needs.
pub(super) struct Turn {
    pub(super) address: Address,
    pub(super) target: InstanceTarget,
    pub(super) filled: Filled,
    /// Whether a dependant can only go on with ports that the plan has not seen.
    pub(super) wants_ports_now: bool,
    pub(super) subscription: Subscription,
    pub(super) api: WriteApi,
    pub(super) records: Records,
    pub(super) marker: Marker,
    pub(super) gate: Gate,
    pub(super) limits: Limits,
    pub(super) teller: Teller,
    /// Whether it has been told that the step began: of an instance that turns out to be ready as
    /// it is, nothing is told.
    pub(super) begun: AtomicBool,
}

/// How a turn ended, and where the instance can be reached now.
pub(super) type Ended = (Fate, Option<Endpoint>);

impl Turn {
    /// The instance as it is now; nothing where the service says that there is none.
    pub(super) async fn read(&self) -> Result<Option<Instance>, Failure> {
        self.ask_for_it(self.api.reads()).await
    }

    /// The same for whoever asks again anyway.
    pub(super) async fn poll(&self) -> Result<Option<Instance>, Failure> {
        self.ask_for_it(&self.api.reads().polling()).await
    }

    async fn ask_for_it(&self, reads: &ReadApi) -> Result<Option<Instance>, Failure> {
        let (service, name) = (&self.target.service, &self.target.name);
        match reads.instance(&self.subscription, service, name).await {
            Ok(instance) => Ok(Some(instance)),
            Err(error) if error.class == Class::Absent => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The same, given up when the run is interrupted.
    pub(super) async fn read_unless_stopped(&self) -> Result<Option<Instance>, Fate> {
        let read = self.gate.unless_stopped(self.read()).await;
        Ok(read.ok_or(Fate::NotBegun)??)
    }

    /// The instance as its marks name it.
    pub(super) fn subject(&self) -> Subject<'_> {
        self.marker.subject(&self.target)
    }

    /// Marks the instance as what it is now; with the digest of the values it was given, if it was.
    pub(super) async fn mark(
        &self,
        now: &Instance,
        secrets: Option<String>,
    ) -> Result<(), Failure> {
        let protect = self.target.protect;
        let subject = self.subject();
        let secrets = secrets.or_else(|| self.target.given.clone());
        self.marker
            .prove(subject, &now.options, protect, secrets)
            .await
    }

    /// Says which values the instance has been given; that it is as the stack left it only if that
    /// was so before.
    pub(super) async fn mark_values(
        &self,
        before: &Instance,
        now: &Instance,
    ) -> Result<(), Failure> {
        let (subject, digest) = (self.subject(), self.secrets_digest());
        self.marker
            .note_values(subject, (&before.options, &now.options), digest)
            .await
    }

    /// Whether its tags are still those that the plan has seen.
    pub(super) async fn check_marks_unmoved(&self) -> Result<(), Fate> {
        let checking = self.marker.check_unmoved(self.subject(), &self.target.tags);
        let checked = self.gate.unless_stopped(checking).await;
        checked.unwrap_or(Err(Fate::NotBegun))
    }

    /// Whether the instance has every value it is to have.
    pub(super) fn is_met_by(&self, now: &Instance) -> bool {
        self.target.is_met_by(&self.filled, now)
    }

    /// Lets others call what may change suspended records, after a look at these where our own
    /// call may have been taken.
    pub(super) async fn give_back<T>(&self, alone: Option<Alone>, came_to: &Result<T, Fate>) {
        let Some(alone) = alone else {
            return;
        };
        let caller = Caller {
            service: &self.target.service.id,
            name: &self.target.name,
            address: &self.address,
            api: &self.api,
            gate: &self.gate,
            limits: &self.limits,
        };
        alone.give_back(came_to, &caller).await;
    }

    pub(super) fn waiting(&self, waiting: Waiting) {
        self.tell(EventKind::Waiting(waiting));
    }

    /// Whether anything has been told.
    pub(super) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// Tells that the step began, unless that has been told.
    pub(super) fn begin(&self) {
        if !self.begun.swap(true, Ordering::Relaxed) {
            self.teller
                .tell(&self.address, EventKind::Started(Action::Keep));
        }
    }

    pub(super) fn tell(&self, kind: EventKind) {
        self.begin();
        self.teller.tell(&self.address, kind);
    }
}
