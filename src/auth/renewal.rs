use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};

use super::ago::ago;
use super::grant::{Grant, GrantError, TokenEndpoint};
use super::sign_in::{SignIn, Site};
use super::store::{Lock, Place, Store, StoreError};
use crate::osc::{Class, Clock, Error, Exchange, Renew, Renewed, Renewing, TransportKind};

const OPERATION: &str = "renewing the sign-in";
/// Long enough for a slow server; a change that waits for its token waits no longer than that.
const LIMIT: Duration = Duration::from_secs(30);
const MARGIN: Duration = Duration::from_secs(60);

/// Renews a kept sign-in, alone among all processes, and keeps what came of it.
///
/// A refresh token is good once, so that its use is noted before it is sent: should this process
/// die before the answer is kept, the next one can say what happened. Where the note cannot be
/// written the token is not spent.
#[derive(Clone)]
pub struct Renewal {
    store: Store,
    site: Site,
    workspace: String,
    exchange: Arc<dyn Exchange>,
    clock: Clock,
    /// What came of the last renewal and could not be kept.
    unkept: Arc<Mutex<Option<SignIn>>>,
}

impl Renewal {
    /// A renewal of the sign-in to a workspace.
    pub fn new(
        store: Store,
        site: Site,
        workspace: &str,
        exchange: Arc<dyn Exchange>,
        clock: Clock,
    ) -> Self {
        Self {
            store,
            site,
            workspace: workspace.to_owned(),
            exchange,
            clock,
            unkept: Arc::default(),
        }
    }

    async fn renewed(&self, held: &SecretString) -> Result<Renewed, Error> {
        let lock = Arc::new(self.store.lock().await.map_err(unkept)?);
        let kept = self.read().await?;
        let Some((kept, place)) = kept else {
            return Err(ended("it was removed by `osc-apply logout`"));
        };
        // With our own note still there, what we could not keep is its next state.
        let unkept = kept.renewing_since.and_then(|_| self.unkept().take());
        let kept = unkept.unwrap_or(kept);
        let now = self.clock.now();
        let lasts = kept.expires.is_none_or(|end| end > now + MARGIN);
        if lasts && kept.access.expose_secret() != held.expose_secret() {
            tracing::debug!("another osc-apply has renewed the sign-in");
            return Ok(Renewed {
                token: kept.access,
                expires: kept.expires,
            });
        }
        let Some(refresh) = kept.refresh.clone() else {
            return Err(ended("it came without the means to renew it"));
        };
        let interrupted = kept.renewing_since;
        let noted = SignIn {
            renewing_since: Some(now),
            ..kept.clone()
        };
        self.replace(&lock, &place, noted).await?;
        match self.ask(&kept, &refresh).await {
            Ok(grant) => self.take(&lock, &place, kept, grant).await,
            Err(failure) => {
                if !may_have_been_taken(&failure) {
                    // The note was for nothing; what it said before stays true.
                    let _ = self.replace(&lock, &place, kept).await;
                }
                Err(self.explain(&failure, interrupted))
            }
        }
    }

    async fn ask(&self, kept: &SignIn, refresh: &SecretString) -> Result<Grant, GrantError> {
        let endpoint = TokenEndpoint {
            url: &kept.token_endpoint,
            client: &kept.client,
            exchange: &*self.exchange,
        };
        let asked = endpoint.refresh(refresh, self.clock.now());
        let answered = tokio::time::timeout(LIMIT, asked).await;
        answered.unwrap_or_else(|_| {
            let seconds = LIMIT.as_secs();
            Err(GrantError::Unanswered(crate::osc::TransportError {
                kind: TransportKind::Timeout,
                message: format!("no answer within {seconds} s"),
            }))
        })
    }

