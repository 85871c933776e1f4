use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use secrecy::SecretString;
use tokio::time::Instant;

use super::{Clock, Error};

const MARGIN: Duration = Duration::from_secs(60);

/// A service token, ready to be sent.
pub(super) struct ServiceToken {
    /// The token, for taking it out of texts.
    pub(super) secret: SecretString,
    /// `Bearer …`, marked as sensitive.
    pub(super) header: HeaderValue,
    /// When it ends.
    pub(super) expires: SystemTime,
    /// When it came.
    pub(super) since: Instant,
}

/// The service tokens of a session, one for each service (API notes 5).
///
/// A token is asked for once, however many tasks want it at that moment, and again from one
/// minute before its end on. If asking fails, whoever waited for that answer fails with it.
#[derive(Default)]
pub(super) struct ServiceTokens {
    slots: Mutex<HashMap<String, Arc<Slot>>>,
}

#[derive(Default)]
struct Slot {
    state: tokio::sync::Mutex<State>,
    failures: AtomicU64,
}

#[derive(Default)]
struct State {
    token: Option<Arc<ServiceToken>>,
    last_failure: Option<Error>,
}

impl ServiceTokens {
    /// The token of a service, asked for with `ask` where there is none that lasts.
    pub(super) async fn get<Asking>(
        &self,
        service: &str,
        clock: &Clock,
        ask: impl FnOnce() -> Asking,
    ) -> Result<Arc<ServiceToken>, Error>
    where
        Asking: Future<Output = Result<ServiceToken, Error>>,
    {
        let slot = self.slot(service);
        let failures_before = slot.failures.load(Ordering::Acquire);
        let mut state = slot.state.lock().await;
        if let Some(token) = &state.token
            && token.expires > clock.now() + MARGIN
        {
            return Ok(Arc::clone(token));
        }
        if slot.failures.load(Ordering::Acquire) != failures_before
            && let Some(failure) = &state.last_failure
        {
            return Err(failure.clone());
        }
        match ask().await {
            Ok(token) => {
                let token = Arc::new(token);
                state.token = Some(Arc::clone(&token));
                Ok(token)
            }
            Err(failure) => {
                state.last_failure = Some(failure.clone());
                slot.failures.fetch_add(1, Ordering::AcqRel);
                Err(failure)
            }
        }
    }

    /// Drops a token that its service did not accept, unless another has taken its place.
    pub(super) async fn forget(&self, service: &str, refused: &Arc<ServiceToken>) {
        let slot = self.slot(service);
        let mut state = slot.state.lock().await;
        if state
            .token
            .as_ref()
            .is_some_and(|current| Arc::ptr_eq(current, refused))
        {
            state.token = None;
        }
    }

    fn slot(&self, service: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(service.to_owned()).or_default())
    }
}
