use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, Method};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::access::Access;
use super::body::Body;
use super::budget::Budget;
use super::call::{Call, Credential, Received, bearer};
use super::classify::{Answer, Place, classify};
use super::conceal::Concealer;
use super::courtesy::Courtesy;
use super::discretion::Discretion;
use super::hosts::below;
use super::retry::{Attempts, Effect, Failure, retry_after};
use super::token::{ServiceToken, ServiceTokens};
use super::wire::{self, Malformed};
use super::{
    Claims, Class, Clock, Error, Exchange, Hosts, Renew, Role, Subscription, TransportError,
    TransportKind,
};

const READS_AT_ONCE: usize = 16;
const READ_LIMIT: Duration = Duration::from_secs(30);
const PAT_HEADER: HeaderName = HeaderName::from_static("x-pat-jwt");
const SAT_HEADER: HeaderName = HeaderName::from_static("x-jwt");

/// A workspace that is signed in to: what every call to the platform needs.
///
/// Shared by all calls, so that at most 16 reads are under way at once and a service token is
/// asked for once.
pub struct Session {
    hosts: Hosts,
    access: Access,
    claims: Claims,
    exchange: Arc<dyn Exchange>,
    clock: Clock,
    tokens: ServiceTokens,
    reads: Semaphore,
    budget: Budget,
    courtesy: Courtesy,
    discretion: Discretion,
    stop: Mutex<CancellationToken>,
    pacing: Pacing,
}

/// How a session spaces the attempts of a call.
#[derive(Debug, Clone, Copy)]
pub struct Pacing {
    /// Spreads the pauses, so that runs which failed together do not come back together.
    pub seed: u64,
    /// By how much shorter the pauses are than for OSC; above 1 for a faster platform only.
    pub speed: f64,
}

impl Default for Pacing {
    fn default() -> Self {
        Self {
            seed: 0,
            speed: 1.0,
        }
    }
}

impl Session {
    /// Joins what a session needs; asks nothing yet.
    pub fn new(
        hosts: Hosts,
        pat: SecretString,
        claims: Claims,
        exchange: Arc<dyn Exchange>,
        clock: Clock,
    ) -> Self {
        Self {
            hosts,
            access: Access::new(pat, claims.expires),
            claims,
            exchange,
            clock,
            tokens: ServiceTokens::default(),
            reads: Semaphore::new(READS_AT_ONCE),
            budget: Budget::default(),
            courtesy: Courtesy::default(),
            discretion: Discretion::default(),
            stop: Mutex::default(),
            pacing: Pacing::default(),
        }
    }

    /// The same with other pauses.
    pub fn paced(self, pacing: Pacing) -> Self {
        Self { pacing, ..self }
    }

    /// The same with an access token that is replaced when it ends or is refused.
    pub fn renewed_by(self, renewal: Arc<dyn Renew>) -> Self {
        Self {
            access: self.access.renewed_by(renewal),
            ..self
        }
    }

    /// The workspace that the token is for.
    pub fn workspace(&self) -> &str {
        &self.claims.workspace
    }

    /// From now on, nothing that the platform says shows one of these secrets: it may quote what
    /// a reference stands for, in a refusal or in a log.
    pub fn be_discreet_about(&self, secrets: impl IntoIterator<Item = SecretString>) {
        self.discretion.add(secrets);
    }

    /// Whoever takes out of texts what the session is discreet about, and these.
    pub(super) fn concealer(&self, secrets: &[&str]) -> Concealer {
        self.discretion.concealer(secrets)
    }

    /// When the access token ends that is used now, if ever.
    pub(super) fn token_expires(&self) -> Option<SystemTime> {
        self.access.expires()
    }

    /// The URL of a path on a host of the platform.
    pub(super) fn platform_url(&self, role: Role, path: &[&str]) -> Url {
        below(self.hosts.base(role), path)
    }

    /// Asks a host of the platform, with the access token.
    ///
    /// One that is not accepted is replaced once, where it can be: the request did not get
    /// through.
    pub(super) async fn ask_platform(&self, call: &Call<'_>) -> Result<Received, Error> {
        let mut attempts = self.attempts(call);
        let asked = self.attempt_at_platform(call, &mut attempts).await;
        asked.map_err(|error| attempts.conclude(error))
    }

