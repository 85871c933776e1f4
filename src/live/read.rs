use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tokio::task::{JoinError, JoinSet};

use super::{Found, Live, State, Wanted};
use crate::catalog::Service;
use crate::model::Endpoint;
use crate::osc::{Class, Error, Instance, ReadApi, Subscription, Suspended, endpoint};

type Subscriptions = BTreeMap<String, Subscription>;
type Listed = Result<HashMap<String, Instance>, Error>;

/// Reads the state of everything that is wanted.
///
/// Makes one request for the suspended instances and one for the subscriptions, a token and a
/// list for each subscribed service, and one more for each present instance whose ports are
/// wanted.
///
/// # Errors
/// When the subscriptions cannot be read, or the sign-in is refused anywhere.
pub async fn read(api: &ReadApi, wanted: &[Wanted]) -> Result<Live, Error> {
    let services: Vec<Arc<Service>> = wanted.iter().map(|want| want.service.clone()).collect();
    let (listed, suspended) = tokio::try_join!(list(api, wanted), async {
        unless_signed_out(api.suspended(&services).await)
    })?;
    let (subscriptions, lists) = listed;
    let mut instances: HashMap<String, State> = wanted
        .iter()
        .map(|want| (want.key.clone(), state(want, &lists, &suspended)))
        .collect();
    read_ports(api, &subscriptions, wanted, &mut instances).await?;
    Ok(Live {
        workspace: api.workspace().to_owned(),
        tenant_plan: None,
        subscriptions,
        suspended: suspended.ok(),
        instances,
    })
}

/// The subscriptions, and the lists of every subscribed service that is wanted.
async fn list(
    api: &ReadApi,
    wanted: &[Wanted],
) -> Result<(Subscriptions, HashMap<String, Listed>), Error> {
    let subscriptions: Subscriptions = api
        .subscriptions()
        .await?
        .into_iter()
        .map(|subscription| (subscription.service.clone(), subscription))
        .collect();
    let lists = list_services(api, &subscriptions, wanted).await?;
    Ok((subscriptions, lists))
}

/// The instances of every subscribed service that is wanted, by name.
async fn list_services(
    api: &ReadApi,
    subscriptions: &Subscriptions,
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
        let (service, listed) = joined.map_err(bug)?;
        let by_name = |instances: Vec<Instance>| {
            let named = instances.into_iter().map(|it| (it.name.clone(), it));
            named.collect()
        };
        all.insert(service, unless_signed_out(listed)?.map(by_name));
    }
    Ok(all)
}

fn state(
    want: &Wanted,
    lists: &HashMap<String, Listed>,
    suspended: &Result<Vec<Suspended>, Error>,
) -> State {
    let record = suspended.as_ref().map(|all| {
        let mut all = all.iter();
        all.find(|record| record.is_of(&want.service.id, &want.name))
    });
    let instance = match lists.get(&want.service.id) {
        None => None,
        Some(Err(error)) => return State::Unreadable(error.clone()),
        Some(Ok(listed)) => listed.get(&want.name),
    };
    match (instance, record) {
        (Some(instance), record) => State::Present(Box::new(Found {
            instance: instance.clone(),
            endpoint: Endpoint {
                url: instance.url.clone(),
                ..Endpoint::default()
            },
            listed_as_suspended: matches!(record, Ok(Some(_))),
        })),
        (None, Ok(Some(record))) => State::Suspended(Box::new(record.clone())),
        (None, Ok(None)) => State::Absent,
        // A suspended instance is missing from its list, too.
        (None, Err(error)) => State::Unreadable(error.clone()),
    }
}

/// Adds the ports of the present instances somebody refers to.
async fn read_ports(
    api: &ReadApi,
    subscriptions: &Subscriptions,
    wanted: &[Wanted],
    instances: &mut HashMap<String, State>,
) -> Result<(), Error> {
    let mut reading = JoinSet::new();
    for want in wanted.iter().filter(|want| want.ports) {
        if let Some(State::Present(found)) = instances.get(&want.key)
            && let Some(subscription) = subscriptions.get(&want.service.id)
        {
            let (api, subscription) = (api.clone(), subscription.clone());
            let (key, instance) = (want.key.clone(), found.instance.clone());
            reading.spawn(async move {
                let reached = reach(&api, &subscription, &instance).await;
                (key, reached)
            });
        }
    }
    while let Some(joined) = reading.join_next().await {
        let (key, reached) = joined.map_err(bug)?;
        match (unless_signed_out(reached)?, instances.get_mut(&key)) {
            (Ok(reached), Some(State::Present(found))) => found.endpoint = reached,
            (Err(error), Some(state)) => *state = State::Unreadable(error),
            (Ok(_), _) | (Err(_), None) => {}
        }
    }
    Ok(())
}

/// Where an instance can be reached. A service that has no ports route exposes none.
pub(super) async fn reach(
    api: &ReadApi,
    subscription: &Subscription,
    instance: &Instance,
) -> Result<Endpoint, Error> {
    let ports = match api.ports(subscription, instance).await {
        Err(error) if error.class == Class::Unsupported => Vec::new(),
        ports => ports?,
    };
    let service = &subscription.service;
    Ok(endpoint(api.workspace(), service, instance, ports))
}

/// A refused token ends the whole pass; any other failure concerns what was asked about.
pub(super) fn unless_signed_out<T>(result: Result<T, Error>) -> Result<Result<T, Error>, Error> {
    match result {
        Err(error) if error.class == Class::SignedOut => Err(error),
        other => Ok(other),
    }
}

/// A panic in one task would leave out what it asked about, which would read as absent.
pub(super) fn bug(_: JoinError) -> Error {
    let why = "a bug in osc-apply stopped it";
    Error::new(Class::Unexpected, "reading instances", why)
}
