use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::begin::{Begun, begin};
use super::event::Teller;
use super::finish::finish;
use super::gate::Gate;
use super::marker::Marker;
use super::progress::{Progress, left_alone};
use super::records::Records;
use super::turn::Ended;
use super::{Barred, Event, EventKind, Failure, Fate, Limits, Outcome};
use crate::model::Endpoint;
use crate::osc::{Class, Clock, Subscription, WriteApi};
use crate::plan::{Plan, Scope, Target};

/// Who carries out a plan, and what a run needs from outside.
pub struct Runner {
    /// Who runs it and where, for whoever is kept waiting.
    pub who: String,
    /// Whether another run's lease does not count.
    pub take_over: bool,
    /// True randomness: generated values come from it.
    pub seed: [u8; 32],
    /// The wall clock.
    pub clock: Clock,
}

/// Carries out a plan.
///
/// Nothing begins before the run has the stack's lease and the vault has every value that the steps
/// will use. Every step starts as soon as everything it needs is ready. Ends when every step that
/// can be finished is; when `stop` is cancelled, or the lease is lost, starts nothing new, finishes
/// the calls in flight and stops waiting. Each event goes to `events`; nobody has to listen.
pub async fn run(
    plan: &Plan,
    api: &WriteApi,
    limits: Limits,
    runner: &Runner,
    stop: &CancellationToken,
    events: &mpsc::UnboundedSender<Event>,
) -> Outcome {
    api.stop_with(stop);
    let teller = Teller {
        begun: Instant::now(),
        events: events.clone(),
    };
    let begun = match begin(plan, api, limits, runner, stop).await {
        Ok(begun) => begun,
        Err(barred) => return not_begun(plan, barred, stop, &teller),
    };
    let lost = match &begun.lease {
        Some(lease) => lease.lost().clone(),
        None => CancellationToken::new(),
    };
    let mut queue = Queue::new(plan, api, limits, &begun, stop, teller);
    queue.work(&lost).await;
    let mut outcome = Outcome {
        results: queue.progress.into_results(),
        scope: queue.scope,
        warnings: queue.records.into_warnings().await,
        removed_secrets: Vec::new(),
        barred: None,
        interrupted: stop.is_cancelled(),
        took: Duration::ZERO,
    };
    finish(plan, api, begun, &mut outcome).await;
    outcome.took = queue.teller.begun.elapsed();
    outcome
}

/// The outcome of a run that did nothing.
fn not_begun(plan: &Plan, barred: Barred, stop: &CancellationToken, teller: &Teller) -> Outcome {
    Outcome {
        results: Progress::new(&plan.steps).into_results(),
        scope: plan.scope.clone(),
        warnings: Vec::new(),
        removed_secrets: Vec::new(),
        barred: Some(barred),
        interrupted: stop.is_cancelled(),
        took: teller.begun.elapsed(),
    }
}

/// How a task ended and how long it took.
pub(super) type Report = (TaskEnd, Duration);

pub(super) enum TaskEnd {
    Instance(Box<Ended>),
    Subscribed(Result<Vec<Subscription>, Fate>),
}

/// The plan on its way.
pub(super) struct Queue<'p> {
    pub(super) plan: &'p Plan,
    pub(super) api: &'p WriteApi,
    pub(super) limits: Limits,
    pub(super) records: Records,
    pub(super) marker: Marker,
    pub(super) gate: Gate,
    pub(super) teller: Teller,
    pub(super) scope: Scope,
    pub(super) subscriptions: BTreeMap<String, Subscription>,
    pub(super) tasks: JoinSet<Report>,
    pub(super) running: HashMap<Id, usize>,
    pub(super) progress: Progress<'p>,
}

impl<'p> Queue<'p> {
    fn new(
        plan: &'p Plan,
        api: &'p WriteApi,
        limits: Limits,
        begun: &Begun,
        stop: &CancellationToken,
        teller: Teller,
    ) -> Self {
        let subscriptions = plan.subscriptions.iter().cloned();
        Self {
            plan,
            api,
            limits,
            records: Records::new(plan.suspended.as_deref()),
            gate: Gate {
                changes: Arc::new(Semaphore::new(limits.changes_at_once.max(1))),
                stop: stop.clone(),
            },
            marker: begun.marker.clone(),
            teller,
            scope: begun.scope.clone(),
            subscriptions: subscriptions.map(|it| (it.service.clone(), it)).collect(),
            tasks: JoinSet::new(),
            running: HashMap::new(),
            progress: Progress::new(&plan.steps),
        }
    }

