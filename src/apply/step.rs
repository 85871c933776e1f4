use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::SemaphorePermit;

use super::absence::Waited;
use super::belief::Trust;
use super::create::Made;
use super::readiness::Readied;
use super::records::Alone;
use super::turn::{Ended, Turn};
use super::{EventKind, Failure, Fate};
use crate::model::OptionValue;
use crate::osc::{Class, Error, Instance};
use crate::plan::{Action, Marks, Proof};

impl Turn {
    /// Carries out the action.
    pub(super) async fn take(self, action: Action) -> Ended {
        let ended = match action {
            Action::Create => self.create().await,
            Action::Update => self.update().await,
            Action::Restart => self.restart().await,
            Action::Adopt => self.adopt().await,
            Action::Mark => self.mark_again().await,
            Action::Unmark => self.unmark().await,
            Action::Replace => self.replace().await,
            Action::Delete => self.delete().await,
            // Whatever is suspended has no turn before it is resumed.
            Action::Resume | Action::Keep | Action::Unknown | Action::Subscribe => {
                self.look().await
            }
        };
        ended.unwrap_or_else(|fate| (fate, None))
    }

    /// Waits for an instance that is not changed; one that is ready takes one look, of which
    /// nothing is told.
    async fn look(&self) -> Result<Ended, Fate> {
        let ended = self.look_at_live().await;
        match &ended {
            Ok((fate, _)) if self.has_begun() => self.tell(EventKind::Finished(fate.clone())),
            Ok(_) => {}
            // That it failed is told by whoever is told its end.
            Err(_) => self.begin(),
        }
        ended
    }

    async fn look_at_live(&self) -> Result<Ended, Fate> {
        let Some(live) = &self.target.live else {
            return Ok((Fate::Kept, None));
        };
        let ports = match self.until_ready(live, Trust::AtOnce).await {
            Err(failure) => return Err(Fate::NotReady(failure)),
            Ok(Readied::Interrupted) => return Ok((Fate::NotBegun, None)),
            Ok(Readied::Ready(ports) | Readied::Short(_, ports)) => ports,
        };
        if !self.wants_ports_now {
            return Ok((Fate::Kept, None));
        }
        match self.endpoint_of(live, ports).await {
            Err(failure) => Err(Fate::NotReady(failure)),
            Ok(None) => Ok((Fate::NotBegun, None)),
            Ok(endpoint) => Ok((Fate::Kept, endpoint)),
        }
    }

    async fn create(&self) -> Result<Ended, Fate> {
        match self.make().await? {
            Made::New(made) => self.settle(&made, Action::Create).await,
            Made::Found(now) => self.already_so(&now).await,
        }
    }

    async fn update(&self) -> Result<Ended, Fate> {
        let slot = self.gate.slot().await?;
        let now = self.unmoved().await?;
        self.check_marks_unmoved().await?;
        if self.is_met_by(&now) && !self.secrets_are_due() {
            drop(slot);
            return self.already_so(&now).await;
        }
        self.gate.may_begin()?;
        self.store_for_update(&now).await?;
        self.send_update(&now).await?;
        drop(slot);
        self.tell(EventKind::Accepted(Action::Update));
        self.settle(&now, Action::Update).await
    }

    pub(super) async fn store_for_update(&self, now: &Instance) -> Result<(), Fate> {
        match self.target.gives_secrets {
            true => self.store_secrets(Some(&now.options)).await,
            false => {
                self.check_secrets(now)?;
                self.store_known_secrets(Some(&now.options)).await
            }
        }
    }

    async fn restart(&self) -> Result<Ended, Fate> {
        let slot = self.gate.slot().await?;
        let now = self.unmoved().await?;
        self.check_marks_unmoved().await?;
        if !self.secrets_are_due() {
            drop(slot);
            return self.already_so(&now).await;
        }
        self.gate.may_begin()?;
        self.store_secrets(Some(&now.options)).await?;
        let sent = self.api.restart(&self.subscription, &now).await;
        drop(slot);
        sent.map_err(|error| match error.leaves_open() {
            // Nothing says that it has the new values: the next run restarts it again.
            true => Fate::Failed(Failure::from(error).sent()),
            false => error.into(),
        })?;
        self.tell(EventKind::Accepted(Action::Restart));
        self.settle(&now, Action::Restart).await
    }

    /// Marks an instance of the stack that is not changed, and waits for it: its dependants need
    /// it. Values that somebody has put into it by hand are stored for its next start.
    async fn mark_again(&self) -> Result<Ended, Fate> {
        let now = self.markable().await?;
        if self.target.gives_secrets {
            self.store_secrets(Some(&now.options)).await?;
            self.mark(&now, self.secrets_digest()).await?;
        }
        let (_, endpoint) = self.already_so(&now).await?;
        Ok((Fate::Applied, endpoint))
    }

