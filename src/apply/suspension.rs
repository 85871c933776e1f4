use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::absence::Absence;
use super::event::Teller;
use super::gate::{Asked, Gate};
use super::records::{Caller, Records};
use super::step::moved;
use super::turn::Ended;
use super::{EventKind, Failure, Fate, Limits, Waiting};
use crate::catalog::Service;
use crate::model::Address;
use crate::osc::{Class, Error, Instance, Subscription, Suspended, WriteApi};
use crate::plan::Action;

/// How long a resume may take (API notes 6.12), and a removal of what is suspended.
const LIMIT: Duration = Duration::from_secs(300);

/// How long the subscription may take that comes back with the instance.
const SUBSCRIBED: Duration = Duration::from_secs(60);

/// A suspended instance, which no service API knows, and what its turn needs.
pub(super) struct Suspension {
    pub(super) address: Address,
    /// Its record when the plan was made.
    pub(super) record: Suspended,
    pub(super) service: Arc<Service>,
    /// None while all of its service are suspended (API notes 4.3).
    pub(super) subscription: Option<Subscription>,
    pub(super) records: Records,
    pub(super) api: WriteApi,
    pub(super) gate: Gate,
    pub(super) limits: Limits,
    pub(super) teller: Teller,
}

/// What became of it since the plan was made.
enum Now {
    Suspended,
    Running,
    Gone,
}

impl Suspension {
    /// Lets it run again, with one request whatever the answer; returns when it was resumed,
    /// nothing where somebody else has done so.
    pub(super) async fn resume(&mut self) -> Result<Option<Instant>, Fate> {
        let alone = self.records.alone(&self.gate).await?;
        let resumed = self.resume_alone().await;
        if matches!(resumed, Ok(Some(_)) | Err(Fate::Failed(_))) {
            alone.give_back(&self.caller()).await;
        }
        resumed
    }

    async fn resume_alone(&mut self) -> Result<Option<Instant>, Fate> {
        let gate = self.gate.clone();
        let slot = gate.slot().await?;
        match self.now().await? {
            Now::Suspended => {}
            Now::Running => return Ok(None),
            Now::Gone => return Err(Fate::Stale(GONE.to_owned())),
        }
        self.gate.may_begin()?;
        let begun = Instant::now();
        let sent = self.api.resume(&self.record).await;
        drop(slot);
        match sent {
            Ok(()) => self.tell(EventKind::Accepted(Action::Resume)),
            Err(error) if error.class == Class::Absent => return Err(Fate::Stale(GONE.to_owned())),
            Err(error) if error.leaves_open() => {
                self.tell(EventKind::Waiting(Waiting::Resumed));
                let is_over = self.until_unlisted(&error, begun).await?;
                // Given up, it may run and still be listed (API notes 6.12).
                if !is_over && !matches!(self.running().await, Ok(Some(_))) {
                    return Err(Failure::from(error).hint(MAY_RUN).sent().into());
                }
            }
            Err(error) => return Err(error.into()),
        }
        Ok(Some(Instant::now()))
    }

    /// Removes it, which frees its name.
    pub(super) async fn discard(&mut self) -> Result<Ended, Fate> {
        let alone = self.records.alone(&self.gate).await?;
        let ended = self.discard_alone().await;
        if matches!(ended, Ok((Fate::Applied, _)) | Err(Fate::Failed(_))) {
            alone.give_back(&self.caller()).await;
        }
        ended
    }

    async fn discard_alone(&mut self) -> Result<Ended, Fate> {
        let gate = self.gate.clone();
        let slot = gate.slot().await?;
        match self.now().await? {
            Now::Suspended => {}
            Now::Running => return Err(Fate::Stale(RUNS.to_owned())),
            Now::Gone => return Ok((Fate::AlreadySo, None)),
        }
        self.gate.may_begin()?;
        let begun = Instant::now();
        let sent = self.api.discard_suspended(&self.record).await;
        drop(slot);
        match sent {
            Ok(()) => self.tell(EventKind::Accepted(Action::Delete)),
            Err(error) if error.leaves_open() => {
                self.tell(EventKind::Waiting(Waiting::Gone));
                if !self.until_unlisted(&error, begun).await? {
                    return Err(Failure::from(error).sent().into());
                }
            }
            Err(error) => return Err(error.into()),
        }
        Ok((Fate::Applied, None))
    }

