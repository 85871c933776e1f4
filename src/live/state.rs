use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::catalog::Service;
use crate::model::Endpoint;
use crate::osc::{Error, Instance, Subscription, Suspended, TenantPlan};

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
    /// The plan it is on, where somebody asked for it and it could be read.
    pub tenant_plan: Option<TenantPlan>,
    /// The services the workspace is subscribed to, by id.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// Every suspended instance of the workspace, wanted or not; nothing where they could not be
    /// read.
    pub suspended: Option<Vec<Suspended>>,
    /// The state of every wanted instance, by key.
    pub instances: HashMap<String, State>,
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
