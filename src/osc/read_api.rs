use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::Method;
use secrecy::SecretString;
use url::Url;

use super::call::{Call, Received};
use super::classify::Place;
use super::conceal::sensitive;
use super::retry::Effect;
use super::routes::{self, Astray, LogRange, Side};
use super::{
    Class, Error, Health, Instance, Role, Session, Stream, Subscription, Suspended, TenantPlan,
    TransportError, Visit, wire,
};
use crate::catalog::Service;
use crate::model::Port;

/// Questions to the platform; none of them changes anything.
///
/// Cheap to clone. A question is repeated a few times where the failure is
/// [`Class::Transient`]; the error that is returned is the last one.
#[derive(Debug, Clone)]
pub struct ReadApi {
    session: Arc<Session>,
    effect: Effect,
}

impl ReadApi {
    /// Questions within a session.
    pub fn new(session: Arc<Session>) -> Self {
        Self {
            session,
            effect: Effect::Read,
        }
    }

    /// The same questions for whoever asks again anyway: a failure is not repeated, so that one
    /// look is one request. That a service has no such route, several
    /// [such answers](Error::is_of_a_missing_route) tell, not one.
    pub fn polling(&self) -> Self {
        Self {
            session: Arc::clone(&self.session),
            effect: Effect::Poll,
        }
    }

    /// The workspace that is asked about.
    pub fn workspace(&self) -> &str {
        self.session.workspace()
    }

    /// As [`Session::be_discreet_about`].
    pub fn be_discreet_about(&self, secrets: impl IntoIterator<Item = SecretString>) {
        self.session.be_discreet_about(secrets);
    }

    /// When the access token ends that is used now, if ever.
    pub fn token_expires(&self) -> Option<SystemTime> {
        self.session.token_expires()
    }

