//! The state of an emulated account.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::credentials;
use super::instance::Instance;
use super::jwt::SigningKey;
use super::moment::Moment;
use super::oauth::Ledger;
use super::rules::Timing;
use super::suspension::RecordsCall;
use super::workspace::Workspace;

/// The format of the JSON this version writes.
pub(crate) const FORMAT: u32 = 1;

/// A whole emulated account: its workspaces, and who may act in them.
///
/// Everything asked of a world is about the workspace it is in, which is `sandbox` between
/// requests. Serialises to JSON; `format` in it tells versions apart. The signing key is part of
/// it, so tokens stay good as long as the world is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    format: u32,
    key: SigningKey,
    user: String,
    #[serde(default)]
    personal_access_tokens: u64,
    #[serde(default)]
    oauth: Ledger,
    /// The one it is in.
    #[serde(flatten)]
    workspace: Workspace,
    #[serde(default = "others")]
    others: Vec<Workspace>,
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
    /// An account with two empty workspaces, `sandbox` and `sandbox-two`, whose tokens are signed
    /// with `key`.
    pub fn new(key: [u8; 32]) -> World {
        World {
            format: FORMAT,
            key: SigningKey::new(key),
            user: "sandbox".to_owned(),
            personal_access_tokens: 0,
            oauth: Ledger::default(),
            workspace: Workspace::new("sandbox", "FREE"),
            others: others(),
            authority: None,
        }
    }

    /// The id of the workspace it is in.
    pub fn tenant(&self) -> &str {
        self.workspace.tenant()
    }

    /// Issues a personal access token for the workspace it is in (API notes 2.5).
    ///
    /// With a lifetime it has an `exp` as those from OAuth, without it is good for ever as those
    /// from the console. Each has a `patId` of its own.
    pub fn personal_access_token(&mut self, now: SystemTime, lifetime: Option<Duration>) -> String {
        let pat_id = self.next_pat_id();
        let holder = (self.tenant(), self.user());
        credentials::issue_personal(&self.key, holder, &pat_id, now.into(), lifetime)
    }

    /// A `patId` that no other token has.
    pub(crate) fn next_pat_id(&mut self) -> String {
        self.personal_access_tokens += 1;
        let label = format!("pat {}", self.personal_access_tokens);
        uuid(&self.key.derive(&label))
    }

    /// The workspaces: first the one it is in.
    pub(crate) fn workspaces(&self) -> impl Iterator<Item = &Workspace> {
        std::iter::once(&self.workspace).chain(&self.others)
    }

    /// The workspace it is in.
    pub(crate) fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The same to change.
    pub(crate) fn workspace_mut(&mut self) -> &mut Workspace {
        &mut self.workspace
    }

    /// The workspace that has an instance, be it shown or not; first the one it is in.
    pub(crate) fn owner_of(&self, service: &str, name: &str) -> Option<&Workspace> {
        let mut all = self.workspaces();
        all.find(|workspace| workspace.instance(service, name).is_some())
    }

    /// Acts in another workspace; in the one it is in where there is no such, or none is named.
    pub(crate) fn act_in<T>(
        &mut self,
        tenant: Option<&str>,
        act: impl FnOnce(&mut World) -> T,
    ) -> T {
        let place = self
            .others
            .iter()
            .position(|other| Some(other.tenant()) == tenant);
        self.trade_places(place);
        let outcome = act(self);
        self.trade_places(place);
        outcome
    }

    fn trade_places(&mut self, place: Option<usize>) {
        if let Some(other) = place.and_then(|place| self.others.get_mut(place)) {
            std::mem::swap(&mut self.workspace, other);
        }
    }

    /// What is known of apps, and of what people allowed them.
    pub(crate) fn oauth(&self) -> &Ledger {
        &self.oauth
    }

    /// The same to change.
    pub(crate) fn oauth_mut(&mut self) -> &mut Ledger {
        &mut self.oauth
    }

    /// The user of the account.
    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// The plan the workspace is on.
    pub(crate) fn plan(&self) -> &str {
        self.workspace.plan()
    }

    /// The key tokens are signed with.
    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The ids of the services subscribed to.
    pub(crate) fn subscriptions(&self) -> &BTreeSet<String> {
        &self.workspace.subscriptions
    }

    /// Subscribes to a service; again is fine.
    pub(crate) fn subscribe(&mut self, service: &str) {
        self.workspace.subscriptions.insert(service.to_owned());
    }

    /// Ends a subscription; `false` if there was none.
    pub(crate) fn unsubscribe(&mut self, service: &str) -> bool {
        self.workspace.subscriptions.remove(service)
    }

    /// The instances of a service by name, those no longer shown among them.
    pub(crate) fn instances(&self, service: &str) -> impl Iterator<Item = (&str, &Instance)> {
        let found = self.workspace.instances.get(service).into_iter().flatten();
        found.map(|(name, instance)| (name.as_str(), instance))
    }

    /// Every instance with its service and name, those no longer shown among them.
    pub(crate) fn all_instances(&self) -> impl Iterator<Item = (&str, &str, &Instance)> {
        self.workspace.all_instances()
    }

    /// One instance, be it shown or not.
    pub(crate) fn instance(&self, service: &str, name: &str) -> Option<&Instance> {
        self.workspace.instance(service, name)
    }

    /// One instance to change, be it shown or not.
    pub(crate) fn instance_mut(&mut self, service: &str, name: &str) -> Option<&mut Instance> {
        self.workspace.instances.get_mut(service)?.get_mut(name)
    }

    /// Adds an instance, in place of what had its name.
    pub(crate) fn insert(&mut self, service: &str, name: &str, instance: Instance) {
        let of_service = self
            .workspace
            .instances
            .entry(service.to_owned())
            .or_default();
        of_service.insert(name.to_owned(), instance);
    }

    /// Removes an instance at once.
    pub(crate) fn remove(&mut self, service: &str, name: &str) {
        if let Some(of_service) = self.workspace.instances.get_mut(service) {
            of_service.remove(name);
        }
    }

    /// Keeps a call that touches records of suspensions; the one kept before.
    pub(crate) fn replace_records_call(&mut self, call: RecordsCall) -> Option<RecordsCall> {
        self.workspace.records_call.replace(call)
    }

    /// Drops the instances that are gone, so that a long-lived world stays small.
    pub(crate) fn forget_gone(&mut self, timing: &Timing, now: Moment) {
        for of_service in self.workspace.instances.values_mut() {
            of_service.retain(|_, instance| !instance.is_gone(timing, now));
        }
        self.workspace
            .instances
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

/// The workspaces there are besides `sandbox`.
fn others() -> Vec<Workspace> {
    vec![Workspace::new("sandbox-two", "PERSONAL")]
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
