use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use tokio::task::JoinSet;

use super::Found;
use super::read::{bug, reach, unless_signed_out};
use crate::catalog::{Catalog, Service, ServiceKind};
use crate::model::Endpoint;
use crate::osc::{Error, Instance, ReadApi, Subscription, Suspended};

/// Everything that a workspace holds of some services, or of all.
#[derive(Debug, Clone, Default)]
pub struct All {
    /// The instances of services that the catalog knows, by service and name.
    pub existing: Vec<Existing>,
    /// The names of the instances of other services, by service.
    pub unknown: BTreeMap<String, Vec<String>>,
    /// The records of suspended instances of other services than were asked for.
    pub others: Vec<Suspended>,
    /// What could not be read: a service's id, or the suspended instances.
    pub unreadable: Vec<(String, Error)>,
    subscriptions: BTreeMap<String, Subscription>,
}

/// An instance that exists.
#[derive(Debug, Clone)]
pub struct Existing {
    /// Its service.
    pub service: Arc<Service>,
    /// Whether it runs.
    pub state: Existence,
}

/// How an instance exists.
#[derive(Debug, Clone)]
pub enum Existence {
    /// Its service lists it.
    Running(Box<Found>),
    /// It is suspended, and its service does not list it (API notes 6.12).
    Suspended(Box<Suspended>),
}

impl Existing {
    /// Its name.
    pub fn name(&self) -> &str {
        match &self.state {
            Existence::Running(found) => &found.instance.name,
            Existence::Suspended(record) => &record.name,
        }
    }
}

/// Reads everything there is of these services, or of all where none is named; jobs, which end by
/// themselves, are left out.
///
/// Makes one request for the suspended instances and one for the subscriptions, and a token and a
/// list for each subscribed service, whether the catalog knows it or not.
///
/// # Errors
/// When the subscriptions cannot be read, or the sign-in is refused anywhere.
pub async fn read_all(
    api: &ReadApi,
    catalog: &Catalog,
    only: &[Arc<Service>],
) -> Result<All, Error> {
    let known = of_instances(catalog);
    // Neither is dropped on its way: it may be renewing the sign-in.
    let (subscriptions, suspended) = tokio::join!(api.subscriptions(), api.suspended(&known));
    let (subscriptions, suspended) = (subscriptions?, unless_signed_out(suspended)?);
    let mut all = All::default();
    let mut lists = JoinSet::new();
    for subscription in subscriptions {
        if let Some(service) = service_of(&subscription.service, catalog, only) {
            all.subscriptions
                .insert(subscription.service.clone(), subscription.clone());
            let api = api.clone();
            lists.spawn(async move {
                let listed = api.instances(&subscription, &service).await;
                (service, listed)
            });
        }
    }
    for joined in all_of(lists).await {
        let (service, listed) = joined?;
        match unless_signed_out(listed)? {
            Ok(listed) => all.take_listed(&service, catalog, listed),
            Err(error) => all.unreadable.push((service.id.clone(), error)),
        }
    }
    match suspended {
        Ok(records) => all.take_suspended(records, &known, only),
        Err(error) => all
            .unreadable
            .push(("the suspended instances".to_owned(), error)),
    }
    all.sort();
    Ok(all)
}

/// What all the tasks come to; none is dropped on its way because another one failed.
async fn all_of<T: 'static>(mut tasks: JoinSet<T>) -> Vec<Result<T, Error>> {
    let mut all = Vec::with_capacity(tasks.len());
    while let Some(joined) = tasks.join_next().await {
        all.push(joined.map_err(bug));
    }
    all
}

fn of_instances(catalog: &Catalog) -> Vec<Arc<Service>> {
    let instances = catalog
        .services()
        .filter(|service| service.kind == ServiceKind::Instance);
    instances.cloned().collect()
}