    /// Takes an instance over as it is.
    async fn adopt(&self) -> Result<Ended, Fate> {
        let now = self.markable().await?;
        let (subject, protect) = (self.subject(), self.target.protect);
        self.marker
            .take_over(subject, &now.options, protect)
            .await?;
        Ok((Fate::Applied, None))
    }

    /// The target, if neither it nor its tags have changed since the plan was made.
    async fn markable(&self) -> Result<Instance, Fate> {
        let _slot = self.gate.slot().await?;
        let now = self.unmoved().await?;
        self.check_marks_unmoved().await?;
        self.gate.may_begin()?;
        Ok(now)
    }

    /// Takes the stack's marks off the name of something that is certainly gone.
    async fn unmark(&self) -> Result<Ended, Fate> {
        let pending = Marks::of(&self.target.tags).proof == Proof::Pending;
        let read = match pending || self.is_intended() {
            true => self.read_while_it_may_appear().await,
            false => self.read_again_and_again().await,
        };
        match read {
            Ok(None) => {}
            Ok(Some(_)) => return Err(Fate::Stale("it is there again".to_owned())),
            Err(Fate::NotAwaited) => return Err(Fate::NotBegun),
            Err(fate) => return Err(fate),
        }
        self.gate.may_begin()?;
        self.marker.unmark(self.subject()).await?;
        Ok((Fate::Applied, None))
    }