    /// Starts what can start and waits for what was started, until nothing is left.
    async fn work(&mut self, lost: &CancellationToken) {
        self.start_ready();
        loop {
            let joined = tokio::select! {
                joined = self.tasks.join_next_with_id() => joined,
                () = lost.cancelled(), if !self.gate.changes.is_closed() => {
                    self.gate.changes.close();
                    continue;
                }
            };
            match joined {
                None => return,
                Some(Ok((id, (ended, took)))) => self.finish(id, ended, took),
                // A panic is a bug of ours in one step; the others must still be finished.
                Some(Err(error)) => {
                    let failure = Failure::new("a bug in osc-apply stopped this step")
                        .hint("run plan to see what is; please report it with the output of -v")
                        .sent();
                    let ended = TaskEnd::Instance(Box::new((Fate::Failed(failure), None)));
                    self.finish(error.id(), ended, Duration::ZERO);
                }
            }
            self.start_ready();
        }
    }

    fn start_ready(&mut self) {
        while let Some(at) = self.progress.next_ready() {
            if self.gate.is_shut() {
                continue;
            }
            let plan: &'p Plan = self.plan;
            let step = &plan.steps[at];
            match &step.target {
                Target::Subscriptions(services) if step.runs() => self.subscribe(at, services),
                Target::Instance(target) if step.runs() => self.change(at, step, target),
                Target::Instance(target) if self.is_awaited(at, step, target) => {
                    self.look_at(at, target);
                }
                _ => self.end(at, left_alone(step), Duration::ZERO),
            }
        }
    }

    fn finish(&mut self, id: Id, ended: TaskEnd, took: Duration) {
        let Some(at) = self.running.remove(&id) else {
            return;
        };
        match ended {
            TaskEnd::Subscribed(Ok(subscriptions)) => {
                let all = subscriptions.into_iter().map(|it| (it.service.clone(), it));
                self.subscriptions.extend(all);
                self.end(at, Fate::Applied, took);
            }
            TaskEnd::Subscribed(Err(fate)) => self.end(at, fate, took),
            TaskEnd::Instance(ended) => {
                let (fate, endpoint) = *ended;
                self.learn(at, endpoint);
                let step = &self.plan.steps[at];
                if matches!(fate, Fate::NotBegun) && step.runs() {
                    // It was shown as begun: whoever shows it has to hear that it is over.
                    self.teller
                        .tell(&step.address, EventKind::Finished(fate.clone()));
                }
                self.end(at, fate, took);
            }
        }
    }

    /// Makes known what a finished instance offers its dependants.
    fn learn(&mut self, at: usize, endpoint: Option<Endpoint>) {
        let plan: &'p Plan = self.plan;
        if let (Some(target), Some(endpoint)) = (plan.steps[at].instance(), endpoint) {
            target.teach(&mut self.scope);
            self.scope.set_endpoint(&target.key, endpoint);
        }
    }

    /// Notes what became of a step, tells it, and lets its dependants go on, or not.
    pub(super) fn end(&mut self, at: usize, fate: Fate, took: Duration) {
        let step = &self.plan.steps[at];
        let fate = match fate {
            // What was only looked at is as it was meant to be before.
            Fate::Kept => left_alone(step),
            Fate::NotBegun if !step.runs() => left_alone(step),
            fate => fate,
        };
        if let Some(target) = step.instance()
            && fate
                .failure()
                .is_some_and(|failure| failure.deleted_not_recreated)
        {
            self.scope.forget_endpoint(&target.key);
        }
        if fate.failure().and_then(|failure| failure.class) == Some(Class::SignedOut) {
            self.gate.changes.close();
        }
        match &fate {
            Fate::Kept | Fate::Held(_) | Fate::Skipped(_) | Fate::NotBegun => {}
            Fate::Failed(failure) | Fate::NotReady(failure) => {
                self.teller
                    .tell(&step.address, EventKind::Failed(failure.clone()));
            }
            Fate::Stale(why) => {
                self.teller
                    .tell(&step.address, EventKind::Failed(Failure::new(why.clone())));
            }
            fate => self
                .teller
                .tell(&step.address, EventKind::Finished(fate.clone())),
        }
        for skipped in self.progress.end(at, fate, took) {
            self.teller
                .tell(&skipped.address, EventKind::Skipped(step.address.clone()));
        }
    }
}