/// The service to list, where it is to be; one that the catalog does not know has no options.
fn service_of(id: &str, catalog: &Catalog, only: &[Arc<Service>]) -> Option<Arc<Service>> {
    if !only.is_empty() {
        return only.iter().find(|service| service.id == id).cloned();
    }
    match catalog.service(id) {
        Some(service) => (service.kind == ServiceKind::Instance).then(|| service.clone()),
        None => Some(Arc::new(Service {
            id: id.to_owned(),
            kind: ServiceKind::Instance,
            options: IndexMap::new(),
            keeps_data: true,
            reads_secrets_once: false,
        })),
    }
}

impl All {
    /// Reads the ports of the instances at these places, one request for each that runs.
    ///
    /// # Errors
    /// When the sign-in is refused.
    pub async fn read_ports(&mut self, api: &ReadApi, places: &[usize]) -> Result<(), Error> {
        let mut reading = JoinSet::new();
        for at in places {
            if let Some(existing) = self.existing.get(*at)
                && let Existence::Running(found) = &existing.state
                && let Some(subscription) = self.subscriptions.get(&existing.service.id)
            {
                let (api, subscription) = (api.clone(), subscription.clone());
                let (at, instance) = (*at, found.instance.clone());
                reading.spawn(async move { (at, reach(&api, &subscription, &instance).await) });
            }
        }
        for joined in all_of(reading).await {
            let (at, reached) = joined?;
            let Some(existing) = self.existing.get_mut(at) else {
                continue;
            };
            match (unless_signed_out(reached)?, &mut existing.state) {
                (Ok(endpoint), Existence::Running(found)) => found.endpoint = endpoint,
                (Ok(_), Existence::Suspended(_)) => {}
                (Err(error), _) => {
                    let what = format!("the ports of {}/{}", existing.service.id, existing.name());
                    self.unreadable.push((what, error));
                }
            }
        }
        self.unreadable
            .sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(())
    }

    fn take_listed(&mut self, service: &Arc<Service>, catalog: &Catalog, listed: Vec<Instance>) {
        if catalog.service(&service.id).is_none() {
            let names = listed.into_iter().map(|instance| instance.name);
            self.unknown
                .entry(service.id.clone())
                .or_default()
                .extend(names);
            return;
        }
        let running = listed.into_iter().map(|instance| Existing {
            service: service.clone(),
            state: Existence::Running(Box::new(Found {
                endpoint: Endpoint {
                    url: instance.url.clone(),
                    ..Endpoint::default()
                },
                instance,
                listed_as_suspended: false,
            })),
        });
        self.existing.extend(running);
    }

    /// Adds what is suspended and is not listed as well, as it is when somebody gave up while it
    /// was resumed (API notes 6.12).
    fn take_suspended(
        &mut self,
        records: Vec<Suspended>,
        known: &[Arc<Service>],
        only: &[Arc<Service>],
    ) {
        for record in records {
            let service = known.iter().find(|service| service.id == record.service);
            let mut existing = self.existing.iter_mut();
            let listed = existing
                .find(|it| it.service.id == record.service && it.name() == record.name)
                .map(|it| &mut it.state);
            match (service, listed) {
                (_, Some(Existence::Running(found))) => found.listed_as_suspended = true,
                _ if !only.is_empty() && !only.iter().any(|it| it.id == record.service) => {
                    self.others.push(record);
                }
                (Some(service), _) => self.existing.push(Existing {
                    service: service.clone(),
                    state: Existence::Suspended(Box::new(record)),
                }),
                (None, _) => {
                    let names = self.unknown.entry(record.service).or_default();
                    names.push(record.name);
                }
            }
        }
    }

    fn sort(&mut self) {
        self.existing.sort_by(|one, other| {
            let service = one.service.id.cmp(&other.service.id);
            service.then_with(|| one.name().cmp(other.name()))
        });
        for names in self.unknown.values_mut() {
            names.sort();
            names.dedup();
        }
        self.unknown.retain(|_, names| !names.is_empty());
        self.unreadable
            .sort_by(|(one, _), (other, _)| one.cmp(other));
    }
}
