use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::run::{Queue, TaskEnd};
use super::turn::Turn;
use super::{EventKind, Failure, Fate};
use crate::osc::{Subscription, WriteApi};
use crate::plan::{Action, Filled, InstanceTarget, Step};

impl Queue<'_> {
    /// Whether an instance that is left as it is must be ready for somebody who changes.
    pub(super) fn is_awaited(&self, at: usize, step: &Step, target: &InstanceTarget) -> bool {
        let stays = target.live.is_some() && step.action != Action::Delete;
        stays && self.progress.changing_dependants(at).next().is_some()
    }

    pub(super) fn subscribe(&mut self, at: usize, services: &[String]) {
        self.tell(
            &self.plan.steps[at].address,
            EventKind::Started(Action::Subscribe),
        );
        let (api, services) = (self.api.clone(), services.to_vec());
        let changes = Arc::clone(&self.changes);
        let handle = self.tasks.spawn(async move {
            let begun = Instant::now();
            let subscribed = subscribe(&api, &services, &changes).await;
            (TaskEnd::Subscribed(subscribed), begun.elapsed())
        });
        self.running.insert(handle.id(), at);
    }

    pub(super) fn change(&mut self, at: usize, step: &Step, target: &InstanceTarget) {
        let filled = match step.action {
            Action::Delete => Ok(Filled::default()),
            _ => target.fill(&self.scope),
        };
        match filled {
            Ok(filled) => self.start(at, step.action, target, filled, false),
            Err(unfilled) => {
                let failure = Failure::from(unfilled);
                self.end(at, Fate::Failed(failure), Duration::ZERO);
            }
        }
    }

    pub(super) fn look_at(&mut self, at: usize, step: &Step, target: &InstanceTarget) {
        let wants_ports_now = self.progress.changing_dependants(at).any(|dependant| {
            dependant.instance().is_some_and(|dependant| {
                dependant.refers_to_ports_of(&target.key) && dependant.fill(&self.scope).is_err()
            })
        });
        let action = match step.action {
            Action::Unknown => Action::Unknown,
            _ => Action::Keep,
        };
        self.start(at, action, target, Filled::default(), wants_ports_now);
    }

    fn start(
        &mut self,
        at: usize,
        action: Action,
        target: &InstanceTarget,
        filled: Filled,
        wants_ports_now: bool,
    ) {
        let Some(subscription) = self.subscriptions.get(&target.service.id).cloned() else {
            let message = format!("the workspace is not subscribed to {}", target.service.id);
            let failure = Failure::new(message).hint("run plan again");
            return self.end(at, Fate::Failed(failure), Duration::ZERO);
        };
        let address = self.plan.steps[at].address.clone();
        self.tell(&address, EventKind::Started(action));
        let turn = Turn {
            address,
            target: target.clone(),
            filled,
            wants_ports_now,
            subscription,
            api: self.api.clone(),
            changes: Arc::clone(&self.changes),
            limits: self.limits,
            stop: self.stop.clone(),
            events: self.events.clone(),
            begun: self.begun,
        };
        let handle = self.tasks.spawn(async move {
            let begun = Instant::now();
            let ended = turn.take(action).await;
            (TaskEnd::Instance(Box::new(ended)), begun.elapsed())
        });
        self.running.insert(handle.id(), at);
    }
}

/// Subscribes and reads the subscriptions back, once.
async fn subscribe(
    api: &WriteApi,
    services: &[String],
    changes: &Semaphore,
) -> Result<Vec<Subscription>, Fate> {
    let ids: Vec<&str> = services.iter().map(String::as_str).collect();
    {
        let _slot = changes.acquire().await.map_err(|_| Fate::NotBegun)?;
        api.subscribe(&ids).await?;
    }
    Ok(api.reads().subscriptions().await?)
}
