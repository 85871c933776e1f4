use std::time::Duration;

use tokio::time::Instant;

use super::absence::Absence;
use super::belief::{Belief, Trust};
use super::gate::Asked;
use super::pace::{Waited, pause};
use super::turn::Turn;
use super::{Failure, Fate, Waiting};
use crate::model::Level;
use crate::osc::{Class, Health, Instance};

/// How many log lines tell why an instance has failed.
const LOG_LINES: usize = 8;

/// How long they may take: they are only an explanation.
const LOG_LIMIT: Duration = Duration::from_secs(30);

/// What one answer means for the wait.
enum Answer {
    Ended(Waited),
    /// The wait goes on; the answer in words.
    Other(String),
}

impl Turn {
    /// Waits until the health check says `running`.
    ///
    /// # Errors
    /// When it says `failed` or `stopped`, when the time is over, or when nobody is signed in
    /// any more.
    pub(super) async fn until_healthy(
        &self,
        instance: &Instance,
        limit: Duration,
        trust: Trust,
    ) -> Result<Waited, Failure> {
        let begun = Instant::now();
        let mut belief = Belief::new(trust, self.limits.settle);
        let mut absence = Absence::default();
        let mut last = None;
        self.wait_for_health(last.clone());
        loop {
            let answer = self.ask(instance, &mut belief, &mut absence, (begun, limit));
            let word = match answer.await? {
                Answer::Ended(waited) => return Ok(waited),
                Answer::Other(word) => Some(word),
            };
            if last != word {
                self.wait_for_health(word.clone());
            }
            last = word;
            let waited = begun.elapsed();
            if waited >= limit {
                return Err(self.not_ready(limit, last.as_deref()));
            }
            if self
                .gate
                .rest(pause(&self.limits, waited, limit))
                .await
                .is_interrupted()
            {
                return Ok(Waited::Interrupted);
            }
        }
    }

    async fn ask(
        &self,
        instance: &Instance,
        belief: &mut Belief,
        absence: &mut Absence,
        (begun, limit): (Instant, Duration),
    ) -> Result<Answer, Failure> {
        let question = self.api.reads().health(&self.subscription, instance);
        let left = limit.saturating_sub(begun.elapsed());
        let answer = match self.gate.ask(left, question).await {
            Asked::Answer(answer) => answer,
            Asked::TooLate => return Ok(Answer::Other("no answer in time".to_owned())),
            Asked::Interrupted => return Ok(Answer::Ended(Waited::Interrupted)),
        };
        let waited = begun.elapsed();
        let status = match answer {
            Ok(status) => status,
            Err(error) if error.class == Class::SignedOut => return Err(error.into()),
            // What failed before the question was sent says nothing about its route.
            Err(error) if error.class == Class::Unsupported && !error.was_not_sent() => {
                return Ok(Answer::Ended(Waited::Unchecked));
            }
            Err(error) => {
                let says_absent = error.class == Class::Absent && !belief.heard;
                let patience = self.limits.no_health_route;
                if says_absent && absence.is_certain(&self.limits) && waited >= patience {
                    return self.unless_gone().await;
                }
                return Ok(Answer::Other(error.to_string()));
            }
        };
        *absence = Absence::default();
        let counts = belief.counts(&status, waited);
        match status {
            Health::Running if counts => Ok(Answer::Ended(Waited::Ready)),
            Health::Failed | Health::Stopped if counts => Err(self.ended(instance, &status).await),
            status => Ok(Answer::Other(status.to_string())),
        }
    }

    /// Where the service knows of no health, it may be that the instance itself is gone.
    async fn unless_gone(&self) -> Result<Answer, Failure> {
        match self.read_again_and_again().await {
            Ok(Some(_)) => Ok(Answer::Ended(Waited::Unchecked)),
            Ok(None) => Err(Failure::new("it is not there any more").hint("run plan again")),
            Err(Fate::Failed(failure)) => Ok(Answer::Other(failure.message)),
            Err(_) => Ok(Answer::Ended(Waited::Interrupted)),
        }
    }

    fn wait_for_health(&self, last: Option<String>) {
        let level = self.target.ready.level.unwrap_or(Level::Healthy);
        self.waiting(Waiting::Ready { level, last });
    }

    fn not_ready(&self, limit: Duration, last: Option<&str>) -> Failure {
        let limit = humantime::format_duration(limit);
        let last = last
            .map(|last| format!("; its last answer: {last}"))
            .unwrap_or_default();
        let message = format!("not healthy after {limit}{last}");
        Failure::new(message).hint("wait longer with `ready: { timeout: … }` in the manifest")
    }

    /// The failure of an instance that will not come up, with its last log lines.
    async fn ended(&self, instance: &Instance, status: &Health) -> Failure {
        let question = self.api.reads().logs(&self.subscription, instance);
        let lines = match self.gate.ask(LOG_LIMIT, question).await {
            Asked::Answer(logs) => logs.unwrap_or_default(),
            Asked::TooLate | Asked::Interrupted => Vec::new(),
        };
        let first = lines.len().saturating_sub(LOG_LINES);
        let mut failure = Failure::new(format!("its health is `{status}`"));
        failure.log = lines[first..]
            .iter()
            .map(|line| self.without_secrets(line))
            .collect();
        failure
    }
}
