//! The state of an emulated workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::credentials;
use super::instance::Instance;
use super::jwt::SigningKey;
use super::moment::Moment;
use super::rules::Timing;
use super::suspension::RecordsCall;

/// The format of the JSON this version writes.
pub(crate) const FORMAT: u32 = 1;

/// A whole emulated workspace: one tenant, its subscriptions and its instances.
///
/// Serialises to JSON; `format` in it tells versions apart. The signing key is part of it, so
/// tokens stay good as long as the world is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    format: u32,
    key: SigningKey,
    tenant: String,
    user: String,
    plan: String,
    #[serde(default)]
    personal_access_tokens: u64,
    #[serde(default)]
    subscriptions: BTreeSet<String>,
    /// By service id, then by name.
    #[serde(default)]
    instances: BTreeMap<String, BTreeMap<String, Instance>>,
    /// The last call that touched records of suspensions, kept where such calls may overlap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    records_call: Option<RecordsCall>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authority: Option<Authority>,
}

/// The certificate authority of a world, in PEM; made when first served over TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Authority {
    /// The certificate.
    pub(crate) certificate: String,
    /// Its private key.
    pub(crate) key: String,
}

impl World {
    /// An empty workspace of the tenant `sandbox`, whose tokens are signed with `key`.
    pub fn new(key: [u8; 32]) -> World {
        World {
            format: FORMAT,
            key: SigningKey::new(key),
            tenant: "sandbox".to_owned(),
            user: "sandbox".to_owned(),
            plan: "FREE".to_owned(),
            personal_access_tokens: 0,
            subscriptions: BTreeSet::new(),
            instances: BTreeMap::new(),
            records_call: None,
            authority: None,
        }
    }

    /// The id of the workspace.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// Issues a personal access token for this workspace (API notes 2.5).
    ///
    /// With a lifetime it has an `exp` as those from OAuth, without it is good for ever as those
    /// from the console. Each has a `patId` of its own.
    pub fn personal_access_token(&mut self, now: SystemTime, lifetime: Option<Duration>) -> String {
        self.personal_access_tokens += 1;
        let bytes = self
            .key
            .derive(&format!("pat {}", self.personal_access_tokens));
        credentials::issue_personal(self, &uuid(&bytes), now.into(), lifetime)
    }

    /// The id of the user tokens are issued to.
    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// The plan the workspace is on.
    pub(crate) fn plan(&self) -> &str {
        &self.plan
    }

    /// The key tokens are signed with.
    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The ids of the services subscribed to.
    pub(crate) fn subscriptions(&self) -> &BTreeSet<String> {
        &self.subscriptions
    }

    /// Subscribes to a service; again is fine.
    pub(crate) fn subscribe(&mut self, service: &str) {
        self.subscriptions.insert(service.to_owned());
    }

    /// Ends a subscription; `false` if there was none.
    pub(crate) fn unsubscribe(&mut self, service: &str) -> bool {
        self.subscriptions.remove(service)
    }

    /// The instances of a service by name, those no longer shown among them.
    pub(crate) fn instances(&self, service: &str) -> impl Iterator<Item = (&str, &Instance)> {
        let found = self.instances.get(service).into_iter().flatten();
        found.map(|(name, instance)| (name.as_str(), instance))
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

    /// One instance to change, be it shown or not.
    pub(crate) fn instance_mut(&mut self, service: &str, name: &str) -> Option<&mut Instance> {
        self.instances.get_mut(service)?.get_mut(name)
    }

    /// Adds an instance, in place of what had its name.
    pub(crate) fn insert(&mut self, service: &str, name: &str, instance: Instance) {
        let of_service = self.instances.entry(service.to_owned()).or_default();
        of_service.insert(name.to_owned(), instance);
    }

    /// Removes an instance at once.
    pub(crate) fn remove(&mut self, service: &str, name: &str) {
        if let Some(of_service) = self.instances.get_mut(service) {
            of_service.remove(name);
        }
    }

    /// Keeps a call that touches records of suspensions; the one kept before.
    pub(crate) fn replace_records_call(&mut self, call: RecordsCall) -> Option<RecordsCall> {
        self.records_call.replace(call)
    }

    /// Drops the instances that are gone, so that a long-lived world stays small.
    pub(crate) fn forget_gone(&mut self, timing: &Timing, now: Moment) {
        for of_service in self.instances.values_mut() {
            of_service.retain(|_, instance| !instance.is_gone(timing, now));
        }
        self.instances
            .retain(|_, of_service| !of_service.is_empty());
    }

    /// The certificate authority, once made.
    pub(crate) fn authority(&self) -> Option<&Authority> {
        self.authority.as_ref()
    }

    /// Keeps the certificate authority.
    pub(crate) fn set_authority(&mut self, authority: Authority) {
        self.authority = Some(authority);
    }
}

/// A version 4 UUID of these bytes.
fn uuid(bytes: &[u8; 32]) -> String {
    let mut id = [0; 16];
    id.copy_from_slice(&bytes[..16]);
    let id = u128::from_be_bytes(id) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{id:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}
