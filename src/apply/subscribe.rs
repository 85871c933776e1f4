use std::time::Duration;

use tokio::time::Instant;

use super::gate::{Asked, Gate};
use super::pace::pause;
use super::{Failure, Fate, Limits};
use crate::model::Address;
use crate::osc::{Class, Error, Subscription, WriteApi};

/// How long a subscription may take until it is listed.
const LISTED: Duration = Duration::from_secs(60);

/// Services to subscribe to, and what that needs.
pub(super) struct Subscribing {
    pub(super) api: WriteApi,
    pub(super) services: Vec<String>,
    pub(super) gate: Gate,
    pub(super) limits: Limits,
}

impl Subscribing {
    /// Subscribes, again where the answer leaves open whether it was taken, which harms nothing
    /// (API notes 4.3), and reads the subscriptions until the services are among them.
    pub(super) async fn run(&self) -> Result<Vec<Subscription>, Fate> {
        let begun = Instant::now();
        let mut doubt = self.send().await?;
        loop {
            let left = LISTED.saturating_sub(begun.elapsed());
            let reads = self.api.reads().polling();
            let reading = reads.subscriptions();
            let unread = match self.gate.ask(left, reading).await {
                Asked::Answer(Ok(all)) if self.are_among(&all) => return Ok(all),
                Asked::Answer(Err(error)) if error.class == Class::SignedOut => {
                    return Err(Failure::from(error).sent().into());
                }
                Asked::Answer(Err(error)) => Some(error),
                Asked::Answer(Ok(_)) | Asked::TooLate => None,
                Asked::Interrupted => return Err(interrupted(doubt)),
            };
            let waited = begun.elapsed();
            if waited >= LISTED {
                return Err(not_listed(doubt, unread));
            }
            let rest = match doubt {
                Some(_) => self.limits.longest_pause,
                None => pause(&self.limits, &Address::subscriptions(), waited, LISTED),
            };
            if self.gate.rest(rest).await.is_interrupted() {
                return Err(interrupted(doubt));
            }
            if let Some(error) = doubt {
                doubt = self.send().await.map_err(|fate| after(error, fate))?;
            }
        }
    }

    /// Asks for the subscriptions; returns the error that leaves open whether that was taken.
    async fn send(&self) -> Result<Option<Error>, Fate> {
        let _slot = self.gate.slot().await?;
        self.gate.may_begin()?;
        let ids: Vec<&str> = self.services.iter().map(String::as_str).collect();
        match self.api.subscribe(&ids).await {
            Ok(()) => Ok(None),
            Err(error) if error.leaves_open() => Ok(Some(error)),
            Err(error) => Err(error.into()),
        }
    }

    fn are_among(&self, all: &[Subscription]) -> bool {
        let listed = |service: &String| all.iter().any(|it| it.service == *service);
        self.services.iter().all(listed)
    }
}

fn interrupted(doubt: Option<Error>) -> Fate {
    match doubt {
        None => Fate::NotAwaited,
        Some(error) => Failure::from(error).sent().into(),
    }
}

/// What came of another attempt after one that was left open.
fn after(open: Error, fate: Fate) -> Fate {
    match fate {
        Fate::Failed(failure) => failure.sent().into(),
        _ => Failure::from(open).sent().into(),
    }
}

fn not_listed(doubt: Option<Error>, unread: Option<Error>) -> Fate {
    if let Some(error) = doubt {
        return Failure::from(error).sent().into();
    }
    let limit = humantime::format_duration(LISTED);
    let why = unread.map(|error| format!(": {error}")).unwrap_or_default();
    let message = format!("subscribed, but not listed after {limit}{why}");
    let failure = Failure::new(message).hint("run the same command again in a minute");
    Fate::NotReady(failure.sent())
}
