use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::{Class, Clock, Error};

/// How long before its end an access token is replaced (API notes 2.3).
const MARGIN: Duration = Duration::from_secs(60);
/// How long after an attempt to replace it a token that still holds is used as it is.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a new token must have been good for before it is replaced because it was refused.
const PROVEN: Duration = Duration::from_secs(60);

/// The future of a renewal.
pub type Renewing<'a> = Pin<Box<dyn Future<Output = Result<Renewed, Error>> + Send + 'a>>;

/// Whoever can replace an access token by one that lasts longer.
pub trait Renew: Send + Sync {
    /// Another token in place of `held`, which is about to end or was refused; for the same
    /// workspace.
    ///
    /// Answers in bounded time. An error of [`Class::SignedOut`] says that there will be none.
    fn renew<'a>(&'a self, held: &'a SecretString) -> Renewing<'a>;
}

/// A token that took the place of another.
#[derive(Debug, Clone)]
pub struct Renewed {
    /// The token.
    pub token: SecretString,
    /// When it ends, if ever.
    pub expires: Option<SystemTime>,
}

/// The access token of a session, replaced from one minute before its end on where that can be
/// done, and once where it is refused.
///
/// Whoever asks while it is being replaced waits for that one renewal.
pub(super) struct Access {
    current: Mutex<Arc<Held>>,
    renewing: tokio::sync::Mutex<LastAttempt>,
    renewal: Option<Arc<dyn Renew>>,
}

/// What came of the last renewal, for whoever is next.
#[derive(Default)]
struct LastAttempt {
    at: Option<Instant>,
    /// Why there will never be another.
    ended: Option<Error>,
}

struct Held {
    token: SecretString,
    expires: Option<SystemTime>,
    /// When it took the place of another; the first one did not.
    since: Option<Instant>,
}

impl LastAttempt {
    fn is_recent(&self) -> bool {
        self.at.is_some_and(|at| at.elapsed() < PATIENCE)
    }
}

impl Held {
    fn lasts(&self, until: SystemTime) -> bool {
        self.expires.is_none_or(|end| end > until)
    }
}

impl Access {
    pub(super) fn new(token: SecretString, expires: Option<SystemTime>) -> Self {
        Self {
            current: Mutex::new(Arc::new(Held {
                token,
                expires,
                since: None,
            })),
            renewing: tokio::sync::Mutex::default(),
            renewal: None,
        }
    }

    pub(super) fn renewed_by(self, renewal: Arc<dyn Renew>) -> Self {
        Self {
            renewal: Some(renewal),
            ..self
        }
    }

    /// The token as it is, for taking it out of texts.
    pub(super) fn held(&self) -> SecretString {
        self.current().token.clone()
    }

    /// When the token ends, if ever.
    pub(super) fn expires(&self) -> Option<SystemTime> {
        self.current().expires
    }

    /// A token to send now.
    ///
    /// # Errors
    /// Where it has ended and there is no other.
    pub(super) async fn token(&self, clock: &Clock) -> Result<SecretString, Error> {
        let held = self.current();
        if held.lasts(clock.now() + MARGIN) {
            return Ok(held.token.clone());
        }
        let Some(renewal) = &self.renewal else {
            return match held.lasts(clock.now()) {
                true => Ok(held.token.clone()),
                false => Err(Error::new(
                    Class::SignedOut,
                    "using the access token",
                    "it has expired",
                )),
            };
        };
        let mut last = self.renewing.lock().await;
        let held = self.current();
        let holds = held.lasts(clock.now());
        if held.lasts(clock.now() + MARGIN) || (holds && last.is_recent()) {
            return Ok(held.token.clone());
        }
        match self.renewed(&mut last, &**renewal, &held).await {
            Ok(token) => Ok(token),
            Err(error) if holds => {
                tracing::debug!("the access token is used up to its end: {error}");
                Ok(held.token.clone())
            }
            Err(error) => Err(error),
        }
    }

    /// Another token in place of one that was refused; nothing where there is none to be had now.
    ///
    /// A refused request did not get through, so that sending it again is no repetition.
    ///
    /// # Errors
    /// Where there will be none: this says more of why than the refusal does.
    pub(super) async fn instead_of(
        &self,
        refused: &SecretString,
    ) -> Result<Option<SecretString>, Error> {
        let Some(renewal) = &self.renewal else {
            return Ok(None);
        };
        let mut last = self.renewing.lock().await;
        let held = self.current();
        if held.token.expose_secret() != refused.expose_secret() {
            return Ok(Some(held.token.clone()));
        }
        let just_came = held.since.is_some_and(|since| since.elapsed() < PROVEN);
        if just_came || (last.ended.is_none() && last.is_recent()) {
            return Ok(None);
        }
        match self.renewed(&mut last, &**renewal, &held).await {
            Ok(token) => Ok(Some(token)),
            Err(error) if error.class == Class::SignedOut => Err(error),
            Err(error) => {
                tracing::debug!("the refused access token has no successor: {error}");
                Ok(None)
            }
        }
    }

    /// One attempt; none once there was an end to it.
    async fn renewed(
        &self,
        last: &mut LastAttempt,
        renewal: &dyn Renew,
        held: &Held,
    ) -> Result<SecretString, Error> {
        if let Some(ended) = &last.ended {
            return Err(ended.clone());
        }
        last.at = Some(Instant::now());
        match renewal.renew(&held.token).await {
            Ok(renewed) => Ok(self.take(renewed)),
            Err(error) => {
                if error.class == Class::SignedOut {
                    last.ended = Some(error.clone());
                }
                Err(error)
            }
        }
    }

    fn current(&self) -> Arc<Held> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    fn take(&self, renewed: Renewed) -> SecretString {
        let Renewed { token, expires } = renewed;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(Held {
            token: token.clone(),
            expires,
            since: Some(Instant::now()),
        });
        token
    }
}

#[cfg(test)]
mod tests;
