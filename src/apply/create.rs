use std::time::Duration;

use tokio::time::Instant;

use super::pace::{pause, pause_again};
use super::turn::Turn;
use super::{EventKind, Failure, Fate, Waiting};
use crate::osc::{Class, Error, Instance};
use crate::plan::{Action, Marks};

/// How long an unanswered create is followed up: a new node takes minutes, and
/// the instance appears behind an error of the gateway (API notes 13.3).
const LIMIT: Duration = Duration::from_secs(180);

/// How many failed reads in a row are too few to give up.
const READS: u32 = 5;

const APPEARED: &str = "it did not exist when the plan was made, and does now";
const MAY_APPEAR: &str = "it may still appear: run plan in a few minutes to see";

/// Where an instance comes from.
pub(super) enum Made {
    /// It was created.
    New(Instance),
    /// It was there, with the options that were to be sent, and had not been shown.
    Found(Instance),
}

/// What came of one attempt.
enum Attempt {
    Made(Instance),
    /// It may have been taken; asking again is safe after another read.
    Open(Error),
    /// Nothing was sent, because it could not be read whether there is an instance.
    Unread(Failure),
    /// There is an instance now, after reads that said nothing.
    Shown(Instance),
    /// The name is taken, and no instance was shown.
    Taken(Error),
}

/// What earlier attempts have left.
#[derive(Default)]
struct Earlier {
    /// The error of one that may have been taken.
    open: Option<Error>,
    /// How many reads have failed before anything was sent.
    unread: u32,
    /// Whether the name is marked as the stack's.
    announced: bool,
}

impl Turn {
    /// Makes the instance, and no second one whatever the answers are.
    ///
    /// It is read by name before each attempt. One that appears after an unanswered attempt is
    /// taken for ours only if its options are the ones sent, and so is one that nobody showed
    /// although it had the name, if that was marked as the stack's when the plan was made.
    pub(super) async fn make(&self) -> Result<Made, Fate> {
        let alone = self.records.alone_if_any(&self.gate).await?;
        let made = self.make_alone().await;
        self.give_back(alone, &made).await;
        made
    }

    async fn make_alone(&self) -> Result<Made, Fate> {
        self.gate.may_begin()?;
        if let Some(there) = self.missed().await? {
            return Ok(Made::Found(there));
        }
        let mut earlier = Earlier::default();
        let made = self.try_until_made(&mut earlier).await;
        if let Err(fate) = &made
            && earlier.announced
        {
            self.withdraw_after(fate).await;
        }
        made
    }

    async fn try_until_made(&self, earlier: &mut Earlier) -> Result<Made, Fate> {
        let begun = Instant::now();
        let mut times = 0;
        loop {
            let attempt = self.attempt(earlier).await;
            let waited = begun.elapsed();
            match attempt.map_err(|fate| undecided(fate, earlier.open.as_ref()))? {
                Attempt::Made(made) => return Ok(Made::New(made)),
                Attempt::Taken(error) => {
                    return self.until_shown_as_wanted(error).await.map(Made::Found);
                }
                Attempt::Shown(now) if self.was_missed(&now) => return Ok(Made::Found(now)),
                Attempt::Shown(_) => return Err(Fate::Stale(APPEARED.to_owned())),
                Attempt::Unread(failure)
                    if waited >= self.limits.hidden && earlier.unread >= READS =>
                {
                    return Err(failure.into());
                }
                Attempt::Unread(_) => {
                    if earlier.unread == 0 {
                        self.waiting(Waiting::Shown);
                    }
                    earlier.unread += 1;
                    let limit = self.limits.hidden;
                    let pause = pause(&self.limits, &self.address, waited, limit);
                    if self.gate.rest(pause).await.is_interrupted() {
                        return Err(Fate::NotBegun);
                    }
                }
                Attempt::Open(error) => {
                    earlier.open = Some(error.clone());
                    let pause = pause_again(&self.limits, &self.address, times);
                    times += 1;
                    if waited >= LIMIT || self.gate.rest(pause).await.is_interrupted() {
                        return Err(Failure::from(error).hint(MAY_APPEAR).sent().into());
                    }
                }
            }
        }
    }

    /// Stores what the instance reads at its start, and says whose it will be.
    async fn prepare(&self) -> Result<(), Fate> {
        self.gate.may_begin()?;
        self.store_secrets(None).await?;
        let sent = self.filled.for_create();
        let protect = self.target.protect;
        let secrets = self.secrets_digest();
        let (marker, subject) = (&self.marker, self.subject());
        Ok(marker.announce(subject, &sent, protect, secrets).await?)
    }