    async fn take(
        &self,
        lock: &Arc<Lock>,
        place: &Place,
        kept: SignIn,
        grant: Grant,
    ) -> Result<Renewed, Error> {
        if grant.claims.workspace != self.workspace {
            return Err(ended("the answer was for another workspace"));
        }
        let renewed = Renewed {
            token: grant.access.clone(),
            expires: grant.expires,
        };
        let next = SignIn {
            access: grant.access,
            claims: grant.claims,
            // Whoever sends no new one lets the old one live (API notes 2.3).
            refresh: grant.refresh.or(kept.refresh),
            expires: grant.expires,
            renewing_since: None,
            ..kept
        };
        match self.replace(lock, place, next.clone()).await {
            Ok(()) => tracing::debug!("the sign-in was renewed"),
            Err(error) => {
                tracing::warn!(
                    "the renewed sign-in holds for this run only, since it could not be kept: {}; \
                     sign in again with `osc-apply login` afterwards",
                    error.text
                );
                *self.unkept() = Some(next);
            }
        }
        Ok(renewed)
    }

    fn explain(&self, failure: &GrantError, interrupted: Option<SystemTime>) -> Error {
        match failure {
            GrantError::Refused(refusal) if refusal.is_passing() => {
                Error::new(Class::Transient, OPERATION, &refusal.text())
            }
            GrantError::Refused(refusal) => match interrupted {
                Some(since) => {
                    let elapsed = self.clock.now().duration_since(since);
                    let ago = ago(elapsed.unwrap_or_default());
                    ended(&format!(
                        "a renewal {ago} was interrupted before its answer was kept, and the \
                         server takes the token that it used no more: {}",
                        refusal.text()
                    ))
                }
                None => ended(&refusal.text()),
            },
            GrantError::Unanswered(error) => Error::of_transport(OPERATION, error),
            GrantError::Empty | GrantError::Unusable(_) => {
                Error::new(Class::Transient, OPERATION, &failure.to_string())
            }
        }
    }

    fn unkept(&self) -> MutexGuard<'_, Option<SignIn>> {
        self.unkept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn read(&self) -> Result<Option<(SignIn, Place)>, Error> {
        let (store, site) = (self.store.clone(), self.site.clone());
        let workspace = self.workspace.clone();
        blocking(move || store.read(&site, &workspace)).await
    }

    async fn replace(&self, lock: &Arc<Lock>, place: &Place, next: SignIn) -> Result<(), Error> {
        let (store, site) = (self.store.clone(), self.site.clone());
        let (lock, place) = (Arc::clone(lock), place.clone());
        blocking(move || store.replace(&lock, &site, &place, &next)).await
    }
}

impl Renew for Renewal {
    fn renew<'a>(&'a self, held: &'a SecretString) -> Renewing<'a> {
        // A task of its own: whoever waited for it may give up, and its answer must still be kept.
        let (own, held) = (self.clone(), held.clone());
        let renewing = tokio::spawn(async move { own.renewed(&held).await });
        Box::pin(async {
            let joined = renewing.await;
            joined.unwrap_or_else(|error| {
                Err(Error::new(Class::Unexpected, OPERATION, &error.to_string()))
            })
        })
    }
}

/// Away from the runtime: keyrings and disks take their time.
async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(act).await {
        Ok(done) => done.map_err(unkept),
        Err(error) => Err(Error::new(Class::Unexpected, OPERATION, &error.to_string())),
    }
}

/// Whether the server may have taken the refresh token without our having its answer.
fn may_have_been_taken(failure: &GrantError) -> bool {
    match failure {
        GrantError::Unanswered(error) => !matches!(
            error.kind,
            TransportKind::Dns
                | TransportKind::Connect
                | TransportKind::Tls
                | TransportKind::NoAuthorities
        ),
        GrantError::Refused(refusal) => refusal.status >= 500,
        GrantError::Empty | GrantError::Unusable(_) => true,
    }
}

fn unkept(error: StoreError) -> Error {
    Error::new(Class::Transient, OPERATION, &error.to_string())
}

fn ended(why: &str) -> Error {
    Error::new(Class::SignedOut, OPERATION, why)
}

#[cfg(test)]
mod tests;
