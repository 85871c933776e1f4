use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::catalog::Service;
use crate::model::Endpoint;
use crate::osc::{Class, Error, Instance, ReadApi, Subscription, endpoint};

/// An instance somebody wants to know about.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its key in the manifest.
    pub key: String,
    /// Its service.
    pub service: Arc<Service>,
    /// Its name in the workspace.
    pub name: String,
    /// Whether its ports are asked for.
    pub ports: bool,
}

/// What the platform answered.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// The workspace.
    pub workspace: String,
    /// The services the workspace is subscribed to, by id.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// The state of every wanted instance, by key.
    pub instances: HashMap<String, State>,
}

/// What is known of an instance.
#[derive(Debug, Clone)]
pub enum State {
    /// It exists.
    Present(Box<Found>),
    /// A good list does not have it, or its service is not subscribed to.
    Absent,
    /// Nobody can tell.
    Unreadable(Error),
}

/// An existing instance.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its document.
    pub instance: Instance,
    /// Where it can be reached; its ports only where they were asked for.
    pub endpoint: Endpoint,
}

type Listed = Result<HashMap<String, Instance>, Error>;

/// Reads the state of everything that is wanted.
///
/// Makes one request for the subscriptions, a token and a list for each subscribed service, and
/// one more for each present instance whose ports are wanted.
///
/// # Errors
/// When the subscriptions cannot be read, or the sign-in is refused anywhere.
pub async fn read(api: &ReadApi, wanted: &[Wanted]) -> Result<Live, Error> {
    let subscriptions: BTreeMap<String, Subscription> = api
        .subscriptions()
        .await?
        .into_iter()
        .map(|subscription| (subscription.service.clone(), subscription))
        .collect();
    let lists = list_services(api, &subscriptions, wanted).await?;
    let mut instances = HashMap::with_capacity(wanted.len());
    let mut ports = JoinSet::new();
    for want in wanted {
        let state = match lists.get(&want.service.id) {
            None => State::Absent,
            Some(Err(error)) => State::Unreadable(error.clone()),
            Some(Ok(listed)) => listed.get(&want.name).map_or(State::Absent, |instance| {
                let endpoint = Endpoint {
                    url: instance.url.clone(),
                    ..Endpoint::default()
                };
                State::Present(Box::new(Found {
                    instance: instance.clone(),
                    endpoint,
                }))
            }),
        };
        if let (State::Present(found), true) = (&state, want.ports)
            && let Some(subscription) = subscriptions.get(&want.service.id)
        {
            let (api, subscription) = (api.clone(), subscription.clone());
            let (key, instance) = (want.key.clone(), found.instance.clone());
            ports.spawn(async move {
                let ports = api.ports(&subscription, &instance).await;
                (
                    key,
                    ports.map(|p| endpoint(api.workspace(), &subscription.service, &instance, p)),
                )
            });
        }
        instances.insert(want.key.clone(), state);
    }
    while let Some(joined) = ports.join_next().await {
        let Ok((key, result)) = joined else { continue };
        match result {
            Err(error) if error.class == Class::SignedOut => return Err(error),
            Err(error) => {
                instances.insert(key, State::Unreadable(error));
            }
            Ok(reached) => {
                if let Some(State::Present(found)) = instances.get_mut(&key) {
                    found.endpoint = reached;
                }
            }
        }
    }
    Ok(Live {
        workspace: api.workspace().to_owned(),
        subscriptions,
        instances,
    })
}

/// The instances of every subscribed service that is wanted, by name.
async fn list_services(
    api: &ReadApi,
    subscriptions: &BTreeMap<String, Subscription>,
    wanted: &[Wanted],
) -> Result<HashMap<String, Listed>, Error> {
    let mut seen = BTreeSet::new();
    let mut lists = JoinSet::new();
    for want in wanted {
        if let Some(subscription) = subscriptions.get(&want.service.id)
            && seen.insert(&want.service.id)
        {
            let (api, subscription) = (api.clone(), subscription.clone());
            let service = want.service.clone();
            lists.spawn(async move {
                let listed = api.instances(&subscription, &service).await;
                (service.id.clone(), listed)
            });
        }
    }
    let mut all = HashMap::new();
    while let Some(joined) = lists.join_next().await {
        // A panic in one list leaves its service out of the map, which would read as absent.
        let (service, listed) = joined.map_err(|_| {
            Error::new(
                Class::Unexpected,
                "reading instances",
                "a bug in osc-apply stopped it",
            )
        })?;
        let listed = match listed {
            Err(error) if error.class == Class::SignedOut => return Err(error),
            listed => listed.map(|instances| {
                instances
                    .into_iter()
                    .map(|instance| (instance.name.clone(), instance))
                    .collect()
            }),
        };
        all.insert(service, listed);
    }
    Ok(all)
}
