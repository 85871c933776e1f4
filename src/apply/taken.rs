use tokio::time::Instant;

use super::gate::Asked;
use super::pace::pause;
use super::turn::Turn;
use super::{Failure, Fate, Waiting};
use crate::osc::{Class, Error, Instance};

const KEEPS_NAME: &str = "an instance keeps its name while it is being resumed or deleted: run \
                           the same command again in a few minutes; if the name is still taken \
                           then, look for it in the console, or choose another `name:`";

impl Turn {
    /// Follows up a create that was refused because the name is taken, although neither the list
    /// nor a read by name has shown an instance: one that was resumed is not shown for a while,
    /// nor listed as suspended (API notes 6.12).
    ///
    /// # Errors
    /// When it is suspended, when it shows with other options than were to be sent, or when it
    /// does not show in time.
    pub(super) async fn until_shown_as_wanted(&self, refusal: Error) -> Result<Instance, Fate> {
        if let Some(failure) = self.suspended_meanwhile(&refusal).await {
            return Err(failure.into());
        }
        let (begun, limit) = (Instant::now(), self.limits.hidden);
        self.waiting(Waiting::Shown);
        loop {
            let waited = begun.elapsed();
            let left = limit.saturating_sub(waited);
            match self.gate.ask(left, self.poll()).await {
                Asked::Interrupted => return Err(Fate::NotBegun),
                Asked::Answer(Ok(Some(now))) if self.was_missed(&now) => return Ok(now),
                Asked::Answer(Ok(Some(now))) => return Err(self.another(&now)),
                Asked::Answer(Err(failure)) if failure.class == Some(Class::SignedOut) => {
                    return Err(failure.into());
                }
                Asked::Answer(Ok(None) | Err(_)) | Asked::TooLate => {}
            }
            if waited >= limit {
                let suspended = self.suspended_meanwhile(&refusal).await;
                return Err(suspended.unwrap_or_else(|| never_shown(refusal)).into());
            }
            let rest = pause(&self.limits, &self.address, waited, limit);
            if self.gate.rest(rest).await.is_interrupted() {
                return Err(Fate::NotBegun);
            }
        }
    }

    /// That an instance of the name was suspended after the plan was made, if it was.
    async fn suspended_meanwhile(&self, refusal: &Error) -> Option<Failure> {
        let (services, name) = ([self.target.service.clone()], &self.target.name);
        let reads = self.api.reads();
        let question = reads.suspended(&services);
        let all = self.gate.unless_stopped(question).await?.ok()?;
        let record = all.into_iter().find(|it| it.is_of(&services[0].id, name))?;
        let failure = Failure {
            message: format!("{refusal}; the instance of this name is {record}"),
            ..Failure::from(refusal.clone())
        };
        Some(failure.hint("run the same command again: it is resumed then"))
    }

    /// Whether an instance has the options that were sent, or were to be, and no others but
    /// defaults.
    pub(super) fn is_as_sent(&self, now: &Instance) -> bool {
        let sent = self.filled.for_create();
        self.is_met_by(now)
            && now.options.keys().all(|name| {
                let set_by_us = sent.contains_key(name);
                let by_default = self.target.service.option(name);
                set_by_us || by_default.is_some_and(|spec| spec.default.is_some())
            })
    }

    /// What an instance is that was there all along and is not the one that is wanted.
    pub(super) fn another(&self, now: &Instance) -> Fate {
        let differing = self.not_kept(now);
        let how = match differing.as_slice() {
            [] if self.is_as_sent(now) => {
                let whose = "it was not shown when the plan was made, as after a resume, and \
                             nothing says that it is part of this stack";
                return Fate::Stale(whose.to_owned());
            }
            [] => "options that are not declared".to_owned(),
            names => format!("another value of `{}`", names.join("`, `")),
        };
        Fate::Stale(format!(
            "it was not shown when the plan was made, as after a resume, and has {how}"
        ))
    }
}

fn never_shown(refusal: Error) -> Failure {
    let message = format!("{refusal}; nothing of the name has shown since");
    Failure {
        message,
        ..Failure::from(refusal)
    }
    .hint(KEEPS_NAME)
}
