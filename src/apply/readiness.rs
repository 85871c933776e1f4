use std::time::Duration;

use tokio::time::Instant;

use super::absence::Absence;
use super::belief::{Belief, Trust};
use super::gate::Asked;
use super::health::Look;
use super::pace::pause;
use super::turn::Turn;
use super::{EventKind, Failure, Fate, Shortfall, Waiting};
use crate::model::{Level, Port};
use crate::osc::{Class, Instance};
use crate::probe::{self, Subject, Verdict};

/// After how many answers in a row a health route that no link names is not believed in.
const NO_ROUTE: u32 = 4;

/// How a wait for an instance to be ready ended, unless it failed.
pub(super) enum Readied {
    /// It is, at the level it has to be; its ports, where somebody had to look at them.
    Ready(Option<Vec<Port>>),
    /// As far as can be told from here; the level was not one that the manifest asks for.
    Short(Shortfall, Option<Vec<Port>>),
    Interrupted,
}

/// What one look at an instance's endpoint came to.
enum Answered {
    Rightly,
    /// Not yet, in words.
    Not(String),
    /// Nothing takes a connection from here; in words.
    OutOfReach(String),
    Interrupted,
}

/// One wait: what for, since when, for how long.
struct Wait<'t> {
    turn: &'t Turn,
    instance: &'t Instance,
    wanted: Level,
    begun: Instant,
    limit: Duration,
    belief: Belief,
    /// Whether there is a health check to ask.
    has_health: bool,
    /// How many answers in a row said that there is no such route.
    no_route: u32,
    /// Such answers about the instance.
    absence: Absence,
    reached: Level,
    told: Option<(Level, Option<String>)>,
    ports: Option<Vec<Port>>,
}

impl Turn {
    /// Waits until an instance is ready at its level.
    ///
    /// Asks its health until that is `running`, then its endpoint until that answers as the level
    /// demands, and between those answers its health again. An endpoint that takes no connection
    /// from here for a while ends the wait below the level, unless the manifest asks for it.
    ///
    /// # Errors
    /// When its health is `failed` or `stopped`, when the time is over, when the level cannot be
    /// told and the manifest asks for it, or when nobody is signed in any more.
    pub(super) async fn until_ready(
        &self,
        instance: &Instance,
        trust: Trust,
    ) -> Result<Readied, Failure> {
        let readiness = &self.target.ready;
        let service = &self.target.service.id;
        let by_default = || probe::default_level(service, instance, readiness.probe.as_ref());
        let wanted = readiness.level.unwrap_or_else(by_default);
        if wanted == Level::Accepted {
            return Ok(Readied::Ready(None));
        }
        let wait = Wait {
            turn: self,
            instance,
            wanted,
            begun: Instant::now(),
            limit: readiness.limit,
            belief: Belief::new(trust, self.limits.settle),
            has_health: true,
            no_route: 0,
            absence: Absence::default(),
            reached: Level::Accepted,
            told: None,
            ports: None,
        };
        let readied = wait.run().await?;
        if let Readied::Short(shortfall, _) = &readied
            && self.has_begun()
        {
            self.tell(EventKind::NotChecked(shortfall.clone()));
        }
        Ok(readied)
    }
}

