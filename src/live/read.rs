use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use tokio::task::{JoinError, JoinSet};

use super::vault::{referrers, vault, vault_services};
use super::{Found, Live, Question, State, Tags, VaultState, Wanted};
use crate::catalog::Service;
use crate::model::Endpoint;
use crate::osc::{Class, Error, Instance, ReadApi, Subscription, Suspended, Tagged, endpoint};

type Subscriptions = BTreeMap<String, Subscription>;
type Listed = Result<HashMap<String, Instance>, Error>;

/// Reads the state of everything that is asked for, and of whatever else is marked as the stack's.
///
/// Makes one request each for the suspended instances, the subscriptions, the tags and the vault,
/// a token and a list for each service that matters, and one more for each present instance whose
/// ports are wanted.
///
/// # Errors
/// When the subscriptions cannot be read, or the sign-in is refused anywhere.
pub async fn read(api: &ReadApi, question: &Question<'_>) -> Result<Live, Error> {
    let everything: Vec<Arc<Service>> = question.catalog.services().cloned().collect();
    // All to their end: one that is dropped may be renewing the sign-in.
    let (listed, suspended, tagged, vault) = tokio::join!(
        list(api, &question.wanted),
        async { unless_signed_out(api.suspended(&everything).await) },
        tags(api, question),
        vault(api, question.stack),
    );
    let ((subscriptions, mut lists), suspended) = (listed?, suspended?);
    let ((tags, mut also), vault) = (tagged?, vault?);
    also.add_intended(&tags, &vault, question);
    let vault_services = vault_services(&vault, question.catalog);
    let missing = also.marked.iter().map(|want| &want.service);
    let missing = missing.chain(vault_services.values());
    let missing = missing.filter(|service| !lists.contains_key(&service.id));
    let missing: Vec<Arc<Service>> = missing.cloned().collect();
    lists.extend(list_services(api, &subscriptions, &missing).await?);
    let all = || question.wanted.iter().chain(&also.marked);
    let mut instances: HashMap<String, State> = all()
        .map(|want| (want.key.clone(), state(want, &lists, &suspended)))
        .collect();
    read_ports(api, &subscriptions, &question.wanted, &mut instances).await?;
    let running = lists.iter().flat_map(|(service, list)| {
        let all = list.iter().flat_map(HashMap::values);
        all.map(move |instance| (service, instance))
    });
    let referrers = referrers(running, suspended.as_deref().unwrap_or_default());
    let listed = lists.iter();
    let listed = listed.filter_map(|(id, list)| Some((id.clone(), list.as_ref().ok()?.len())));
    Ok(Live {
        workspace: api.workspace().to_owned(),
        tenant_plan: None,
        listed: listed.collect(),
        subscriptions,
        suspended: suspended.ok(),
        instances,
        marked: also.marked,
        unknown: also.unknown,
        tags,
        referrers,
        vault,
        vault_services,
    })
}

/// Instances that are marked as the stack's and not asked for.
#[derive(Default)]
struct Also {
    marked: Vec<Wanted>,
    unknown: Vec<String>,
}

impl Also {
    /// What the vault says was about to be made, where it would carry tags by now if the run that
    /// made it had not been cut off.
    fn add_intended(&mut self, tags: &Tags, vault: &VaultState, question: &Question<'_>) {
        let (Tags::Read(_), VaultState::Kept(vault)) = (tags, vault) else {
            return;
        };
        for intent in vault.intents() {
            let is_it =
                |want: &Wanted| want.service.id == intent.service && want.name == intent.name;
            let is_known = question.wanted.iter().chain(&self.marked).any(is_it);
            if let Some(service) = question.catalog.service(&intent.service)
                && !is_known
            {
                self.marked.push(wanted(service, &intent.name));
            }
        }
        self.marked.sort_by(|one, other| one.key.cmp(&other.key));
    }
}

fn wanted(service: &Arc<Service>, name: &str) -> Wanted {
    Wanted {
        key: format!("{}/{name}", service.id),
        service: service.clone(),
        name: name.to_owned(),
        ports: false,
    }
}

/// The tags, and what they say is the stack's beside what is asked for.
async fn tags(api: &ReadApi, question: &Question<'_>) -> Result<(Tags, Also), Error> {
    let tagged = match unless_signed_out(api.tags().await)? {
        Ok(tagged) => tagged,
        Err(error) if error.class == Class::Unsupported => {
            return Ok((Tags::Unsupported, Also::default()));
        }
        Err(error) => return Ok((Tags::Unreadable(error), Also::default())),
    };
    let asked_for = question.wanted.iter();
    let asked_for: HashSet<(&str, &str)> = asked_for
        .map(|want| (want.service.id.as_str(), want.name.as_str()))
        .collect();
    let mut also = Also::default();
    let mut all = HashMap::new();
    for Tagged {
        service,
        name,
        tags,
    } in tagged
    {
        let is_asked_for = asked_for.contains(&(service.as_str(), name.as_str()));
        if is_marked(&tags, question.stack) && !is_asked_for {
            match question.catalog.service(&service) {
                Some(service) => also.marked.push(wanted(service, &name)),
                None => also.unknown.push(format!("{service}/{name}")),
            }
        }
        all.insert((service, name), tags);
    }
    also.marked.sort_by(|one, other| one.key.cmp(&other.key));
    also.unknown.sort();
    Ok((Tags::Read(all), also))
}

/// Whether a tag says that an instance is part of the stack; tags are compared without their case
/// (API notes 6.13).
fn is_marked(tags: &[String], stack: &str) -> bool {
    let mark = format!("osc-apply:{stack}");
    tags.iter()
        .any(|tag| tag.trim().eq_ignore_ascii_case(&mark))
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
    let services: Vec<_> = wanted.iter().map(|want| want.service.clone()).collect();
    let lists = list_services(api, &subscriptions, &services).await?;
    Ok((subscriptions, lists))
}

/// The instances of each of these services that is subscribed to, by name.
async fn list_services(
    api: &ReadApi,
    subscriptions: &Subscriptions,
    services: &[Arc<Service>],
) -> Result<HashMap<String, Listed>, Error> {
    let mut seen = BTreeSet::new();
    let mut lists = JoinSet::new();
    for service in services {
        if let Some(subscription) = subscriptions.get(&service.id)
            && seen.insert(&service.id)
        {
            let (api, subscription) = (api.clone(), subscription.clone());
            let service = service.clone();
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
