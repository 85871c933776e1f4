use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::call::Call;
use super::classify::Place;
use super::conceal::sensitive;
use super::read_api::at;
use super::retry::Effect;
use super::{Class, Error, Instance, ReadApi, Role, Session, Subscription, routes, wire};
use crate::catalog::Service;
use crate::model::OptionValue;

/// Changes to the platform.
///
/// Cheap to clone. An update, a restart, a deletion or a write of tags or secrets, of which twice is
/// as good as once, is repeated a few times where the failure is [`Class::Transient`]. Any other
/// change is sent once, and again only
/// where the platform says that it did not take it (429) or where it was certainly not sent.
/// After an error that [leaves it open](Error::leaves_open) it may or may not have been made:
/// read before trying again.
#[derive(Debug, Clone)]
pub struct WriteApi {
    session: Arc<Session>,
    reads: ReadApi,
}

impl WriteApi {
    /// Changes within a session.
    pub fn new(session: Arc<Session>) -> Self {
        Self {
            reads: ReadApi::new(Arc::clone(&session)),
            session,
        }
    }

    /// From now on no change is attempted again once `stop` is cancelled.
    pub fn stop_with(&self, stop: &CancellationToken) {
        self.session.stop_with(stop.clone());
    }

    /// The questions of the same session.
    pub fn reads(&self) -> &ReadApi {
        &self.reads
    }

    /// Subscribes the workspace to services; again is as good as once (API notes 4.3).
    ///
    /// # Errors
    /// As described at [`WriteApi`].
    pub async fn subscribe(&self, services: &[&str]) -> Result<(), Error> {
        let call = Call {
            operation: format!("subscribing to {}", services.join(", ")),
            effect: Effect::Mutation,
            place: Place::Platform,
            method: Method::POST,
            url: self
                .session
                .platform_url(Role::Catalog, &["mysubscriptions"]),
            body: Some(json!({ "services": services })),
            secrets: Vec::new(),
        };
        self.session.ask_platform(&call).await.map(drop)
    }

    /// Makes an instance and returns it as it was accepted, before it runs.
    ///
    /// Its name may differ from the one sent (API notes 6.9), and its document may lack options
    /// that a later read shows (6.11).
    ///
    /// # Errors
    /// [`Class::Conflict`] where the name is taken, also by a suspended instance or by an
    /// earlier attempt of this one.
    pub async fn create(
        &self,
        subscription: &Subscription,
        service: &Service,
        name: &str,
        options: &BTreeMap<String, OptionValue>,
    ) -> Result<Instance, Error> {
        let call = Call {
            body: Some(wire::creation(service, name, options)),
            secrets: sensitive(options.values()),
            place: Place::Collection,
            ..change(
                format!("creating `{name}` of {}", subscription.service),
                Method::POST,
                subscription.api_url.clone(),
            )
        };
        let answer = self.session.ask_service(subscription, &call).await?;
        answer.decoded(|document| wire::instance(document, service))
    }

    /// Changes options in place, which restarts the instance; `None` clears one.
    ///
    /// Which values the platform then has only a read tells (API notes 6.6).
    ///
    /// # Errors
    /// [`Class::Unsupported`] where the instance does not offer it.
    pub async fn update(
        &self,
        subscription: &Subscription,
        service: &Service,
        instance: &Instance,
        options: &BTreeMap<String, Option<OptionValue>>,
    ) -> Result<(), Error> {
        let operation = format!("updating `{}` of {}", instance.name, subscription.service);
        let link = instance.links.as_ref().and_then(|l| l.update.as_deref());
        let url = linked((&operation, UPDATE), subscription, link)?;
        let call = Call {
            body: Some(wire::changes(service, options)),
            secrets: sensitive(options.values().flatten()),
            effect: Effect::Repeatable,
            ..change(operation, Method::PATCH, url)
        };
        self.session
            .ask_service(subscription, &call)
            .await
            .map(drop)
    }

    /// Removes an instance; one that is not there counts as removed (API notes 14, row 7).
    ///
    /// It may still be shown for a while (13.1).
    ///
    /// # Errors
    /// As described at [`WriteApi`].
    pub async fn delete(
        &self,
        subscription: &Subscription,
        instance: &Instance,
    ) -> Result<(), Error> {
        // Where there is an id, the service may go by it or by the name (API notes 6.11).
        for key in instance.id.iter().chain([&instance.name]) {
            let operation = format!("deleting `{}` of {}", instance.name, subscription.service);
            let url = at(&operation, routes::member(&subscription.api_url, key))?;
            let call = Call {
                effect: Effect::Repeatable,
                ..change(operation, Method::DELETE, url)
            };
            match self.session.ask_service(subscription, &call).await {
                Err(error) if error.class == Class::Absent => {}
                done_or_failed => return done_or_failed.map(drop),
            }
        }
        Ok(())
    }

    /// Starts an instance again, by which it gets the secrets as they are now (API notes 8.1).
    ///
    /// # Errors
    /// [`Class::Unsupported`] where the instance does not offer it.
    pub async fn restart(
        &self,
        subscription: &Subscription,
        instance: &Instance,
    ) -> Result<(), Error> {
        let operation = format!("restarting `{}` of {}", instance.name, subscription.service);
        let link = instance.links.as_ref().and_then(|l| l.restart.as_deref());
        let url = linked((&operation, RESTART), subscription, link)?;
        let call = Call {
            secrets: sensitive(instance.options.values()),
            effect: Effect::Repeatable,
            ..change(operation, Method::POST, url)
        };
        self.session
            .ask_service(subscription, &call)
            .await
            .map(drop)
    }

    /// A change of what not every platform has, at the deploy manager; twice is as good as once.
    fn optional(
        &self,
        operation: String,
        method: Method,
        path: &[&str],
    ) -> Result<Call<'static>, Error> {
        for segment in path {
            at(&operation, routes::one_segment(segment))?;
        }
        let url = self.session.platform_url(Role::Deploy, path);
        Ok(Call {
            effect: Effect::Repeatable,
            place: Place::Optional,
            ..change(operation, method, url)
        })
    }
}

fn change(operation: String, method: Method, url: Url) -> Call<'static> {
    Call {
        operation,
        effect: Effect::Mutation,
        place: Place::Instance,
        method,
        url,
        body: None::<Value>,
        secrets: Vec::new(),
    }
}

const UPDATE: &str = "the instance cannot be changed in place";
const RESTART: &str = "the instance cannot be restarted";

/// The URL that a link leads to; where there is none, `otherwise` says what is not offered.
fn linked(
    (operation, otherwise): (&str, &str),
    subscription: &Subscription,
    href: Option<&str>,
) -> Result<Url, Error> {
    match href {
        Some(href) => at(operation, routes::link(&subscription.api_url, href)),
        None => Err(Error::new(Class::Unsupported, operation, otherwise)),
    }
}

mod service_secrets;
mod suspended;
mod tags;
mod tenant_secrets;
#[cfg(test)]
mod tests;