    /// Takes the announcement back where it is certain that this run has made nothing: whatever has
    /// the name is not the stack's.
    async fn withdraw_after(&self, fate: &Fate) {
        let is_certain = match fate {
            Fate::Stale(_) => true,
            Fate::Failed(failure) => {
                let refusals = [Class::Refused, Class::Limit, Class::Conflict];
                !failure.sent && failure.class.is_some_and(|class| refusals.contains(&class))
            }
            _ => false,
        };
        let was_there = self.was_ours() || self.target.live.is_some();
        if !is_certain || was_there || self.gate.may_begin().is_err() {
            return;
        }
        let (subject, before) = (self.subject(), &self.target.tags);
        if let Err(failure) = self.marker.withdraw(subject, before).await {
            tracing::debug!("{} stays announced: {}", self.address, failure.message);
        }
    }

    /// Whether the name was the stack's when the plan was made.
    fn was_ours(&self) -> bool {
        Marks::of(&self.target.tags).are_of(&self.marker.stack) || self.is_intended()
    }

    /// Whether the vault was waiting for it when the plan was made.
    pub(super) fn is_intended(&self) -> bool {
        let (service, name) = (&self.target.service.id, &self.target.name);
        let intended = (service.clone(), name.clone());
        self.marker.intended.contains(&intended)
    }

    /// Whether an instance that shows is the stack's, which was merely not shown.
    pub(super) fn was_missed(&self, now: &Instance) -> bool {
        self.was_ours() && self.is_as_sent(now)
    }

    /// The instance, where its name is marked as the stack's and it was merely missing from its
    /// list: one answer that there is none proves nothing then.
    async fn missed(&self) -> Result<Option<Instance>, Fate> {
        if !self.was_ours() || self.target.live.is_some() {
            return Ok(None);
        }
        match self.read_again_and_again().await {
            Ok(Some(now)) if self.is_as_sent(&now) => Ok(Some(now)),
            Ok(Some(now)) => Err(self.another(&now)),
            Ok(None) => Ok(None),
            Err(Fate::NotAwaited) => Err(Fate::NotBegun),
            // The attempts that follow read it as well, and wait for a read that works.
            Err(Fate::Failed(failure)) if failure.class != Some(Class::SignedOut) => Ok(None),
            Err(fate) => Err(fate),
        }
    }

    async fn attempt(&self, earlier: &mut Earlier) -> Result<Attempt, Fate> {
        let _slot = self.gate.slot().await?;
        match (self.look_for_it(earlier).await, &earlier.open) {
            (Ok(None), _) => {}
            (Ok(Some(now)), Some(_)) => return self.ours(now).map(Attempt::Made),
            (Ok(Some(now)), None) if earlier.unread > 0 => return Ok(Attempt::Shown(now)),
            (Ok(Some(_)), None) => return Err(Fate::Stale(APPEARED.to_owned())),
            // One failed read says nothing about the attempt that is open, nor about whether
            // there is an instance: one that was resumed answers 401 first (API notes 6.12).
            (Err(Fate::Failed(failure)), open) if failure.class != Some(Class::SignedOut) => {
                return Ok(match open {
                    Some(error) => Attempt::Open(error.clone()),
                    None => Attempt::Unread(failure),
                });
            }
            (Err(fate), _) => return Err(fate),
        }
        if !std::mem::replace(&mut earlier.announced, true) {
            self.prepare().await?;
        }
        self.gate.may_begin()?;
        match self.send_create().await {
            Ok(made) => self.named(made).map(Attempt::Made),
            Err(error) if error.leaves_open() => Ok(Attempt::Open(error)),
            // Our own unanswered attempt may be what has taken the name.
            Err(error) if error.class == Class::Conflict && earlier.open.is_some() => {
                Ok(Attempt::Open(error))
            }
            Err(error) if error.class == Class::Conflict => Ok(Attempt::Taken(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// The instance, if there is one; asked once for as long as nothing was sent, so that it shows
    /// whether reads fail.
    async fn look_for_it(&self, earlier: &Earlier) -> Result<Option<Instance>, Fate> {
        if earlier.open.is_some() {
            return self.read_unless_stopped().await;
        }
        let read = self.gate.unless_stopped(self.poll()).await;
        Ok(read.ok_or(Fate::NotBegun)??)
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
        if self.is_as_sent(&now) {
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
            let hint = match failure.class {
                Some(Class::SignedOut | Class::Limit) => failure.hint,
                _ => Some(MAY_APPEAR.to_owned()),
            };
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
