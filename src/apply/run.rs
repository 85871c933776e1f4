use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::step::{Ended, Turn};
use super::{Event, EventKind, Failure, Fate, Limits, Outcome, StepResult};
use crate::model::{Address, Diagnostic, Endpoint};
use crate::osc::{Class, Error, Subscription, WriteApi};
use crate::plan::{Action, Filled, InstanceTarget, Plan, Step, Target, Unfilled};
use crate::resolve::Scope;

/// Carries out a plan.
///
/// Every step starts as soon as everything it needs is ready. Ends when every step that can be
/// finished is; when `stop` is cancelled, starts nothing new, finishes the calls in flight and
/// stops waiting. Each event goes to `events`; nobody has to listen.
pub async fn run(
    plan: &Plan,
    api: &WriteApi,
    limits: Limits,
    stop: &CancellationToken,
    events: &mpsc::UnboundedSender<Event>,
) -> Outcome {
    let mut queue = Queue::new(plan, api, limits, stop, events);
    queue.start_ready();
    while let Some(joined) = queue.tasks.join_next_with_id().await {
        match joined {
            Ok((id, (ended, took))) => queue.finish(id, ended, took),
            // A panic is a bug of ours in one step; the others must still be finished.
            Err(error) => {
                let failure = Failure::new("a bug in osc-apply stopped this step")
                    .hint("please report it with the output of -v");
                queue.finish(error.id(), (Fate::Failed(failure), None), Duration::ZERO);
            }
        }
        queue.start_ready();
    }
    queue.outcome()
}

/// What a task reports: how it ended and how long it took.
type Report = (TaskEnd, Duration);

enum TaskEnd {
    Instance(Box<Ended>),
    Subscribed(Result<Vec<Subscription>, Error>),
}

impl From<Ended> for TaskEnd {
    fn from(ended: Ended) -> Self {
        Self::Instance(Box::new(ended))
    }
}

struct Queue<'p> {
    plan: &'p Plan,
    api: &'p WriteApi,
    limits: Limits,
    stop: &'p CancellationToken,
    events: &'p mpsc::UnboundedSender<Event>,
    begun: Instant,
    changes: Arc<Semaphore>,
    scope: Scope,
    subscriptions: BTreeMap<String, Subscription>,
    tasks: JoinSet<Report>,
    running: HashMap<Id, usize>,
    dependants: Vec<Vec<usize>>,
    /// How many unfinished steps each step still needs.
    waiting: Vec<usize>,
    /// Steps that can start, in the plan's order.
    ready: BTreeSet<usize>,
    results: Vec<Option<(Fate, Duration)>>,
    /// Steps somebody who changes something depends on.
    awaited: Vec<bool>,
    signed_out: bool,
}

impl<'p> Queue<'p> {
    fn new(
        plan: &'p Plan,
        api: &'p WriteApi,
        limits: Limits,
        stop: &'p CancellationToken,
        events: &'p mpsc::UnboundedSender<Event>,
    ) -> Self {
        let index: HashMap<&Address, usize> = plan
            .steps
            .iter()
            .enumerate()
            .map(|(at, step)| (&step.address, at))
            .collect();
        let mut dependants = vec![Vec::new(); plan.steps.len()];
        let mut waiting = vec![0; plan.steps.len()];
        let mut awaited = vec![false; plan.steps.len()];
        for (at, step) in plan.steps.iter().enumerate() {
            for need in step.needs.iter().filter_map(|need| index.get(need)) {
                dependants[*need].push(at);
                waiting[at] += 1;
                awaited[*need] |= step.runs();
            }
        }
        let ready = (0..plan.steps.len())
            .filter(|at| waiting[*at] == 0)
            .collect();
        let subscriptions = plan.subscriptions.iter().cloned();
        Self {
            plan,
            api,
            limits,
            stop,
            events,
            begun: Instant::now(),
            changes: Arc::new(Semaphore::new(limits.changes_at_once.max(1))),
            scope: plan.scope.clone(),
            subscriptions: subscriptions.map(|it| (it.service.clone(), it)).collect(),
            tasks: JoinSet::new(),
            running: HashMap::new(),
            dependants,
            waiting,
            ready,
            results: vec![None; plan.steps.len()],
            awaited,
            signed_out: false,
        }
    }

