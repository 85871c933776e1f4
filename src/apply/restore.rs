use std::time::Duration;

use tokio::time::Instant;

use super::gate::Asked;
use super::pace::pause;
use super::suspension::RUNS;
use super::turn::{Ended, Turn};
use super::{EventKind, Failure, Fate, Waiting};
use crate::osc::{Class, Instance};
use crate::plan::Action;

/// How long the service may not know an instance that was resumed: about a minute of 401, then
/// 404 (API notes 6.12).
const SHOWN: Duration = Duration::from_secs(180);

/// How often it is updated: at once, when that was undone, and when nothing undoes it any more.
const UPDATES: u32 = 3;

/// How long reading it back may take after that.
const READ_BACK: Duration = Duration::from_secs(60);

impl Turn {
    /// Takes what somebody else has resumed as it is, or not at all.
    pub(super) async fn found_running(self) -> Result<Ended, Fate> {
        match self.read_unless_stopped().await? {
            Some(now) if self.is_met_by(&now) => self.already_so(&now).await,
            _ => Err(Fate::Stale(RUNS.to_owned())),
        }
    }

    /// Goes on with an instance that was resumed: waits until its service shows it, and updates
    /// it where it is not as it should be.
    pub(super) async fn restored(mut self, resumed: Instant) -> Result<Ended, Fate> {
        let now = self.until_shown().await?;
        // What it came back with may hold other secrets than it is to have.
        self.target.live = Some(now.clone());
        if self.is_met_by(&now) {
            return self.settle(&now, Action::Resume).await;
        }
        if !now.can_update {
            let message = "it came back with other options than are declared, and its service \
                           offers no update in place";
            let hint = "run plan to see what differs: it is replaced next";
            return Err(Failure::new(message).hint(hint).into());
        }
        let now = self.update_for_good(now, resumed).await?;
        self.settle(&now, Action::Update).await
    }

    async fn until_shown(&self) -> Result<Instance, Fate> {
        let begun = Instant::now();
        self.waiting(Waiting::Shown);
        loop {
            let left = SHOWN.saturating_sub(begun.elapsed());
            let failure = match self.gate.ask(left, self.read()).await {
                Asked::Interrupted => return Err(Fate::NotAwaited),
                Asked::Answer(Ok(Some(instance))) => return Ok(instance),
                Asked::Answer(Err(failure)) => failure,
                Asked::Answer(Ok(None)) | Asked::TooLate => Failure::new("it is not there"),
            };
            let waited = begun.elapsed();
            if failure.class == Some(Class::SignedOut) || waited >= SHOWN {
                let message = format!("its service does not show it: {}", failure.message);
                return Err(Fate::NotReady(Failure { message, ..failure }));
            }
            let rest = pause(&self.limits, &self.address, waited, SHOWN);
            if self.gate.rest(rest).await.is_interrupted() {
                return Err(Fate::NotAwaited);
            }
        }
    }

    /// Updates it, again where the platform has written the options from before the suspension
    /// over it (API notes 6.6), until that has ended and it is as it should be.
    async fn update_for_good(&self, mut now: Instance, resumed: Instant) -> Result<Instance, Fate> {
        let quiet = resumed + self.limits.replay;
        let mut updates = 0;
        let mut asked = Instant::now();
        loop {
            if !self.is_met_by(&now) {
                if updates == UPDATES {
                    return Err(Fate::NotReady(self.undone(&now)));
                }
                if updates + 1 < UPDATES || asked >= quiet {
                    self.update_once(&now).await?;
                    updates += 1;
                }
            } else if asked >= quiet {
                return Ok(now);
            }
            self.waiting(Waiting::Kept);
            now = loop {
                if self
                    .gate
                    .rest(self.limits.longest_pause)
                    .await
                    .is_interrupted()
                {
                    return Err(Fate::NotAwaited);
                }
                asked = Instant::now();
                let too_late = asked >= quiet + READ_BACK;
                match self.read_unless_stopped().await {
                    Ok(Some(now)) => break now,
                    Err(Fate::Failed(failure))
                        if too_late || failure.class == Some(Class::SignedOut) =>
                    {
                        return Err(Fate::NotReady(failure));
                    }
                    Ok(None) if too_late => return Err(Fate::Stale("it is gone".to_owned())),
                    // Right after a resume reads still flap.
                    Ok(None) | Err(Fate::Failed(_)) => {}
                    Err(fate) => return Err(fate),
                }
            };
        }
    }

    async fn update_once(&self, now: &Instance) -> Result<(), Fate> {
        let _slot = self.gate.slot().await?;
        self.gate.may_begin()?;
        self.store_for_update(now).await?;
        self.send_update(now).await?;
        self.tell(EventKind::Accepted(Action::Update));
        Ok(())
    }

    fn undone(&self, now: &Instance) -> Failure {
        let options = self.not_kept(now).join("`, `");
        let message = format!("the platform does not keep the value of `{options}`");
        Failure::new(message).hint("run apply again in a few minutes")
    }
}

/// What an end means when the instance is resumed already: nothing that it was not.
pub(super) fn after_resume(fate: Fate) -> Fate {
    let resumed = |failure: Failure| {
        let message = format!("resumed, but {}", failure.message);
        Failure { message, ..failure }.sent()
    };
    match fate {
        Fate::NotBegun => Fate::NotAwaited,
        Fate::Failed(failure) => Fate::Failed(resumed(failure)),
        Fate::NotReady(failure) if !failure.sent => Fate::NotReady(resumed(failure)),
        Fate::Stale(why) => Fate::NotReady(resumed(Failure::new(why))),
        fate => fate,
    }
}
