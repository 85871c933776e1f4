use std::time::Duration;

use tokio::time::Instant;

use super::pace::pause;
use super::step::Turn;
use super::{Failure, Waiting};
use crate::model::Port;
use crate::osc::{Class, Error, Health, Instance};

/// How a wait ended, unless it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    Ready,
    /// The platform cannot tell how this instance is.
    Unchecked,
    Interrupted,
}

/// From when `running` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// From the first answer on.
    AtOnce,
    /// After another status was seen or some time has passed, and when a second answer agrees.
    AfterRestart,
}

impl Turn<'_> {
    /// Waits until the health check says `running`.
    pub(super) async fn until_healthy(
        &self,
        instance: &Instance,
        limit: Duration,
        trust: Trust,
    ) -> Result<Waited, Failure> {
        let begun = Instant::now();
        let mut belief = Belief {
            trust,
            changed: false,
            agreed: 0,
        };
        let mut last: Option<String> = None;
        self.waiting(Waiting::Ready {
            level: self.target.ready.0,
            last: None,
        });
        loop {
            let answer = self.api.reads().health(self.subscription, instance).await;
            let waited = begun.elapsed();
            let word = match answer {
                Ok(Health::Running) if belief.running(waited, self.limits.settle) => {
                    return Ok(Waited::Ready);
                }
                Ok(status @ (Health::Failed | Health::Stopped)) => {
                    return Err(self.ended(instance, &status).await);
                }
                Ok(status) => {
                    belief.other(&status);
                    status.to_string()
                }
                Err(error) if error.class == Class::SignedOut => return Err(error.into()),
                Err(error) if has_no_health(&error, waited, self.limits.no_health_route) => {
                    return Ok(Waited::Unchecked);
                }
                Err(error) => error.to_string(),
            };
            if last.as_ref() != Some(&word) {
                self.waiting(Waiting::Ready {
                    level: self.target.ready.0,
                    last: Some(word.clone()),
                });
            }
            last = Some(word);
            if waited >= limit {
                return Err(self.not_ready(limit, last.as_deref()));
            }
            if self.rest(waited, limit).await.is_interrupted() {
                return Ok(Waited::Interrupted);
            }
        }
    }

    /// Waits until there is a port to refer to; none after the limit.
    pub(super) async fn until_ports(
        &self,
        instance: &Instance,
    ) -> Result<Option<Vec<Port>>, Failure> {
        let begun = Instant::now();
        let limit = self.limits.ports;
        loop {
            let ports = self.api.reads().ports(self.subscription, instance).await?;
            if !ports.is_empty() || begun.elapsed() >= limit {
                return Ok(Some(ports));
            }
            self.waiting(Waiting::Ports);
            if self.rest(begun.elapsed(), limit).await.is_interrupted() {
                return Ok(None);
            }
        }
    }

    /// Waits until the service says that there is no such instance.
    pub(super) async fn until_gone(&self, name: &str) -> Result<Waited, Failure> {
        let begun = Instant::now();
        let limit = self.limits.gone;
        self.waiting(Waiting::Gone);
        loop {
            let read = self
                .api
                .reads()
                .instance(self.subscription, &self.target.service, name)
                .await;
            match read {
                Err(error) if error.class == Class::Absent => return Ok(Waited::Ready),
                Err(error) if error.class == Class::SignedOut => return Err(error.into()),
                Ok(_) | Err(_) => {}
            }
            if begun.elapsed() >= limit {
                let limit = humantime::format_duration(limit);
                let message = format!("deleted, and still there after {limit}");
                return Err(Failure::new(message).hint("run the same command again later"));
            }
            if self.rest(begun.elapsed(), limit).await.is_interrupted() {
                return Ok(Waited::Interrupted);
            }
        }
    }

    async fn rest(&self, waited: Duration, limit: Duration) -> Rest {
        let pause = pause(waited)
            .min(limit.saturating_sub(waited))
            .max(Duration::from_millis(1));
        tokio::select! {
            () = tokio::time::sleep(pause) => Rest::Over,
            () = self.stop.cancelled() => Rest::Interrupted,
        }
    }

    fn not_ready(&self, limit: Duration, last: Option<&str>) -> Failure {
        let limit = humantime::format_duration(limit);
        let last = last
            .map(|last| format!("; its last answer: {last}"))
            .unwrap_or_default();
        let message = format!("not {} after {limit}{last}", self.target.ready.0);
        Failure::new(message).hint("wait longer with `ready: { timeout: … }` in the manifest")
    }

    /// The failure of an instance that will not come up, with its last log lines.
    async fn ended(&self, instance: &Instance, status: &Health) -> Failure {
        const LINES: usize = 8;
        let lines = self
            .api
            .reads()
            .logs(self.subscription, instance)
            .await
            .unwrap_or_default();
        let first = lines.len().saturating_sub(LINES);
        let mut failure = Failure::new(format!("its health is `{status}`"));
        failure.log = lines[first..]
            .iter()
            .map(|line| self.without_secrets(line))
            .collect();
        failure
    }
}

fn has_no_health(error: &Error, waited: Duration, patience: Duration) -> bool {
    match error.class {
        Class::Unsupported => true,
        Class::Absent => waited >= patience,
        _ => false,
    }
}

enum Rest {
    Over,
    Interrupted,
}

impl Rest {
    fn is_interrupted(&self) -> bool {
        matches!(self, Self::Interrupted)
    }
}

/// Whether an answer of `running` is about the new process.
struct Belief {
    trust: Trust,
    changed: bool,
    agreed: u8,
}

impl Belief {
    fn running(&mut self, waited: Duration, settle: Duration) -> bool {
        if self.trust == Trust::AtOnce {
            return true;
        }
        if self.changed || waited >= settle {
            self.agreed += 1;
        }
        self.agreed >= 2
    }

    fn other(&mut self, status: &Health) {
        if *status != Health::Running {
            self.changed = true;
            self.agreed = 0;
        }
    }
}
