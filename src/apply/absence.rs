use std::time::Duration;

use tokio::time::Instant;

use super::gate::Asked;
use super::pace::pause;
use super::turn::Turn;
use super::{Failure, Fate, Limits, Waiting};
use crate::osc::{Class, Error, Instance};

/// How long a deletion may take whose request was not answered: the request up to half a minute,
/// and half a minute until it shows (API notes 13.1), with a margin.
const DOUBTED: Duration = Duration::from_secs(120);

/// How a wait ended, unless it failed.
pub(super) enum Waited {
    Over,
    Interrupted,
}

/// Answers in a row that there is no such instance: reads flap for seconds, so one proves
/// nothing where something is lost by believing it (API notes 13.4).
#[derive(Default)]
pub(super) struct Absence {
    since: Option<Instant>,
    answers: u32,
}

impl Absence {
    /// Takes in another such answer; whether they are enough now.
    pub(super) fn is_certain(&mut self, limits: &Limits) -> bool {
        self.answers += 1;
        let since = *self.since.get_or_insert_with(Instant::now);
        self.answers >= limits.absences && since.elapsed() >= limits.absent_for
    }

    /// How long to wait before asking again.
    pub(super) fn pause(limits: &Limits) -> Duration {
        let pause = limits.absent_for / limits.absences.saturating_sub(1).max(1);
        pause.max(Duration::from_millis(1))
    }
}

impl Turn {
    /// Waits until it is certain that there is no such instance.
    ///
    /// # Errors
    /// When it is still there after the limit: with `doubt`, the error of the request to delete
    /// it, where there was one.
    pub(super) async fn until_gone(&self, doubt: Option<Error>) -> Result<Waited, Failure> {
        let begun = Instant::now();
        let limit = match &doubt {
            None => self.limits.gone,
            Some(_) => self.limits.gone.min(DOUBTED),
        };
        let mut absence = Absence::default();
        self.waiting(Waiting::Gone);
        loop {
            let (subscription, target) = (&self.subscription, &self.target);
            let reads = self.api.reads().polling();
            let question = reads.instance(subscription, &target.service, &target.name);
            let longest = limit + 2 * self.limits.absent_for;
            let left = longest.saturating_sub(begun.elapsed());
            match self.gate.ask(left, question).await {
                Asked::Interrupted => return Ok(Waited::Interrupted),
                Asked::Answer(Err(error)) if error.class == Class::Absent => {
                    if absence.is_certain(&self.limits) {
                        return Ok(Waited::Over);
                    }
                }
                Asked::Answer(Err(error)) if error.class == Class::SignedOut => {
                    let mut failure = Failure::from(error).sent();
                    if doubt.is_none() {
                        failure.message = format!("its deletion was accepted; {}", failure.message);
                    }
                    return Err(failure);
                }
                Asked::Answer(Ok(_)) => absence = Absence::default(),
                Asked::Answer(Err(_)) | Asked::TooLate => {}
            }
            let waited = begun.elapsed();
            // Whatever flaps at the limit gets the time to make up its mind once.
            let grace = absence
                .since
                .map_or(Duration::ZERO, |_| 2 * self.limits.absent_for);
            if waited >= limit + grace {
                let failure = doubt.map_or_else(|| self.still_there(), Failure::from);
                return Err(failure.sent());
            }
            let rest = match absence.since {
                Some(_) => Absence::pause(&self.limits),
                None => pause(&self.limits, &self.address, waited, limit),
            };
            if self.gate.rest(rest).await.is_interrupted() {
                return Ok(Waited::Interrupted);
            }
        }
    }

    /// The instance as it is now; nothing only when that is certain.
    pub(super) async fn read_again_and_again(&self) -> Result<Option<Instance>, Fate> {
        self.read_for(&self.limits).await
    }

    /// The same of one that may have been asked for and not appeared yet (API notes 13.3).
    pub(super) async fn read_while_it_may_appear(&self) -> Result<Option<Instance>, Fate> {
        self.waiting(Waiting::Belated);
        self.read_for(&Limits {
            absent_for: self.limits.hidden * 3 / 2,
            ..self.limits
        })
        .await
    }

    async fn read_for(&self, limits: &Limits) -> Result<Option<Instance>, Fate> {
        let mut absence = Absence::default();
        loop {
            let read = self.gate.unless_stopped(self.read()).await;
            if let Some(instance) = read.ok_or(Fate::NotAwaited)?? {
                return Ok(Some(instance));
            }
            if absence.is_certain(limits) {
                return Ok(None);
            }
            let rest = Absence::pause(limits);
            if self.gate.rest(rest).await.is_interrupted() {
                return Err(Fate::NotAwaited);
            }
        }
    }

    /// The same where a read that fails is no end before the limit.
    ///
    /// # Errors
    /// The last one's when the time is over, or when nobody is signed in any more.
    pub(super) async fn read_until(&self, limit: Duration) -> Result<Option<Instance>, Fate> {
        let (begun, mut absence) = (Instant::now(), Absence::default());
        let mut told = false;
        loop {
            let waited = begun.elapsed();
            let left = limit.saturating_sub(waited);
            let rest = match self.gate.ask(left, self.poll()).await {
                Asked::Interrupted => return Err(Fate::NotAwaited),
                Asked::Answer(Ok(Some(instance))) => return Ok(Some(instance)),
                Asked::Answer(Ok(None)) if absence.is_certain(&self.limits) => return Ok(None),
                Asked::Answer(Ok(None)) => Absence::pause(&self.limits),
                Asked::Answer(Err(failure))
                    if waited >= limit || failure.class == Some(Class::SignedOut) =>
                {
                    return Err(failure.into());
                }
                Asked::TooLate if waited >= limit => {
                    return Err(Failure::new("no answer in time").into());
                }
                Asked::Answer(Err(_)) | Asked::TooLate => {
                    if !std::mem::replace(&mut told, true) {
                        self.waiting(Waiting::Shown);
                    }
                    pause(&self.limits, &self.address, waited, limit)
                }
            };
            if self.gate.rest(rest).await.is_interrupted() {
                return Err(Fate::NotAwaited);
            }
        }
    }

    fn still_there(&self) -> Failure {
        let limit = humantime::format_duration(self.limits.gone);
        let message = format!("deleted, and still there after {limit}");
        Failure::new(message).hint("run the same command again later")
    }
}