    fn start_ready(&mut self) {
        while let Some(at) = self.ready.pop_first() {
            if self.stop.is_cancelled() || self.signed_out {
                continue;
            }
            let plan: &'p Plan = self.plan;
            let step = &plan.steps[at];
            match (&step.held, &step.target) {
                (None, Target::Subscriptions(services)) => {
                    self.start_subscribing(at, step, services);
                }
                (_, Target::Instance(target)) if step.runs() || self.is_looked_at(at, step) => {
                    self.start_instance(at, step, target);
                }
                (Some(hold), _) => self.end(at, Fate::Held(hold.clone()), Duration::ZERO),
                (None, _) => self.end(at, Fate::Kept, Duration::ZERO),
            }
        }
    }

    /// Whether an instance that is left as it is must be ready for somebody who changes.
    fn is_looked_at(&self, at: usize, step: &Step) -> bool {
        let exists = step.instance().is_some_and(|target| target.live.is_some());
        self.awaited[at] && exists && step.action != Action::Delete
    }

    fn start_subscribing(&mut self, at: usize, step: &Step, services: &[String]) {
        self.tell(&step.address, EventKind::Started(step.action));
        let (api, services) = (self.api.clone(), services.to_vec());
        let handle = self.tasks.spawn(async move {
            let begun = Instant::now();
            let ids: Vec<&str> = services.iter().map(String::as_str).collect();
            let subscribed = match api.subscribe(&ids).await {
                Ok(()) => api.reads().subscriptions().await,
                Err(error) => Err(error),
            };
            (TaskEnd::Subscribed(subscribed), begun.elapsed())
        });
        self.running.insert(handle.id(), at);
    }

    fn start_instance(&mut self, at: usize, step: &Step, target: &InstanceTarget) {
        let action = if step.runs() {
            step.action
        } else {
            Action::Keep
        };
        let filled = match action {
            Action::Keep | Action::Delete => Ok(Filled::default()),
            _ => target.fill(&self.scope),
        };
        let filled = match filled {
            Ok(filled) => filled,
            Err(unfilled) => return self.fail(at, failure_of(&unfilled)),
        };
        let Some(subscription) = self.subscriptions.get(&target.service.id).cloned() else {
            let message = format!("the workspace is not subscribed to {}", target.service.id);
            return self.fail(at, Failure::new(message).hint("run plan again"));
        };
        self.tell(&step.address, EventKind::Started(action));
        let (address, target) = (step.address.clone(), target.clone());
        let (api, changes) = (self.api.clone(), Arc::clone(&self.changes));
        let (limits, stop, events) = (self.limits, self.stop.clone(), self.events.clone());
        let run_begun = self.begun;
        let handle = self.tasks.spawn(async move {
            let begun = Instant::now();
            let turn = Turn {
                address: &address,
                target: &target,
                filled: &filled,
                subscription: &subscription,
                api: &api,
                changes: &changes,
                limits: &limits,
                stop: &stop,
                events: &events,
                begun: run_begun,
            };
            (turn.take(action).await.into(), begun.elapsed())
        });
        self.running.insert(handle.id(), at);
    }

    fn finish(&mut self, id: Id, ended: impl Into<TaskEnd>, took: Duration) {
        let Some(at) = self.running.remove(&id) else {
            return;
        };
        match ended.into() {
            TaskEnd::Subscribed(Ok(subscriptions)) => {
                let all = subscriptions.into_iter().map(|it| (it.service.clone(), it));
                self.subscriptions.extend(all);
                self.end(at, Fate::Applied, took);
            }
            TaskEnd::Subscribed(Err(error)) => {
                self.end(at, Fate::Failed(error.into()), took);
            }
            TaskEnd::Instance(ended) => {
                let (fate, endpoint) = *ended;
                self.learn(at, endpoint);
                if matches!(fate, Fate::Kept | Fate::NotBegun) {
                    // It was shown as begun: whoever shows it has to hear that it is over.
                    let address = &self.plan.steps[at].address;
                    self.tell(address, EventKind::Finished(fate.clone()));
                }
                self.end(at, fate, took);
            }
        }
    }