impl Wait<'_> {
    async fn run(mut self) -> Result<Readied, Failure> {
        if let Some(interrupted) = self.until_healthy().await? {
            return Ok(interrupted);
        }
        match (self.wanted, self.has_health) {
            (Level::Accepted | Level::Healthy, true) => Ok(Readied::Ready(None)),
            (Level::Accepted | Level::Healthy, false) => {
                self.short("the platform has no health check for it".to_owned())
            }
            (Level::Reachable | Level::Usable, _) => self.until_answering().await,
        }
    }

    /// Waits for `running`; `Some` only where that was interrupted.
    async fn until_healthy(&mut self) -> Result<Option<Readied>, Failure> {
        self.tell(None);
        loop {
            match self.ask_health().await? {
                Look::Running => {
                    self.reached = Level::Healthy;
                    return Ok(None);
                }
                Look::Unchecked => {
                    self.has_health = false;
                    return Ok(None);
                }
                Look::Interrupted => return Ok(Some(Readied::Interrupted)),
                Look::Other(word) | Look::NoRoute(word) | Look::Absent(word) => {
                    if let Some(interrupted) = self.go_on(word).await? {
                        return Ok(Some(interrupted));
                    }
                }
            }
        }
    }

    /// Waits for the right answer at the endpoint of an instance that runs.
    async fn until_answering(mut self) -> Result<Readied, Failure> {
        let mut out_of_reach: Option<Instant> = None;
        self.tell(None);
        loop {
            let word = match self.look().await {
                Answered::Rightly => return Ok(Readied::Ready(self.ports)),
                Answered::Interrupted => return Ok(Readied::Interrupted),
                Answered::Not(why) => {
                    out_of_reach = None;
                    why
                }
                Answered::OutOfReach(why) => {
                    let since = *out_of_reach.get_or_insert_with(Instant::now);
                    let gives_up = self.turn.target.ready.level.is_none();
                    if gives_up && since.elapsed() >= self.turn.limits.out_of_reach {
                        return self.short(why);
                    }
                    why
                }
            };
            if let Some(interrupted) = self.go_on(word).await? {
                return Ok(interrupted);
            }
            match self.is_still_running().await? {
                Look::Interrupted => return Ok(Readied::Interrupted),
                Look::Running | Look::Unchecked => {}
                // Nobody can be reached at what does not run.
                Look::Other(_) | Look::NoRoute(_) | Look::Absent(_) => out_of_reach = None,
            }
        }
    }

    async fn is_still_running(&mut self) -> Result<Look, Failure> {
        match self.has_health {
            true => self.ask_health().await,
            false => Ok(Look::Unchecked),
        }
    }

    async fn ask_health(&mut self) -> Result<Look, Failure> {
        let waited = self.begun.elapsed();
        let times = (waited, self.limit.saturating_sub(waited));
        let belief = &mut self.belief;
        match self.turn.ask_health(self.instance, belief, times).await? {
            Look::NoRoute(word) => {
                self.no_route += 1;
                // A route that a link names is about to come.
                let is_certain = self.instance.links.is_none() && self.no_route >= NO_ROUTE;
                Ok(match is_certain {
                    true => Look::Unchecked,
                    false => Look::Other(word),
                })
            }
            Look::Absent(word) => {
                let limits = &self.turn.limits;
                let may_be_none = !self.belief.heard && waited >= limits.no_health_route;
                match self.absence.is_certain(limits) && may_be_none {
                    true => self.unless_gone().await,
                    false => Ok(Look::Other(word)),
                }
            }
            look => {
                self.no_route = 0;
                self.absence = Absence::default();
                Ok(look)
            }
        }
    }

    /// Where the service knows of no health, it may be that the instance itself is gone.
    async fn unless_gone(&self) -> Result<Look, Failure> {
        match self.turn.read_again_and_again().await {
            Ok(Some(_)) => Ok(Look::Unchecked),
            Ok(None) => Err(Failure::new("it is not there any more").hint("run plan again")),
            Err(Fate::Failed(failure)) => Ok(Look::Other(failure.message)),
            Err(_) => Ok(Look::Interrupted),
        }
    }

    /// Looks at the endpoint once.
    async fn look(&mut self) -> Answered {
        let probe = self.turn.target.ready.probe.clone();
        let left = self.limit.saturating_sub(self.begun.elapsed());
        let is_without_ports = self.ports.as_ref().is_none_or(Vec::is_empty);
        if probe::needs_ports(&self.turn.target.service.id, probe.as_ref()) && is_without_ports {
            match self.read_ports(left).await {
                Ok(ports) => self.ports = Some(ports),
                Err(other) => return other,
            }
        }
        let subject = Subject {
            api: self.turn.api.reads(),
            subscription: &self.turn.subscription,
            instance: self.instance,
            ports: self.ports.as_deref(),
            probe: probe.as_ref(),
        };
        let question = probe::look(&subject, self.wanted);
        match self.turn.gate.ask(left, question).await {
            Asked::Answer(Verdict::Passed) => Answered::Rightly,
            Asked::Answer(Verdict::Wrong(why)) => Answered::Not(why),
            Asked::Answer(Verdict::Unreachable(why)) => Answered::OutOfReach(why),
            Asked::TooLate => Answered::Not("no answer in time".to_owned()),
            Asked::Interrupted => Answered::Interrupted,
        }
    }

    async fn read_ports(&self, left: Duration) -> Result<Vec<Port>, Answered> {
        let reads = self.turn.api.reads().polling();
        let question = reads.ports(&self.turn.subscription, self.instance);
        match self.turn.gate.ask(left, question).await {
            Asked::Answer(Ok(ports)) => Ok(ports),
            Asked::Answer(Err(error)) if error.class == Class::Unsupported => Ok(Vec::new()),
            Asked::Answer(Err(error)) => Err(Answered::Not(error.to_string())),
            Asked::TooLate => Err(Answered::Not(
                "its ports could not be read in time".to_owned(),
            )),
            Asked::Interrupted => Err(Answered::Interrupted),
        }
    }

    /// Tells the last answer and pauses; `Some` only where that was interrupted.
    ///
    /// # Errors
    /// When the time is over.
    async fn go_on(&mut self, word: String) -> Result<Option<Readied>, Failure> {
        self.tell(Some(word.clone()));
        let waited = self.begun.elapsed();
        if waited >= self.limit {
            let failure = self.out_of_time(&word);
            return Err(self.turn.with_log(failure, self.instance).await);
        }
        let pause = pause(&self.turn.limits, &self.turn.address, waited, self.limit);
        let rest = self.turn.gate.rest(pause).await;
        Ok(rest.is_interrupted().then_some(Readied::Interrupted))
    }

    /// Tells what is waited for, unless that has just been told, or nothing may have to be
    /// waited for.
    fn tell(&mut self, last: Option<String>) {
        if last.is_none() && !self.turn.has_begun() {
            return;
        }
        let now = (self.reached, last.clone());
        if self.told.as_ref() != Some(&now) {
            self.turn.waiting(Waiting::Ready {
                level: self.wanted,
                reached: self.reached,
                last,
            });
        }
        self.told = Some(now);
    }

    /// The end of a wait that cannot get any further.
    ///
    /// # Errors
    /// Where the manifest asks for the level.
    fn short(self, why: String) -> Result<Readied, Failure> {
        if self.turn.target.ready.level.is_some() {
            let message = format!("cannot be told to be {}: {why}", self.wanted);
            let hint = format!("ask for less with `ready: {{ level: {} }}`", self.reached);
            return Err(Failure::new(message).hint(hint));
        }
        let shortfall = Shortfall {
            reached: self.reached,
            wanted: self.wanted,
            why,
        };
        Ok(Readied::Short(shortfall, self.ports))
    }

    fn out_of_time(&self, last: &str) -> Failure {
        let limit = humantime::format_duration(self.limit);
        let reached = match self.reached {
            Level::Accepted => String::new(),
            reached => format!(", only {reached}"),
        };
        let (wanted, message) = (self.wanted, "wait longer with `ready: { timeout: … }`");
        let hint = match self.reached {
            Level::Accepted => format!("{message} in the manifest"),
            reached => format!("{message}, or ask for less with `level: {reached}`"),
        };
        Failure::new(format!(
            "not {wanted} after {limit}{reached}; its last answer: {last}"
        ))
        .hint(hint)
    }
}
