use std::time::Duration;

use tokio::time::Instant;

use super::gate::Asked;
use super::restore::after_resume;
use super::suspension::{MAY_RUN, Now, RUNS, Suspension};
use super::turn::{Ended, Turn};
use super::{EventKind, Failure, Fate, Waiting};
use crate::osc::{Class, Subscription};
use crate::plan::Action;

/// How long the subscription may take that comes back with the instance.
const SUBSCRIBED: Duration = Duration::from_secs(60);

const GONE: &str =
    "it was suspended when the plan was made, and is neither suspended nor there now";

impl Suspension {
    /// Carries out the action: removes it, or lets it run again and makes it what it should be.
    pub(super) async fn take(
        mut self,
        action: Action,
        turn: impl FnOnce(Subscription) -> Turn,
    ) -> Ended {
        let ended = match action {
            Action::Delete => self.discard().await,
            Action::Adopt => self.adopt().await,
            _ => self.restore(turn).await,
        };
        ended.unwrap_or_else(|fate| (fate, None))
    }

    /// Takes its record over as it is.
    async fn adopt(&mut self) -> Result<Ended, Fate> {
        match self.now().await? {
            Now::Suspended => {}
            Now::Running => return Err(Fate::Stale(RUNS.to_owned())),
            Now::Gone => return Err(Fate::Stale(GONE.to_owned())),
        }
        let (subject, tags) = (self.subject(), &self.target.tags);
        self.marker.check_unmoved(subject, tags).await?;
        self.gate.may_begin()?;
        let (options, protect) = (&self.record.options, self.target.protect);
        self.marker.take_over(subject, options, protect).await?;
        Ok((Fate::Applied, None))
    }

    async fn restore(&mut self, turn: impl FnOnce(Subscription) -> Turn) -> Result<Ended, Fate> {
        let resumed = self.resume().await?;
        let turn = turn(self.subscribed().await?);
        match resumed {
            Some(at) => turn.restored(at).await.map_err(after_resume),
            None => turn.found_running().await,
        }
    }

    /// Lets it run again, with one request whatever the answer; returns when it was resumed,
    /// nothing where somebody else has done so.
    async fn resume(&mut self) -> Result<Option<Instant>, Fate> {
        let alone = self.records.alone(&self.gate).await?;
        let resumed = self.resume_alone().await;
        alone.give_back(&resumed, &self.caller()).await;
        resumed
    }

    async fn resume_alone(&mut self) -> Result<Option<Instant>, Fate> {
        let gate = self.gate.clone();
        let (now, slot) = self.now_for_certain(&gate).await?;
        match now {
            Now::Suspended => {}
            Now::Running => return Ok(None),
            Now::Gone => return Err(Fate::Stale(GONE.to_owned())),
        }
        let (subject, tags) = (self.subject(), &self.target.tags);
        self.marker.check_unmoved(subject, tags).await?;
        self.gate.may_begin()?;
        self.store_secrets().await?;
        let begun = Instant::now();
        let sent = self.api.resume(&self.record).await;
        drop(slot);
        match sent {
            Ok(()) => self.tell(EventKind::Accepted(Action::Resume)),
            // Another call may just have been done: its record goes, and it shows later.
            Err(error) if error.class == Class::Absent => {
                let (now, _) = self.now_for_certain(&gate).await?;
                return match now {
                    Now::Running => Ok(None),
                    Now::Suspended | Now::Gone => Err(Fate::Stale(GONE.to_owned())),
                };
            }
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

    /// Stores the values that it reads when it starts, where they are others than it had.
    async fn store_secrets(&self) -> Result<(), Fate> {
        let kept = Some(&self.record.options);
        let known = self.target.known_secrets(&self.filled, kept);
        if known.is_empty() || !self.target.gives_secrets {
            return Ok(());
        }
        let service = &self.target.service.id;
        Ok(self.api.put_service_secrets(service, &known).await?)
    }

    /// Removes it, which frees its name.
    async fn discard(&mut self) -> Result<Ended, Fate> {
        let alone = self.records.alone(&self.gate).await?;
        let ended = self.discard_alone().await;
        alone.give_back(&ended, &self.caller()).await;
        ended
    }

    async fn discard_alone(&mut self) -> Result<Ended, Fate> {
        let gate = self.gate.clone();
        let (now, slot) = self.now_for_certain(&gate).await?;
        match now {
            Now::Suspended => {}
            Now::Running => return Err(Fate::Stale(RUNS.to_owned())),
            Now::Gone => return self.after_discard(Fate::AlreadySo).await,
        }
        let (subject, tags) = (self.subject(), &self.target.tags);
        self.marker.check_unmoved(subject, tags).await?;
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
        self.after_discard(Fate::Applied).await
    }

    /// Unmarks the name, which another instance would inherit (API notes 6.13).
    async fn after_discard(&self, fate: Fate) -> Result<Ended, Fate> {
        let unmarked = self.marker.unmark(self.subject()).await;
        unmarked.map_err(Failure::sent)?;
        Ok((fate, None))
    }

    /// The subscription of its service, which comes back with it.
    async fn subscribed(&mut self) -> Result<Subscription, Fate> {
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
                let (service, why) = (&self.target.service.id, failure.message);
                let message =
                    format!("resumed, but the subscription to {service} is missing: {why}");
                return Err(Fate::NotReady(Failure { message, ..failure }.sent()));
            }
            if gate.rest(self.limits.longest_pause).await.is_interrupted() {
                return Err(Fate::NotAwaited);
            }
        }
    }
}
