use std::time::Duration;

use super::Failure;
use super::belief::Belief;
use super::gate::Asked;
use super::turn::Turn;
use crate::osc::{Class, Health, Instance, LogRange};

/// How many log lines tell why an instance has failed.
const LOG_LINES: usize = 8;

/// How long they may take: they are only an explanation.
const LOG_LIMIT: Duration = Duration::from_secs(30);

/// What one look at the health of an instance means for a wait.
pub(super) enum Look {
    Running,
    /// There is no health check to ask.
    Unchecked,
    /// There may be none, the framework says; the answer in words.
    NoRoute(String),
    /// There may be none for this instance, the service says; the answer in words.
    Absent(String),
    Interrupted,
    /// The wait goes on; the answer in words.
    Other(String),
}

impl Turn {
    /// Asks once how the instance is, within the time that is left of the wait.
    ///
    /// # Errors
    /// When it says `failed` or `stopped` and that is believed, or when nobody is signed in any
    /// more.
    pub(super) async fn ask_health(
        &self,
        instance: &Instance,
        belief: &mut Belief,
        (waited, left): (Duration, Duration),
    ) -> Result<Look, Failure> {
        let reads = self.api.reads().polling();
        let question = reads.health(&self.subscription, instance);
        let status = match self.gate.ask(left, question).await {
            Asked::Answer(Ok(status)) => status,
            Asked::Answer(Err(error)) if error.class == Class::SignedOut => {
                return Err(error.into());
            }
            // What failed before the question was sent says nothing about its route.
            Asked::Answer(Err(error))
                if error.class == Class::Unsupported && !error.was_not_sent() =>
            {
                return Ok(Look::Unchecked);
            }
            Asked::Answer(Err(error)) if error.class == Class::Absent => {
                return Ok(Look::Absent(error.to_string()));
            }
            Asked::Answer(Err(error)) if error.is_of_a_missing_route() => {
                return Ok(Look::NoRoute(error.to_string()));
            }
            Asked::Answer(Err(error)) => return Ok(Look::Other(error.to_string())),
            Asked::TooLate => return Ok(Look::Other("no answer in time".to_owned())),
            Asked::Interrupted => return Ok(Look::Interrupted),
        };
        let counts = belief.counts(&status, waited);
        match status {
            Health::Running if counts => Ok(Look::Running),
            Health::Failed | Health::Stopped if counts => {
                let address = &self.address;
                let failure = Failure::new(format!("its health is `{status}`")).hint(format!(
                    "look at its log with `osc-apply logs {address}`, mend its options, then run \
                     apply again"
                ));
                Err(self.with_log(failure, instance).await)
            }
            status => Ok(Look::Other(status.to_string())),
        }
    }

    /// A failure to get ready, with the last log lines of the instance where there are any.
    pub(super) async fn with_log(&self, failure: Failure, instance: &Instance) -> Failure {
        let reads = self.api.reads();
        let question = reads.logs(&self.subscription, instance, LogRange::default());
        let lines = match self.gate.ask(LOG_LIMIT, question).await {
            Asked::Answer(logs) => logs.unwrap_or_default(),
            Asked::TooLate | Asked::Interrupted => Vec::new(),
        };
        let first = lines.len().saturating_sub(LOG_LINES);
        let log = lines[first..].iter();
        Failure {
            log: log.map(|line| self.without_secrets(line)).collect(),
            ..failure
        }
    }
}