    /// Makes known what a finished instance offers its dependants.
    fn learn(&mut self, at: usize, endpoint: Option<Endpoint>) {
        let plan: &'p Plan = self.plan;
        let Some(target) = plan.steps[at].instance() else {
            return;
        };
        let Some(endpoint) = endpoint else { return };
        self.scope.set_endpoint(&target.key, endpoint);
    }

    fn fail(&mut self, at: usize, failure: Failure) {
        self.end(at, Fate::Failed(failure), Duration::ZERO);
    }

    /// Notes what became of a step and lets its dependants go on, or not.
    fn end(&mut self, at: usize, fate: Fate, took: Duration) {
        let address = &self.plan.steps[at].address;
        self.signed_out |= fate
            .failure()
            .is_some_and(|failure| failure.class == Some(Class::SignedOut));
        match &fate {
            Fate::Kept | Fate::Held(_) | Fate::Skipped(_) | Fate::NotBegun => {}
            Fate::Failed(failure) | Fate::NotReady(failure) => {
                self.tell(address, EventKind::Failed(failure.clone()));
            }
            Fate::Stale(why) => {
                self.tell(address, EventKind::Failed(Failure::new(why.clone())));
            }
            fate => self.tell(address, EventKind::Finished(fate.clone())),
        }
        let goes_on = fate.lets_dependants_run();
        let interrupted = matches!(fate, Fate::NotAwaited | Fate::NotBegun);
        self.results[at] = Some((fate, took));
        if goes_on {
            for dependant in self.dependants[at].clone() {
                self.waiting[dependant] -= 1;
                if self.waiting[dependant] == 0 {
                    self.ready.insert(dependant);
                }
            }
        } else if !interrupted {
            self.skip_dependants(at);
        }
    }

    /// Marks everything that needs a failed step, naming that step and not the ones between.
    fn skip_dependants(&mut self, failed: usize) {
        let plan: &'p Plan = self.plan;
        let cause = &plan.steps[failed].address;
        let mut stack = self.dependants[failed].clone();
        while let Some(at) = stack.pop() {
            let step = &plan.steps[at];
            if self.results[at].is_some() {
                continue;
            }
            let fate = match &step.held {
                Some(hold) => Fate::Held(hold.clone()),
                None if step.action.changes() => Fate::Skipped(cause.clone()),
                None => Fate::Kept,
            };
            if matches!(fate, Fate::Skipped(_)) {
                self.tell(&step.address, EventKind::Skipped(cause.clone()));
            }
            self.results[at] = Some((fate, Duration::ZERO));
            stack.extend(&self.dependants[at]);
        }
    }

    fn tell(&self, address: &Address, kind: EventKind) {
        let at = self.begun.elapsed();
        let _ = self.events.send(Event {
            at,
            address: address.clone(),
            kind,
        });
    }

    fn outcome(self) -> Outcome {
        let results = self
            .plan
            .steps
            .iter()
            .zip(self.results)
            .map(|(step, result)| {
                let (fate, took) = result.unwrap_or_else(|| (not_begun(step), Duration::ZERO));
                StepResult {
                    address: step.address.clone(),
                    action: step.action,
                    fate,
                    took,
                }
            });
        Outcome {
            results: results.collect(),
            scope: self.scope,
            interrupted: self.stop.is_cancelled(),
            took: self.begun.elapsed(),
        }
    }
}

fn not_begun(step: &Step) -> Fate {
    match &step.held {
        Some(hold) => Fate::Held(hold.clone()),
        None if step.action.changes() => Fate::NotBegun,
        None => Fate::Kept,
    }
}

fn failure_of(unfilled: &Unfilled) -> Failure {
    match unfilled {
        Unfilled::Unknown { option } => {
            let message = format!("the value of `{option}` is still not known");
            Failure::new(message).hint(
                "what it refers to may offer no such thing: an instance without an exposed port \
                 has no `ports[0]`, and not every service has an `address`",
            )
        }
        Unfilled::Failed(error) => Failure::new(error.message.clone()),
        Unfilled::Refused(finding) => {
            let Diagnostic { message, help, .. } = finding.as_ref();
            Failure {
                hint: help.clone(),
                ..Failure::new(message.clone())
            }
        }
    }
}
