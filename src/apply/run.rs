use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::progress::{Progress, left_alone};
use super::turn::{Ended, Turn};
use super::{Event, EventKind, Failure, Fate, Limits, Outcome};
use crate::model::{Address, Endpoint};
use crate::osc::{Class, Subscription, WriteApi};
use crate::plan::{Action, Filled, InstanceTarget, Plan, Scope, Step, Target};

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
                    .hint("run plan to see what is; please report it with the output of -v");
                let ended = TaskEnd::Instance(Box::new((Fate::Failed(failure), None)));
                queue.finish(error.id(), ended, Duration::ZERO);
            }
        }
        queue.start_ready();
    }
    Outcome {
        results: queue.progress.into_results(),
        scope: queue.scope,
        interrupted: stop.is_cancelled(),
        took: queue.begun.elapsed(),
    }
}

/// How a task ended and how long it took.
type Report = (TaskEnd, Duration);

enum TaskEnd {
    Instance(Box<Ended>),
    Subscribed(Result<Vec<Subscription>, Fate>),
}

struct Queue<'p> {
    plan: &'p Plan,
    api: &'p WriteApi,
    limits: Limits,
    stop: &'p CancellationToken,
    events: &'p mpsc::UnboundedSender<Event>,
    begun: Instant,
    /// The places for changes under way; closed when nothing new is to begin.
    changes: Arc<Semaphore>,
    scope: Scope,
    subscriptions: BTreeMap<String, Subscription>,
    tasks: JoinSet<Report>,
    running: HashMap<Id, usize>,
    progress: Progress<'p>,
}

impl<'p> Queue<'p> {
    fn new(
        plan: &'p Plan,
        api: &'p WriteApi,
        limits: Limits,
        stop: &'p CancellationToken,
        events: &'p mpsc::UnboundedSender<Event>,
    ) -> Self {
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
            progress: Progress::new(&plan.steps),
        }
    }

    fn start_ready(&mut self) {
        while let Some(at) = self.progress.next_ready() {
            if self.stop.is_cancelled() || self.changes.is_closed() {
                continue;
            }
            let plan: &'p Plan = self.plan;
            let step = &plan.steps[at];
            match &step.target {
                Target::Subscriptions(services) if step.runs() => self.subscribe(at, services),
                Target::Instance(target) if step.runs() => self.change(at, step, target),
                Target::Instance(target) if self.is_awaited(at, step, target) => {
                    self.look_at(at, step, target);
                }
                _ => self.end(at, left_alone(step), Duration::ZERO),
            }
        }
    }

    /// Whether an instance that is left as it is must be ready for somebody who changes.
    fn is_awaited(&self, at: usize, step: &Step, target: &InstanceTarget) -> bool {
        let stays = target.live.is_some() && step.action != Action::Delete;
        stays && self.progress.changing_dependants(at).next().is_some()
    }

    fn subscribe(&mut self, at: usize, services: &[String]) {
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

    fn change(&mut self, at: usize, step: &Step, target: &InstanceTarget) {
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

    fn look_at(&mut self, at: usize, step: &Step, target: &InstanceTarget) {
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
        if let (Some(target), Some(endpoint)) = (plan.steps[at].instance(), endpoint) {
            target.teach(&mut self.scope);
            self.scope.set_endpoint(&target.key, endpoint);
        }
    }

    /// Notes what became of a step, tells it, and lets its dependants go on, or not.
    fn end(&mut self, at: usize, fate: Fate, took: Duration) {
        let step = &self.plan.steps[at];
        let fate = match fate {
            // What was only looked at is as it was meant to be before.
            Fate::Kept => left_alone(step),
            fate => fate,
        };
        if fate.failure().and_then(|failure| failure.class) == Some(Class::SignedOut) {
            self.changes.close();
        }
        match &fate {
            Fate::Kept | Fate::Held(_) | Fate::Skipped(_) | Fate::NotBegun => {}
            Fate::Failed(failure) | Fate::NotReady(failure) => {
                self.tell(&step.address, EventKind::Failed(failure.clone()));
            }
            Fate::Stale(why) => {
                self.tell(&step.address, EventKind::Failed(Failure::new(why.clone())));
            }
            fate => self.tell(&step.address, EventKind::Finished(fate.clone())),
        }
        for skipped in self.progress.end(at, fate, took) {
            self.tell(&skipped.address, EventKind::Skipped(step.address.clone()));
        }
    }

    fn tell(&self, address: &Address, kind: EventKind) {
        let at = self.begun.elapsed();
        // Nobody listening any more is no reason to stop changing what is half changed.
        let _ = self.events.send(Event {
            at,
            address: address.clone(),
            kind,
        });
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