    /// The services that the workspace may use.
    ///
    /// A service all of whose instances are suspended may be missing (API notes 4.3).
    ///
    /// # Errors
    /// Also when one record has no id or no usable `apiUrl`. Whether an `apiUrl` is trusted is
    /// checked when it is used.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, Error> {
        let url = self
            .session
            .platform_url(Role::Catalog, &["mysubscriptions"]);
        let call = self.question("reading subscriptions".to_owned(), Place::Platform, url);
        let answer = self.session.ask_platform(&call).await?;
        answer.decoded(wire::subscriptions)
    }

    /// Every suspended instance of the workspace; its options only where it is of one of these
    /// services (API notes 6.12).
    ///
    /// # Errors
    /// Also when there is no answer body, or a single record has no service or name: nothing of
    /// another shape means that nothing is suspended.
    pub async fn suspended(&self, services: &[Arc<Service>]) -> Result<Vec<Suspended>, Error> {
        let url = self.session.platform_url(Role::Deploy, &["mysuspended"]);
        let operation = "reading suspended instances".to_owned();
        let call = self.question(operation, Place::Platform, url);
        let answer = self.session.ask_platform(&call).await?;
        answer.decoded(|records| wire::suspended(records, services))
    }

    /// The plan that the workspace is on.
    ///
    /// # Errors
    /// Also when the answer does not name one.
    pub async fn tenant_plan(&self) -> Result<TenantPlan, Error> {
        let url = self.session.platform_url(Role::Money, &["mytenantplan"]);
        let operation = "reading the workspace's plan".to_owned();
        let call = self.question(operation, Place::Platform, url);
        let answer = self.session.ask_platform(&call).await?;
        answer.decoded(wire::tenant_plan)
    }

    /// All instances of a service, as far as the platform shows them: suspended ones are
    /// missing (API notes 6.12).
    ///
    /// # Errors
    /// Also when a single one of them cannot be read.
    pub async fn instances(
        &self,
        subscription: &Subscription,
        service: &Service,
    ) -> Result<Vec<Instance>, Error> {
        let operation = format!("reading instances of {}", subscription.service);
        let url = subscription.api_url.clone();
        let call = self.question(operation, Place::Collection, url);
        let answer = self.session.ask_service(subscription, &call).await?;
        answer.decoded(|list| wire::instances(list, service))
    }

    /// One instance by its name.
    ///
    /// # Errors
    /// [`Class::Absent`] only where the service itself says that there is none; a suspended
    /// instance is absent, too.
    pub async fn instance(
        &self,
        subscription: &Subscription,
        service: &Service,
        name: &str,
    ) -> Result<Instance, Error> {
        let by_name = self.document(subscription, service, name, name).await;
        match by_name {
            // A channel is found by `{workspace}-{name}` (API notes 6.11).
            Err(error) if error.class == Class::Absent && service.option("url").is_some() => {
                let id = format!("{}-{name}", self.workspace());
                self.document(subscription, service, name, &id).await
            }
            found_or_failed => found_or_failed,
        }
    }

    async fn document(
        &self,
        subscription: &Subscription,
        service: &Service,
        name: &str,
        key: &str,
    ) -> Result<Instance, Error> {
        let operation = format!("reading `{name}` of {}", subscription.service);
        let url = at(&operation, routes::member(&subscription.api_url, key))?;
        let call = self.question(operation, Place::Instance, url);
        let answer = self.session.ask_service(subscription, &call).await?;
        answer.decoded(|document| {
            let instance = wire::instance(document, service)?;
            match instance.name == name {
                true => Ok(instance),
                false => Err(wire::Malformed(
                    "it describes an instance of another name".to_owned(),
                )),
            }
        })
    }

    /// How an instance is.
    ///
    /// # Errors
    /// [`Class::Unsupported`] where the service has no health route, [`Class::Absent`] where it
    /// says that it has none for this instance (API notes 14, row 36).
    pub async fn health(
        &self,
        subscription: &Subscription,
        instance: &Instance,
    ) -> Result<Health, Error> {
        let answer = self.side(subscription, instance, Side::Health).await?;
        let secrets = sensitive(instance.options.values());
        answer.decoded(wire::health).map(|health| match health {
            Health::Other(word) => Health::Other(self.session.concealer(&secrets).conceal(&word)),
            known => known,
        })
    }

    /// The ports under which the world reaches an instance; none where it is internal or still
    /// being set up.
    ///
    /// # Errors
    /// As [`ReadApi::health`].
    pub async fn ports(
        &self,
        subscription: &Subscription,
        instance: &Instance,
    ) -> Result<Vec<Port>, Error> {
        let answer = self.side(subscription, instance, Side::Ports).await?;
        answer.decoded(wire::ports)
    }

    /// The log lines of an instance, oldest first and printable, without the values of its options
    /// and what the session [is discreet about](Session::be_discreet_about). They may hold other
    /// secrets of the application.
    ///
    /// # Errors
    /// As [`ReadApi::health`].
    pub async fn logs(
        &self,
        subscription: &Subscription,
        instance: &Instance,
        range: LogRange,
    ) -> Result<Vec<String>, Error> {
        let side = Side::Logs(range);
        let answer = self.side(subscription, instance, side).await?;
        let lines = wire::log_lines(&answer.body, &answer.bytes);
        let concealer = self
            .session
            .concealer(&sensitive(instance.options.values()));
        Ok(lines.iter().map(|line| concealer.conceal(line)).collect())
    }

    /// Asks an instance itself, at its own URL and with its service's token, which goes nowhere
    /// else. One attempt of at most ten seconds; any answer is a result, whatever its status.
    ///
    /// # Errors
    /// With a `transport` where the visit got no answer, else where it could not begin: for
    /// want of a token, or because the URL is not one of the platform's.
    pub async fn visit(
        &self,
        subscription: &Subscription,
        instance: &Instance,
        visit: Visit<'_>,
    ) -> Result<http::Response<Bytes>, Error> {
        let service = &subscription.service;
        self.session.visit(service, instance, visit).await
    }

    /// Opens a bare connection to an exposed port; gives up after five seconds.
    ///
    /// # Errors
    /// Where nobody takes it.
    pub async fn dial(&self, host: &str, port: u16) -> Result<Box<dyn Stream>, TransportError> {
        self.session.dial(host, port).await
    }

    async fn side(
        &self,
        subscription: &Subscription,
        instance: &Instance,
        side: Side,
    ) -> Result<Received, Error> {
        let operation = format!(
            "reading {} of `{}` of {}",
            side.word(),
            instance.name,
            subscription.service
        );
        let url = routes::side(&subscription.api_url, instance, side);
        let Some(url) = at(&operation, url)? else {
            let why = format!("the instance offers no {}", side.word());
            return Err(Error::new(Class::Unsupported, operation, &why));
        };
        let place = match side {
            Side::Logs(_) => Place::Log,
            Side::Health | Side::Ports => Place::Instance,
        };
        let call = Call {
            secrets: sensitive(instance.options.values()),
            ..self.question(operation, place, url)
        };
        let answer = self.session.ask_service(subscription, &call).await;
        answer.map_err(|error| match instance.links {
            // A route that a link names is about to come; one that was guessed, and was asked
            // for several times by now, is not.
            None if error.no_such_route && self.effect == Effect::Read => Error {
                class: Class::Unsupported,
                ..error
            },
            _ => error,
        })
    }

    fn question(&self, operation: String, place: Place, url: Url) -> Call<'static> {
        Call {
            operation,
            effect: self.effect,
            place,
            method: Method::GET,
            url,
            body: None,
            secrets: Vec::new(),
        }
    }
}

/// The URL, or the operation's failure for want of one.
pub(super) fn at<T>(operation: &str, url: Result<T, Astray>) -> Result<T, Error> {
    url.map_err(|Astray(why)| Error::new(Class::Unexpected, operation, &why))
}

mod tags;
mod tenant_secret;
#[cfg(test)]
mod tests;
