use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::time::Instant;

use super::run::{Queue, TaskEnd};
use super::subscribe::Subscribing;
use super::suspension::Suspension;
use super::turn::{Ended, Turn};
use super::{EventKind, Failure, Fate};
use crate::model::Address;
use crate::plan::{Action, Filled, InstanceTarget, Step};

impl Queue<'_> {
    /// Whether an instance that is left as it is must be ready: one that is as declared always,
    /// one that is held back only for somebody who changes.
    pub(super) fn is_awaited(&self, at: usize, step: &Step, target: &InstanceTarget) -> bool {
        let is_there = target.live.is_some();
        match step.action {
            Action::Keep => is_there,
            Action::Delete => false,
            _ => is_there && self.progress.changing_dependants(at).next().is_some(),
        }
    }

    pub(super) fn subscribe(&mut self, at: usize, services: &[String]) {
        self.teller.tell(
            &self.plan.steps[at].address,
            EventKind::Started(Action::Subscribe),
        );
        let subscribing = Subscribing {
            api: self.api.clone(),
            services: services.to_vec(),
            gate: self.gate.clone(),
            limits: self.limits,
        };
        let handle = self.tasks.spawn(async move {
            let begun = Instant::now();
            let subscribed = subscribing.run().await;
            (TaskEnd::Subscribed(subscribed), begun.elapsed())
        });
        self.running.insert(handle.id(), at);
    }

    pub(super) fn change(&mut self, at: usize, step: &Step, target: &InstanceTarget) {
        let filled = match step.action {
            Action::Mark if target.gives_secrets => target.fill(&self.scope),
            Action::Delete | Action::Adopt | Action::Mark | Action::Unmark => Ok(Filled::default()),
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

    pub(super) fn look_at(&mut self, at: usize, target: &InstanceTarget) {
        let wants_ports_now = self.progress.changing_dependants(at).any(|dependant| {
            dependant.instance().is_some_and(|dependant| {
                dependant.refers_to_ports_of(&target.key, &self.scope)
                    && dependant.fill(&self.scope).is_err()
            })
        });
        self.start(at, Action::Keep, target, Filled::default(), wants_ports_now);
    }

    fn start(
        &mut self,
        at: usize,
        action: Action,
        target: &InstanceTarget,
        filled: Filled,
        wants_ports_now: bool,
    ) {
        let address = self.plan.steps[at].address.clone();
        let subscription = self.subscriptions.get(&target.service.id).cloned();
        let turn = {
            let (address, target, api) = (address.clone(), target.clone(), self.api.clone());
            let (records, gate, limits) = (self.records.clone(), self.gate.clone(), self.limits);
            let (marker, teller) = (self.marker.clone(), self.teller.clone());
            let filled = filled.clone();
            move |subscription| Turn {
                begun: AtomicBool::new(action != Action::Keep),
                address,
                target,
                filled,
                wants_ports_now,
                subscription,
                api,
                records,
                marker,
                gate,
                limits,
                teller,
            }
        };
        let suspension = self.suspension(&address, target, filled);
        let taking: Pin<Box<dyn Future<Output = Ended> + Send>> = match (suspension, subscription) {
            (Some(suspension), _) => Box::pin(suspension.take(action, turn)),
            (None, Some(subscription)) => Box::pin(turn(subscription).take(action)),
            // Of a service that the workspace does not use there is nothing to look for.
            (None, None) if action == Action::Unmark => {
                let (marker, target) = (self.marker.clone(), target.clone());
                Box::pin(async move { marker.unmark_target(&target).await })
            }
            (None, None) => {
                let message = format!("the workspace is not subscribed to {}", target.service.id);
                let failure = Failure::new(message).hint("run plan again");
                return self.end(at, Fate::Failed(failure), Duration::ZERO);
            }
        };
        if action != Action::Keep {
            self.teller.tell(&address, EventKind::Started(action));
        }
        let handle = self.tasks.spawn(async move {
            let begun = Instant::now();
            let ended = taking.await;
            (TaskEnd::Instance(Box::new(ended)), begun.elapsed())
        });
        self.running.insert(handle.id(), at);
    }

    fn suspension(
        &self,
        address: &Address,
        target: &InstanceTarget,
        filled: Filled,
    ) -> Option<Suspension> {
        Some(Suspension {
            address: address.clone(),
            record: target.suspended.clone()?,
            target: target.clone(),
            subscription: self.subscriptions.get(&target.service.id).cloned(),
            filled,
            records: self.records.clone(),
            marker: self.marker.clone(),
            api: self.api.clone(),
            gate: self.gate.clone(),
            limits: self.limits,
            teller: self.teller.clone(),
        })
    }
}
