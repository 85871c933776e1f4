use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::wait::{Trust, Waited};
use super::{Event, EventKind, Failure, Fate, Limits, Waiting};
use crate::model::{Address, Endpoint, Level, OptionValue};
use crate::osc::{Class, Instance, Subscription, WriteApi, endpoint};
use crate::plan::{Action, Filled, InstanceTarget};

/// One instance's turn: everything that carrying out its step needs.
pub(super) struct Turn<'a> {
    pub(super) address: &'a Address,
    pub(super) target: &'a InstanceTarget,
    pub(super) filled: &'a Filled,
    pub(super) subscription: &'a Subscription,
    pub(super) api: &'a WriteApi,
    pub(super) changes: &'a Semaphore,
    pub(super) limits: &'a Limits,
    pub(super) stop: &'a CancellationToken,
    pub(super) events: &'a mpsc::UnboundedSender<Event>,
    pub(super) begun: Instant,
}

/// How a turn ended, and where the instance can be reached now.
pub(super) type Ended = (Fate, Option<Endpoint>);

impl Turn<'_> {
    /// Carries out the action.
    pub(super) async fn take(&self, action: Action) -> Ended {
        let ended = match action {
            Action::Create => self.create().await,
            Action::Update => self.update().await,
            Action::Replace => self.replace().await,
            Action::Delete => self.delete().await,
            Action::Keep | Action::Unknown | Action::Subscribe => self.look().await,
        };
        ended.unwrap_or_else(|failure| (Fate::Failed(failure), None))
    }

    /// Waits for an instance that is not changed and that something changed depends on.
    async fn look(&self) -> Result<Ended, Failure> {
        let Some(live) = &self.target.live else {
            return Ok((Fate::Kept, None));
        };
        match self.until_ready(live, Trust::AtOnce).await {
            Ok(Waited::Ready | Waited::Unchecked) => Ok((Fate::Kept, None)),
            Ok(Waited::Interrupted) => Ok((Fate::NotBegun, None)),
            Err(failure) => Ok((Fate::NotReady(failure), None)),
        }
    }

    async fn create(&self) -> Result<Ended, Failure> {
        let slot = self.slot().await?;
        if self.read().await?.is_some() {
            let message = "it did not exist when the plan was made, and does now";
            return Ok((Fate::Stale(message.to_owned()), None));
        }
        let made = self.make().await?;
        drop(slot);
        self.settle(&made, Trust::AtOnce).await
    }

    async fn update(&self) -> Result<Ended, Failure> {
        let slot = self.slot().await?;
        let now = match self.unmoved().await? {
            Unmoved::Yes(now) => now,
            Unmoved::No(why) => return Ok((Fate::Stale(why), None)),
        };
        if self.target.is_met_by(self.filled, &now) {
            return Ok((Fate::AlreadySo, Some(self.endpoint_of(&now).await?)));
        }
        let (service, options) = (&self.target.service, &self.filled.declared);
        self.api
            .update(self.subscription, service, &now, options)
            .await?;
        drop(slot);
        self.tell(EventKind::Accepted(Action::Update));
        self.settle(&now, Trust::AfterRestart).await
    }

    async fn replace(&self) -> Result<Ended, Failure> {
        let slot = self.slot().await?;
        let now = match self.unmoved().await? {
            Unmoved::Yes(now) => now,
            Unmoved::No(why) => return Ok((Fate::Stale(why), None)),
        };
        if self.target.is_met_by(self.filled, &now) {
            return Ok((Fate::AlreadySo, Some(self.endpoint_of(&now).await?)));
        }
        self.api.delete(self.subscription, &now).await?;
        drop(slot);
        self.tell(EventKind::Accepted(Action::Delete));
        let recreated = async {
            if self.until_gone(&now.name).await? == Waited::Interrupted {
                let message = "interrupted after the old instance was deleted";
                return Err(Failure::new(message).hint("run apply again to make the new one"));
            }
            let _slot = self.slot().await?;
            self.make().await
        };
        let made = recreated.await.map_err(|failure| Failure {
            deleted_not_recreated: true,
            ..failure
        })?;
        self.settle(&made, Trust::AtOnce).await
    }

    async fn delete(&self) -> Result<Ended, Failure> {
        let slot = self.slot().await?;
        let now = match self.read().await? {
            None => return Ok((Fate::AlreadySo, None)),
            Some(now) => now,
        };
        if self
            .target
            .live
            .as_ref()
            .is_some_and(|live| live.options != now.options)
        {
            return Ok((Fate::Stale(moved(&self.target.live, &now)), None));
        }
        self.api.delete(self.subscription, &now).await?;
        drop(slot);
        self.tell(EventKind::Accepted(Action::Delete));
        Ok(match self.until_gone(&now.name).await? {
            Waited::Interrupted => (Fate::NotAwaited, None),
            Waited::Ready | Waited::Unchecked => (Fate::Applied, None),
        })
    }

    async fn make(&self) -> Result<Instance, Failure> {
        let options = self.filled.for_create();
        let made = self
            .api
            .create(
                self.subscription,
                &self.target.service,
                &self.target.name,
                &options,
            )
            .await?;
        self.tell(EventKind::Accepted(Action::Create));
        if made.name != self.target.name {
            let message = format!("the platform named it `{}` instead", made.name);
            return Err(Failure::new(message).hint("use that name in the manifest"));
        }
        Ok(made)
    }

    /// Waits until the instance is ready and reads it back.
    async fn settle(&self, instance: &Instance, trust: Trust) -> Result<Ended, Failure> {
        let waited = match self.until_ready(instance, trust).await {
            Ok(Waited::Interrupted) => return Ok((Fate::NotAwaited, None)),
            Ok(waited) => waited,
            Err(failure) => return Ok((Fate::NotReady(failure), None)),
        };
        let Some(now) = self.read().await? else {
            let message = "it is not there any more when read back";
            return Err(Failure::new(message).hint("run plan to see what is"));
        };
        if !self.target.is_met_by(self.filled, &now) {
            let options = self.not_kept(&now).join("`, `");
            let message = format!("the platform did not keep the value of `{options}`");
            return Err(Failure::new(message).hint("run plan to see what it holds now"));
        }
        let fate = match waited {
            Waited::Unchecked => Fate::AppliedUnchecked,
            Waited::Ready | Waited::Interrupted => Fate::Applied,
        };
        Ok((fate, Some(self.endpoint_of(&now).await?)))
    }

    async fn until_ready(&self, instance: &Instance, trust: Trust) -> Result<Waited, Failure> {
        match self.target.ready {
            (Level::Accepted, _) => Ok(Waited::Ready),
            (Level::Healthy, limit) => self.until_healthy(instance, limit, trust).await,
        }
    }

    async fn endpoint_of(&self, instance: &Instance) -> Result<Endpoint, Failure> {
        if !self.target.wants_ports {
            return Ok(Endpoint {
                url: instance.url.clone(),
                ..Endpoint::default()
            });
        }
        let ports = self.until_ports(instance).await?.unwrap_or_default();
        let workspace = self.api.reads().workspace();
        Ok(endpoint(
            workspace,
            &self.subscription.service,
            instance,
            ports,
        ))
    }

    async fn read(&self) -> Result<Option<Instance>, Failure> {
        let (service, name) = (&self.target.service, &self.target.name);
        match self
            .api
            .reads()
            .instance(self.subscription, service, name)
            .await
        {
            Ok(instance) => Ok(Some(instance)),
            Err(error) if error.class == Class::Absent => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The target as it is now, unless it changed since the plan was made.
    async fn unmoved(&self) -> Result<Unmoved, Failure> {
        let Some(now) = self.read().await? else {
            return Ok(Unmoved::No(
                "it existed when the plan was made, and does not now".into(),
            ));
        };
        Ok(match &self.target.live {
            Some(live) if live.options == now.options => Unmoved::Yes(now),
            live => Unmoved::No(moved(live, &now)),
        })
    }

    fn not_kept(&self, now: &Instance) -> Vec<&str> {
        let differs = |(name, value): &(&String, &Option<OptionValue>)| {
            let one = Filled {
                declared: [((*name).clone(), (*value).clone())].into(),
                ..Filled::default()
            };
            !self.target.is_met_by(&one, now)
        };
        self.filled
            .declared
            .iter()
            .filter(differs)
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// A log line without any of the instance's own secrets.
    pub(super) fn without_secrets(&self, line: &str) -> String {
        let values = self.filled.declared.values().flatten();
        let live = self
            .target
            .live
            .iter()
            .flat_map(|live| live.options.values());
        values
            .chain(live)
            .filter(|value| value.is_sensitive() && !value.expose().is_empty())
            .fold(line.to_owned(), |line, value| {
                line.replace(value.expose(), "(sensitive)")
            })
    }

    async fn slot(&self) -> Result<tokio::sync::SemaphorePermit<'_>, Failure> {
        self.changes
            .acquire()
            .await
            .map_err(|_| Failure::new("the run is over"))
    }

    pub(super) fn waiting(&self, waiting: Waiting) {
        self.tell(EventKind::Waiting(waiting));
    }

    fn tell(&self, kind: EventKind) {
        let at = self.begun.elapsed();
        // Nobody listening any more is no reason to stop changing what is half changed.
        let _ = self.events.send(Event {
            at,
            address: self.address.clone(),
            kind,
        });
    }
}

enum Unmoved {
    Yes(Instance),
    No(String),
}

/// What changed since the plan was made, by name only.
fn moved(planned: &Option<Instance>, now: &Instance) -> String {
    let before = planned.iter().flat_map(|planned| &planned.options);
    let changed: std::collections::BTreeSet<&str> = before
        .clone()
        .filter(|(name, value)| now.options.get(*name) != Some(value))
        .map(|(name, _)| name.as_str())
        .chain(
            now.options
                .keys()
                .filter(|name| {
                    !planned
                        .as_ref()
                        .is_some_and(|planned| planned.options.contains_key(*name))
                })
                .map(String::as_str),
        )
        .collect();
    let names = changed.into_iter().collect::<Vec<_>>().join("`, `");
    format!("somebody changed `{names}` after the plan was made")
}