    pub(super) async fn send_update(&self, now: &Instance) -> Result<(), Fate> {
        let options = self.changes_for(now);
        let (subscription, service) = (&self.subscription, &self.target.service);
        let sent = self.api.update(subscription, service, now, &options).await;
        match sent {
            Ok(()) => Ok(()),
            // It may have been taken (API notes 13.3); a read tells.
            Err(error) if error.leaves_open() => match self.read_unless_stopped().await {
                Ok(Some(now)) if self.is_met_by(&now) => Ok(()),
                _ => Err(Failure::from(error).sent().into()),
            },
            Err(error) if error.class == Class::Unsupported => {
                let hint = "delete it, then run apply again to have it made with these options";
                Err(Failure::from(error).hint(hint).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Every declared option (API notes 14, row 13), but nothing to clear what is not set.
    fn changes_for(&self, now: &Instance) -> BTreeMap<String, Option<OptionValue>> {
        let declared = self.filled.declared.iter();
        declared
            .filter(|(name, value)| value.is_some() || now.options.contains_key(*name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    async fn replace(&self) -> Result<Ended, Fate> {
        let alone = self.records.alone_if_any(&self.gate).await?;
        let slot = self.gate.slot().await?;
        let Some(now) = self.unmoved_or_gone().await? else {
            drop((slot, alone));
            // As after a run that was cut off: what is left to do is to make the new one.
            return self.recreate().await;
        };
        self.check_marks_unmoved().await?;
        if self.is_met_by(&now) && !self.secrets_are_due() {
            drop((slot, alone));
            return self.already_so(&now).await;
        }
        self.gate.may_begin()?;
        match self.remove(&now, slot, alone).await? {
            (Waited::Interrupted, Some(error)) => Err(perhaps_deleted(error)),
            (Waited::Interrupted, None) => Err(self.not_recreated(Fate::NotBegun)),
            (Waited::Over, _) => self.recreate().await,
        }
    }

    async fn recreate(&self) -> Result<Ended, Fate> {
        let made = self.make().await;
        let (Made::New(made) | Made::Found(made)) =
            made.map_err(|fate| self.not_recreated(fate))?;
        self.settle(&made, Action::Create).await
    }

    async fn delete(&self) -> Result<Ended, Fate> {
        let alone = self.records.alone_if_any(&self.gate).await?;
        let slot = self.gate.slot().await?;
        let Some(now) = self.read_unless_stopped().await? else {
            drop((slot, alone));
            return match self.read_again_and_again().await {
                Ok(None) => self.after_delete(Fate::AlreadySo).await,
                Ok(Some(_)) => Err(Fate::Stale("it comes and goes".to_owned())),
                Err(Fate::NotAwaited) => Err(Fate::NotBegun),
                Err(fate) => Err(fate),
            };
        };
        self.check_unmoved(&now)?;
        self.check_marks_unmoved().await?;
        self.gate.may_begin()?;
        match self.remove(&now, slot, alone).await? {
            (Waited::Interrupted, Some(error)) => Err(perhaps_deleted(error)),
            (Waited::Interrupted, None) => Ok((Fate::NotAwaited, None)),
            (Waited::Over, _) => self.after_delete(Fate::Applied).await,
        }
    }

    /// Unmarks the name, which another instance would inherit (API notes 6.13).
    async fn after_delete(&self, fate: Fate) -> Result<Ended, Fate> {
        match self.marker.unmark(self.subject()).await {
            Ok(()) => Ok((fate, None)),
            Err(failure) => {
                let message = format!("deleted, but its tags are still there: {}", failure.message);
                let hint = "run apply again: it takes them off";
                Err(Failure { message, ..failure }.hint(hint).sent().into())
            }
        }
    }

    /// Deletes it and waits until it is gone; returns also the error that left open whether it
    /// would be.
    async fn remove(
        &self,
        now: &Instance,
        slot: SemaphorePermit<'_>,
        alone: Option<Alone>,
    ) -> Result<(Waited, Option<Error>), Fate> {
        let doubt = self.send_delete(now).await?;
        drop(slot);
        let gone = self.until_gone(doubt.clone()).await.map_err(Fate::Failed);
        self.give_back(alone, &gone).await;
        Ok((gone?, doubt))
    }

    /// Deletes it; returns the error that leaves open whether the platform has begun to.
    async fn send_delete(&self, now: &Instance) -> Result<Option<Error>, Fate> {
        match self.api.delete(&self.subscription, now).await {
            Ok(()) => {
                self.tell(EventKind::Accepted(Action::Delete));
                Ok(None)
            }
            Err(error) if error.leaves_open() => Ok(Some(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// The target as it is now, unless it changed since the plan was made; that it is gone is not
    /// believed after one answer.
    async fn unmoved(&self) -> Result<Instance, Fate> {
        let why = "it existed when the plan was made, and does not now";
        let now = self.unmoved_or_gone().await?;
        now.ok_or_else(|| Fate::Stale(why.to_owned()))
    }

    /// The same, or nothing where it is certainly gone.
    async fn unmoved_or_gone(&self) -> Result<Option<Instance>, Fate> {
        let read = self.read_again_and_again().await;
        let read = read.map_err(|fate| match fate {
            Fate::NotAwaited => Fate::NotBegun,
            fate => fate,
        })?;
        read.iter().try_for_each(|now| self.check_unmoved(now))?;
        Ok(read)
    }

    /// The fate of a replacement whose old instance is deleted, by what became of the create.
    fn not_recreated(&self, fate: Fate) -> Fate {
        let failure = match fate {
            Fate::Failed(failure) if failure.sent => {
                let message = format!("the old instance is deleted; {}", failure.message);
                return Failure { message, ..failure }.into();
            }
            Fate::Stale(_) => {
                let why = "the old instance is deleted, and one of its name is there again";
                let hint = "run plan to see what it holds";
                return Failure::new(why).hint(hint).sent().into();
            }
            Fate::Failed(failure) => failure,
            _ if self.gate.stop.is_cancelled() => {
                Failure::new("interrupted after the old instance was deleted")
                    .hint("run apply again to make the new one")
            }
            _ => {
                let why = "the platform stopped accepting the token after the old instance was \
                           deleted";
                Failure::new(why).hint("sign in again and run apply to make the new one")
            }
        };
        let failure = Failure {
            deleted_not_recreated: true,
            ..failure
        };
        failure.sent().into()
    }

    fn check_unmoved(&self, now: &Instance) -> Result<(), Fate> {
        match &self.target.live {
            Some(live) if live.options == now.options => Ok(()),
            Some(live) => Err(Fate::Stale(moved(&live.options, &now.options))),
            None => Err(Fate::Stale("the plan has not seen it".to_owned())),
        }
    }
}

/// The fate of a deletion that was not answered, and not followed up to its end.
fn perhaps_deleted(error: Error) -> Fate {
    let hint = "the instance may or may not be deleted: run plan to see";
    Failure::from(error).hint(hint).sent().into()
}

type Options = BTreeMap<String, OptionValue>;

/// What changed since the plan was made, by name only.
pub(super) fn moved(planned: &Options, now: &Options) -> String {
    let changed: BTreeSet<&str> = planned
        .keys()
        .chain(now.keys())
        .filter(|name| planned.get(*name) != now.get(*name))
        .map(String::as_str)
        .collect();
    let names = changed.into_iter().collect::<Vec<_>>().join("`, `");
    format!("somebody changed `{names}` after the plan was made")
}