    async fn attempt_at_platform(
        &self,
        call: &Call<'_>,
        attempts: &mut Attempts,
    ) -> Result<Received, Error> {
        let mut instead = None;
        loop {
            let pat = match &instead {
                Some(pat) => Ok(SecretString::clone(pat)),
                None => self.access.token(&self.clock).await,
            };
            let sent = match &pat {
                Ok(pat) => self.send_with_pat(call, pat).await,
                Err(error) => Err(Failure {
                    error: error.clone().before_sending(),
                    retry_after: None,
                }),
            };
            match (sent, pat) {
                (Ok(received), _) => return Ok(received),
                (Err(failure), Ok(pat))
                    if instead.is_none() && failure.error.class == Class::SignedOut =>
                {
                    let successor = self.access.instead_of(&pat).await;
                    instead = successor.map_err(Error::before_sending)?;
                    if instead.is_none() {
                        return Err(failure.error);
                    }
                }
                (Err(failure), _) => self.pause(attempts, failure).await?,
            }
        }
    }

    async fn send_with_pat(
        &self,
        call: &Call<'_>,
        pat: &SecretString,
    ) -> Result<Received, Failure> {
        let value = bearer(pat).ok_or_else(|| Failure {
            error: Error::new(Class::SignedOut, &*call.operation, "it is not a token"),
            retry_after: None,
        })?;
        let credential = Credential {
            header: PAT_HEADER,
            value,
            secret: pat,
        };
        self.send(call, &credential).await
    }

    /// Asks a service API, with the token of that service.
    ///
    /// A token that is not accepted (401 or 500, API notes 3) is replaced once, which is no
    /// retry: the request did not get through (API notes 5).
    pub(super) async fn ask_service(
        &self,
        subscription: &Subscription,
        call: &Call<'_>,
    ) -> Result<Received, Error> {
        self.check_destination(subscription, call)?;
        let mut attempts = self.attempts(call);
        let asked = self.attempt(subscription, call, &mut attempts).await;
        asked.map_err(|error| attempts.conclude(error))
    }

    async fn attempt(
        &self,
        subscription: &Subscription,
        call: &Call<'_>,
        attempts: &mut Attempts,
    ) -> Result<Received, Error> {
        let mut replaced = false;
        loop {
            let token = self.service_token(&subscription.service).await;
            let token = token.map_err(Error::before_sending)?;
            let credential = Credential {
                header: SAT_HEADER,
                value: token.header.clone(),
                secret: &token.secret,
            };
            match self.send(call, &credential).await {
                Ok(received) => return Ok(received),
                Err(failure) if !replaced && is_about_the_token(&failure.error) => {
                    replaced = true;
                    self.tokens.forget(&subscription.service, &token).await;
                }
                Err(failure) => self.pause(attempts, failure).await?,
            }
        }
    }

    fn attempts(&self, call: &Call<'_>) -> Attempts {
        let attempts = Attempts::of(call.effect, self.pacing, call.url.as_str());
        match call.place.is_optional() {
            true => attempts.at_optional_route(),
            false => attempts,
        }
    }

    /// From now on no change is attempted again once this is cancelled.
    pub(super) fn stop_with(&self, stop: CancellationToken) {
        *self.stop.lock().unwrap_or_else(PoisonError::into_inner) = stop;
    }

    /// Waits before another attempt.
    ///
    /// # Errors
    /// The failure itself, where there is to be none.
    async fn pause(&self, attempts: &mut Attempts, failure: Failure) -> Result<(), Error> {
        match attempts.pause_after(&failure) {
            Some(pause) if self.budget.take() => {
                let stop = match attempts.are_of_a_change() {
                    true => self
                        .stop
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .clone(),
                    false => CancellationToken::new(),
                };
                let waited = stop.run_until_cancelled(tokio::time::sleep(pause)).await;
                waited.ok_or(failure.error)
            }
            Some(_) => {
                tracing::debug!("not asked again: too much has failed in this run");
                Err(failure.error)
            }
            None => Err(failure.error),
        }
    }

    /// The one gate that a service token passes: a trusted host, and no other than the API's.
    fn check_destination(&self, subscription: &Subscription, call: &Call<'_>) -> Result<(), Error> {
        let refused = |why: &str| Err(Error::new(Class::Unexpected, &*call.operation, why));
        if !subscription.api_url.has_host() {
            return refused("the subscription names no usable `apiUrl`");
        }
        if let Err(untrusted) = self.hosts.check_api_url(&subscription.api_url) {
            return refused(&untrusted.to_string());
        }
        if call.url.origin() != subscription.api_url.origin() {
            return refused("the request would take the service's token to another host");
        }
        Ok(())
    }

    async fn service_token(&self, service: &str) -> Result<Arc<ServiceToken>, Error> {
        self.tokens
            .get(service, &self.clock, || self.new_service_token(service))
            .await
    }

