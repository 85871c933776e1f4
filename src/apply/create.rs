use std::time::Duration;

use tokio::time::Instant;

use super::turn::Turn;
use super::{EventKind, Failure, Fate};
use crate::osc::{Class, Error, Instance};
use crate::plan::Action;

/// How long an unanswered create is followed up: a new node takes minutes, and
/// the instance appears behind an error of the gateway (API notes 13.3).
const LIMIT: Duration = Duration::from_secs(180);

const MAY_APPEAR: &str = "it may still appear: run plan in a few minutes to see";

/// What came of one attempt.
enum Attempt {
    Made(Instance),
    /// It may have been taken; asking again is safe after another read.
    Open(Error),
}

impl Turn {
    /// Makes the instance, and no second one whatever the answers are.
    ///
    /// It is read by name before each attempt. One that appears after an unanswered attempt is
    /// taken for ours only if its options are the ones sent.
    pub(super) async fn make(&self) -> Result<Instance, Fate> {
        let alone = self.records.alone_if_any(&self.gate).await?;
        let made = self.make_alone().await;
        self.give_back(alone, &made).await;
        made
    }

    async fn make_alone(&self) -> Result<Instance, Fate> {
        let begun = Instant::now();
        let mut open: Option<Error> = None;
        loop {
            let attempt = self.attempt(open.as_ref()).await;
            match attempt.map_err(|fate| undecided(fate, open.as_ref()))? {
                Attempt::Made(made) => return Ok(made),
                Attempt::Open(error) => {
                    let waited = begun.elapsed();
                    let pause = self.limits.create_again;
                    if waited >= LIMIT || self.gate.rest(pause).await.is_interrupted() {
                        return Err(Failure::from(error).hint(MAY_APPEAR).sent().into());
                    }
                    open = Some(error);
                }
            }
        }
    }

    async fn attempt(&self, open: Option<&Error>) -> Result<Attempt, Fate> {
        let _slot = self.gate.slot().await?;
        match (self.read_unless_stopped().await, open) {
            (Ok(None), _) => {}
            (Ok(Some(now)), Some(_)) => return self.ours(now).map(Attempt::Made),
            (Ok(Some(_)), None) => {
                let why = "it did not exist when the plan was made, and does now";
                return Err(Fate::Stale(why.to_owned()));
            }
            // One failed read says nothing about the attempt that is open.
            (Err(Fate::Failed(failure)), Some(error))
                if failure.class != Some(Class::SignedOut) =>
            {
                return Ok(Attempt::Open(error.clone()));
            }
            (Err(fate), _) => return Err(fate),
        }
        self.gate.may_begin()?;
        match self.send_create().await {
            Ok(made) => self.named(made).map(Attempt::Made),
            Err(error) if error.leaves_open() => Ok(Attempt::Open(error)),
            // Our own unanswered attempt may be what has taken the name.
            Err(error) if error.class == Class::Conflict && open.is_some() => {
                Ok(Attempt::Open(error))
            }
            Err(error) if error.class == Class::Conflict => Err(self.taken(error).await.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Why a name is taken that no instance has: it may have been suspended after the plan.
    async fn taken(&self, error: Error) -> Failure {
        let (service, name) = (&self.target.service.id, &self.target.name);
        let question = self.api.reads().suspended(&[]);
        match self.gate.unless_stopped(question).await {
            Some(Ok(all)) if all.iter().any(|it| it.is_of(service, name)) => Failure {
                message: format!("{error}; the instance of this name is suspended"),
                ..Failure::from(error)
            }
            .hint("run plan again: it shows what can be done about it"),
            _ => error.into(),
        }
    }

    async fn send_create(&self) -> Result<Instance, Error> {
        let (service, name) = (&self.target.service, &self.target.name);
        let options = self.filled.for_create();
        self.api
            .create(&self.subscription, service, name, &options)
            .await
    }

    fn named(&self, made: Instance) -> Result<Instance, Fate> {
        self.tell(EventKind::Accepted(Action::Create));
        if made.name == self.target.name {
            return Ok(made);
        }
        let message = format!("the platform named it `{}` instead", made.name);
        Err(Failure::new(message)
            .hint("use that name in the manifest")
            .sent()
            .into())
    }

    /// An instance that has appeared after an attempt without a usable answer.
    fn ours(&self, now: Instance) -> Result<Instance, Fate> {
        let sent = self.filled.for_create();
        let as_sent = self.target.is_met_by(&self.filled, &now)
            && now.options.keys().all(|name| {
                let set_by_us = sent.contains_key(name);
                let by_default = self.target.service.option(name);
                set_by_us || by_default.is_some_and(|spec| spec.default.is_some())
            });
        if as_sent {
            self.tell(EventKind::Accepted(Action::Create));
            return Ok(now);
        }
        let message = "an instance of this name has appeared with other options than were sent";
        Err(Failure::new(message)
            .hint("run plan to see what it holds")
            .sent()
            .into())
    }
}

/// What to say when an attempt fails after one whose end is not known.
fn undecided(fate: Fate, open: Option<&Error>) -> Fate {
    let Some(error) = open else {
        return fate;
    };
    match fate {
        // It knows what came of the earlier one.
        Fate::Failed(failure) if failure.sent => failure.into(),
        Fate::Failed(failure) => {
            let message = format!(
                "{}; an earlier attempt was not answered, and what it asked for may still appear",
                failure.message
            );
            let hint = failure.hint.or_else(|| Some(MAY_APPEAR.to_owned()));
            let failure = Failure {
                message,
                hint,
                ..failure
            };
            failure.sent().into()
        }
        _ => Failure::from(error.clone()).hint(MAY_APPEAR).sent().into(),
    }
}