    /// The subscription of its service, which comes back with it.
    pub(super) async fn subscribed(&mut self) -> Result<Subscription, Fate> {
        let begun = Instant::now();
        loop {
            let left = SUBSCRIBED.saturating_sub(begun.elapsed());
            let gate = self.gate.clone();
            let failure = match gate.ask(left, self.find_subscription()).await {
                Asked::Interrupted => return Err(Fate::NotAwaited),
                Asked::Answer(Ok(Some(subscription))) => return Ok(subscription),
                Asked::Answer(Err(error)) => Failure::from(error),
                Asked::Answer(Ok(None)) | Asked::TooLate => Failure::new("it is not listed"),
            };
            let signed_out = failure.class == Some(Class::SignedOut);
            if signed_out || begun.elapsed() >= SUBSCRIBED {
                let (service, why) = (&self.service.id, failure.message);
                let message =
                    format!("resumed, but the subscription to {service} is missing: {why}");
                return Err(Fate::NotReady(Failure { message, ..failure }.sent()));
            }
            if gate.rest(self.limits.longest_pause).await.is_interrupted() {
                return Err(Fate::NotAwaited);
            }
        }
    }

    async fn find_subscription(&mut self) -> Result<Option<Subscription>, Error> {
        if self.subscription.is_none() {
            let all = self.api.reads().subscriptions().await?;
            self.subscription = all.into_iter().find(|it| it.service == self.service.id);
        }
        Ok(self.subscription.clone())
    }

    /// What it is now; stale where its options changed since the plan was made.
    async fn now(&mut self) -> Result<Now, Fate> {
        let gate = self.gate.clone();
        let record = gate.unless_stopped(self.listed()).await;
        match record.ok_or(Fate::NotBegun)?? {
            Some(record) if record.options != self.record.options => {
                Err(Fate::Stale(moved(&self.record.options, &record.options)))
            }
            Some(_) if self.subscription.is_none() => Ok(Now::Suspended),
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

    async fn listed(&self) -> Result<Option<Suspended>, Error> {
        let services = [self.service.clone()];
        let all = self.api.reads().suspended(&services).await?;
        let mut all = all.into_iter();
        Ok(all.find(|it| it.is_of(&self.record.service, &self.record.name)))
    }

    async fn running(&mut self) -> Result<Option<Instance>, Error> {
        let Some(subscription) = self.find_subscription().await? else {
            return Ok(None);
        };
        let (reads, name) = (self.api.reads(), &self.record.name);
        match reads.instance(&subscription, &self.service, name).await {
            Err(error) if error.class == Class::Absent => Ok(None),
            read => read.map(Some),
        }
    }

    /// Follows up a call that was not answered: whether its record is gone in time.
    async fn until_unlisted(&self, doubt: &Error, begun: Instant) -> Result<bool, Fate> {
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

    fn caller(&self) -> Caller<'_> {
        Caller {
            service: &self.record.service,
            name: &self.record.name,
            address: &self.address,
            api: &self.api,
            gate: &self.gate,
            limits: &self.limits,
        }
    }

    fn tell(&self, kind: EventKind) {
        self.teller.tell(&self.address, kind);
    }
}

const GONE: &str =
    "it was suspended when the plan was made, and is neither suspended nor there now";
pub(super) const RUNS: &str = "it was suspended when the plan was made, and runs now";
const MAY_RUN: &str = "the platform may still do it: run plan in a few minutes to see";

fn undecided(doubt: &Error) -> Fate {
    Failure::from(doubt.clone()).hint(MAY_RUN).sent().into()
}
