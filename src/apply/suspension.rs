use std::time::Duration;

use tokio::sync::SemaphorePermit;
use tokio::time::Instant;

use super::absence::Absence;
use super::event::Teller;
use super::gate::{Asked, Gate};
use super::marker::Marker;
use super::pace::pause;
use super::records::{Caller, Records};
use super::step::moved;
use super::{EventKind, Failure, Fate, Limits, Waiting};
use crate::model::Address;
use crate::osc::{Class, Error, Instance, Subscription, Suspended, WriteApi};
use crate::plan::{Filled, InstanceTarget, Subject};

/// How long a resume may take (API notes 6.12), and a removal of what is suspended.
const LIMIT: Duration = Duration::from_secs(300);

/// A suspended instance, which no service API knows, and what its turn needs.
pub(super) struct Suspension {
    pub(super) address: Address,
    /// Its record when the plan was made.
    pub(super) record: Suspended,
    pub(super) target: InstanceTarget,
    /// None while all of its service are suspended (API notes 4.3).
    pub(super) subscription: Option<Subscription>,
    /// What it is to hold.
    pub(super) filled: Filled,
    pub(super) records: Records,
    pub(super) marker: Marker,
    pub(super) api: WriteApi,
    pub(super) gate: Gate,
    pub(super) limits: Limits,
    pub(super) teller: Teller,
}

/// What became of it since the plan was made.
pub(super) enum Now {
    Suspended,
    Running,
    Gone,
}

impl Suspension {
    /// The subscription of its service, where there is one now.
    pub(super) async fn find_subscription(&mut self) -> Result<Option<Subscription>, Error> {
        if self.subscription.is_none() {
            let all = self.api.reads().subscriptions().await?;
            self.subscription = all
                .into_iter()
                .find(|it| it.service == self.target.service.id);
        }
        Ok(self.subscription.clone())
    }

    /// What it is now; stale where its options changed since the plan was made.
    pub(super) async fn now(&mut self) -> Result<Now, Fate> {
        let gate = self.gate.clone();
        let record = gate.unless_stopped(self.listed()).await;
        match record.ok_or(Fate::NotBegun)?? {
            Some(record) if record.options != self.record.options => {
                Err(Fate::Stale(moved(&self.record.options, &record.options)))
            }
            record => {
                let running = gate.unless_stopped(self.running()).await;
                Ok(match (running.ok_or(Fate::NotBegun)??, record) {
                    (Some(_), _) => Now::Running,
                    (None, Some(_)) => Now::Suspended,
                    (None, None) => Now::Gone,
                })
            }
        }
    }

    /// The same with a place among the changes under way, once that is certain: an instance that an
    /// earlier call has resumed is for a while neither listed nor shown (API notes 6.12).
    pub(super) async fn now_for_certain<'g>(
        &mut self,
        gate: &'g Gate,
    ) -> Result<(Now, SemaphorePermit<'g>), Fate> {
        let (begun, limit) = (Instant::now(), self.limits.hidden);
        let mut told = false;
        loop {
            let slot = gate.slot().await?;
            let now = self.now().await;
            let waited = begun.elapsed();
            if waited >= limit || !is_hidden(&now) {
                return Ok((now?, slot));
            }
            drop(slot);
            if !std::mem::replace(&mut told, true) {
                self.tell(EventKind::Waiting(Waiting::Shown));
            }
            let rest = pause(&self.limits, &self.address, waited, limit);
            if gate.rest(rest).await.is_interrupted() {
                return Err(Fate::NotBegun);
            }
        }
    }

    async fn listed(&self) -> Result<Option<Suspended>, Error> {
        let services = [self.target.service.clone()];
        let all = self.api.reads().suspended(&services).await?;
        let mut all = all.into_iter();
        Ok(all.find(|it| it.is_of(&self.record.service, &self.record.name)))
    }

    /// The instance, where its service shows it.
    pub(super) async fn running(&mut self) -> Result<Option<Instance>, Error> {
        let Some(subscription) = self.find_subscription().await? else {
            return Ok(None);
        };
        let (reads, name) = (self.api.reads(), &self.record.name);
        match reads
            .instance(&subscription, &self.target.service, name)
            .await
        {
            Err(error) if error.class == Class::Absent => Ok(None),
            read => read.map(Some),
        }
    }

    /// Follows up a call that was not answered: whether its record is gone in time.
    pub(super) async fn until_unlisted(&self, doubt: &Error, begun: Instant) -> Result<bool, Fate> {
        let mut absence = Absence::default();
        loop {
            match self.gate.ask(LIMIT, self.listed()).await {
                Asked::Interrupted => return Err(undecided(doubt)),
                Asked::Answer(Err(error)) if error.class == Class::SignedOut => {
                    return Err(Failure::from(error).hint(MAY_RUN).sent().into());
                }
                Asked::Answer(Ok(None)) if absence.is_certain(&self.limits) => return Ok(true),
                Asked::Answer(Ok(Some(_))) => absence = Absence::default(),
                Asked::Answer(Ok(None) | Err(_)) | Asked::TooLate => {}
            }
            if begun.elapsed() >= LIMIT {
                return Ok(false);
            }
            if self
                .gate
                .rest(self.limits.longest_pause)
                .await
                .is_interrupted()
            {
                return Err(undecided(doubt));
            }
        }
    }

    /// The instance as its marks name it.
    pub(super) fn subject(&self) -> Subject<'_> {
        self.marker.subject(&self.target)
    }

    /// Who calls, for whoever looks after the records of others.
    pub(super) fn caller(&self) -> Caller<'_> {
        Caller {
            service: &self.record.service,
            name: &self.record.name,
            address: &self.address,
            api: &self.api,
            gate: &self.gate,
            limits: &self.limits,
        }
    }

    pub(super) fn tell(&self, kind: EventKind) {
        self.teller.tell(&self.address, kind);
    }
}

/// Whether it may be there without being shown.
fn is_hidden(now: &Result<Now, Fate>) -> bool {
    match now {
        Ok(now) => matches!(now, Now::Gone),
        Err(Fate::Failed(failure)) => failure.class == Some(Class::Transient),
        Err(_) => false,
    }
}

pub(super) const RUNS: &str = "it was suspended when the plan was made, and runs now";
pub(super) const MAY_RUN: &str = "the platform may still do it: run plan in a few minutes to see";

fn undecided(doubt: &Error) -> Fate {
    Failure::from(doubt.clone()).hint(MAY_RUN).sent().into()
}
