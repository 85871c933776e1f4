//! One workspace (tenant): its plan, its subscriptions, its instances, and what it keeps of tags
//! and secrets.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::instance::Instance;
use super::secrets::{ServiceSecrets, TenantSecret};
use super::suspension::RecordsCall;
use super::tags::Tagged;

/// A workspace of the account; requests to it see nothing of the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Workspace {
    /// Its id.
    pub(super) tenant: String,
    /// The plan it is on.
    pub(super) plan: String,
    /// The ids of the services subscribed to.
    #[serde(default)]
    pub(super) subscriptions: BTreeSet<String>,
    /// By service id, then by name.
    #[serde(default)]
    pub(super) instances: BTreeMap<String, BTreeMap<String, Instance>>,
    /// The last call that touched records of suspensions, kept where such calls may overlap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) records_call: Option<RecordsCall>,
    /// The resources with tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tagged: Vec<Tagged>,
    /// By service id; none is empty.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) service_secrets: BTreeMap<String, ServiceSecrets>,
    /// By key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tenant_secrets: BTreeMap<String, TenantSecret>,
}

impl Workspace {
    /// An empty one.
    pub(super) fn new(tenant: &str, plan: &str) -> Workspace {
        Workspace {
            tenant: tenant.to_owned(),
            plan: plan.to_owned(),
            subscriptions: BTreeSet::new(),
            instances: BTreeMap::new(),
            records_call: None,
            tagged: Vec::new(),
            service_secrets: BTreeMap::new(),
            tenant_secrets: BTreeMap::new(),
        }
    }

    /// The id of the workspace.
    pub(crate) fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The plan the workspace is on.
    pub(crate) fn plan(&self) -> &str {
        &self.plan
    }

    /// Every instance with its service and name, those no longer shown among them.
    pub(crate) fn all_instances(&self) -> impl Iterator<Item = (&str, &str, &Instance)> {
        self.instances.iter().flat_map(|(service, of_service)| {
            let named = of_service.iter();
            named.map(|(name, instance)| (service.as_str(), name.as_str(), instance))
        })
    }

    /// One instance, be it shown or not.
    pub(crate) fn instance(&self, service: &str, name: &str) -> Option<&Instance> {
        self.instances.get(service)?.get(name)
    }
}
