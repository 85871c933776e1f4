use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::catalog::{Catalog, Service};
use crate::model::Endpoint;
use crate::osc::{Error, Instance, Subscription, Suspended, TenantPlan};
use crate::vault::Vault;

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

/// What a run is about.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The stack, whose marked instances are read, declared or not.
    pub stack: &'a str,
    /// The instances that are asked for by name.
    pub wanted: Vec<Wanted>,
    /// The services that there are.
    pub catalog: &'a Catalog,
}

/// What the platform answered.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// The workspace.
    pub workspace: String,
    /// The plan it is on, where somebody asked for it and it could be read.
    pub tenant_plan: Option<TenantPlan>,
    /// The services the workspace is subscribed to, by id.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// Every suspended instance of the workspace, wanted or not; nothing where they could not be
    /// read.
    pub suspended: Option<Vec<Suspended>>,
    /// The state of every wanted instance and of every other that is marked as the stack's, or
    /// that its vault was waiting for, by key.
    pub instances: HashMap<String, State>,
    /// The instances that are marked as the stack's and were not asked for, by service and name;
    /// their keys are `SERVICE/NAME`.
    pub marked: Vec<Wanted>,
    /// Marked instances of services that the catalog does not know, as `SERVICE/NAME`.
    pub unknown: Vec<String>,
    /// The tags of the workspace's instances.
    pub tags: Tags,
    /// The services whose lists were read, and how many instances each has.
    pub listed: BTreeMap<String, usize>,
    /// Who refers to a service secret: any listed or suspended instance, whoever it is of.
    pub referrers: Vec<Referrer>,
    /// The stack's vault.
    pub vault: VaultState,
    /// The services that the vault names secrets of, as far as the catalog knows them.
    pub vault_services: BTreeMap<String, Arc<Service>>,
}

/// An option of an instance that refers to a service secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referrer {
    /// The name of the secret, which no other service has one of.
    pub secret: String,
    /// The instance's service.
    pub service: String,
    /// The instance's name.
    pub name: String,
    /// The option.
    pub option: String,
}

/// The tags of the workspace's instances.
#[derive(Debug, Clone)]
pub enum Tags {
    /// Those of each tagged instance, by service and name; they outlive it (API notes 6.13).
    Read(HashMap<(String, String), Vec<String>>),
    /// The platform has no tags.
    Unsupported,
    /// They could not be read.
    Unreadable(Error),
}

/// What is known of the stack's vault.
#[derive(Debug, Clone, Default)]
pub enum VaultState {
    /// It is there.
    Kept(Box<Vault>),
    /// One answer said that there is none.
    #[default]
    Absent,
    /// The platform keeps no secrets of workspaces.
    Unsupported,
    /// It could not be read, or not understood.
    Unreadable(String),
}

impl Default for Tags {
    fn default() -> Self {
        Self::Read(HashMap::new())
    }
}

impl Live {
    /// The tags of an instance; none where they could not be read.
    pub fn tags_of(&self, service: &str, name: &str) -> &[String] {
        match &self.tags {
            Tags::Read(all) => all
                .get(&(service.to_owned(), name.to_owned()))
                .map(Vec::as_slice)
                .unwrap_or_default(),
            Tags::Unsupported | Tags::Unreadable(_) => &[],
        }
    }
}

/// What is known of an instance.
#[derive(Debug, Clone)]
pub enum State {
    /// It exists.
    Present(Box<Found>),
    /// It exists, but for its name and options, and does not run (API notes 6.12).
    Suspended(Box<Suspended>),
    /// It is not suspended, and a good list does not have it or its service is not subscribed
    /// to.
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
    /// Whether it is also listed as suspended: somebody gave up while it was resumed (API notes
    /// 6.12).
    pub listed_as_suspended: bool,
}