    async fn new_service_token(&self, service: &str) -> Result<ServiceToken, Error> {
        let call = Call {
            operation: format!("getting a token for {service}"),
            effect: Effect::Read,
            place: Place::Platform,
            method: Method::POST,
            url: self.platform_url(Role::Token, &["servicetoken"]),
            body: Some(json!({ "serviceId": service })),
            secrets: Vec::new(),
        };
        let answer = self
            .ask_platform(&call)
            .await
            .map_err(|error| match error.class {
                // What is absent is the service or the subscription, never the instance in question.
                Class::Absent => Error {
                    class: Class::Refused,
                    ..error
                },
                _ => error,
            })?;
        answer.decoded(|answer| {
            let (secret, expires) = wire::service_token(answer)?;
            let header = bearer(&secret)
                .ok_or_else(|| Malformed("a service token is no text for a header".to_owned()))?;
            Ok(ServiceToken {
                secret,
                header,
                expires,
                since: Instant::now(),
            })
        })
    }

    /// One attempt.
    async fn send(
        &self,
        call: &Call<'_>,
        credential: &Credential<'_>,
    ) -> Result<Received, Failure> {
        let without_answer = |error| Failure {
            error,
            retry_after: None,
        };
        let request = call.request(credential).map_err(without_answer)?;
        if call.effect == Effect::Poll {
            self.courtesy.keep(&call.url).await;
        }
        let answer = self
            .exchanged(call, request)
            .await
            .map_err(without_answer)?;
        let content_type = answer
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let body = Body::of(content_type, answer.body());
        let facts = Answer {
            place: call.place,
            method: &call.method,
            status: answer.status(),
        };
        let status = answer.status().as_u16();
        match classify(facts, &body) {
            Ok(()) => {
                self.budget.earn();
                Ok(Received {
                    operation: call.operation.clone(),
                    status,
                    body,
                    bytes: answer.into_body(),
                })
            }
            Err(rejection) => {
                let held = self.access.held();
                let mut secrets = call.secrets.clone();
                // The platform has been seen to quote what is wrong with a token (API notes 3).
                secrets.push(credential.secret.expose_secret());
                secrets.push(held.expose_secret());
                let text = self.concealer(&secrets).conceal(&rejection.text);
                let retry_after = retry_after(answer.headers(), self.clock.now());
                self.courtesy.note(&call.url, retry_after);
                Err(Failure {
                    error: Error {
                        status: Some(status),
                        no_such_route: rejection.no_such_route,
                        ..Error::new(rejection.class, &*call.operation, &text)
                    },
                    retry_after,
                })
            }
        }
    }

    async fn exchanged(
        &self,
        call: &Call<'_>,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, Error> {
        // Held for one attempt only, so that nobody waits for a pause of somebody else.
        let _turn = match call.effect {
            Effect::Read | Effect::Poll => self.reads.acquire().await.ok(),
            Effect::Repeatable | Effect::Mutation => None,
        };
        let started = Instant::now();
        let answer = match call.effect {
            Effect::Read | Effect::Poll => self.in_time(request).await,
            Effect::Repeatable | Effect::Mutation => self.exchange.exchange(request).await,
        };
        let (method, milliseconds) = (&call.method, started.elapsed().as_millis());
        let url = call.shown_url();
        match &answer {
            Ok(answer) => {
                let status = answer.status().as_u16();
                tracing::debug!("{method} {url} -> {status} in {milliseconds} ms");
            }
            Err(error) => {
                tracing::debug!("{method} {url} -> {:?} in {milliseconds} ms", error.kind);
            }
        }
        answer.map_err(|error| Error::of_transport(&call.operation, &error))
    }

    /// An answer to a question, which takes the platform no time: unlike a change, it is given up
    /// long before the end of a whole call.
    async fn in_time(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let asked = tokio::time::timeout(READ_LIMIT, self.exchange.exchange(request)).await;
        asked.unwrap_or_else(|_| {
            Err(TransportError {
                kind: TransportKind::Timeout,
                message: format!("no answer within {} s", READ_LIMIT.as_secs()),
            })
        })
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("workspace", &self.claims.workspace)
            .field("environment", &self.hosts.environment())
            .finish_non_exhaustive()
    }
}

/// Whether another service token may help; the page of a gateway that says 401 may mean it, too.
fn is_about_the_token(error: &Error) -> bool {
    error.status == Some(401) || error.class == Class::SignedOut
}

pub(super) mod visit;

#[cfg(test)]
mod tests;
