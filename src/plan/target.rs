use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::{InstanceTarget, Marks, SecretOption};
use crate::catalog::Service;
use crate::live::{Live, State, VaultState, Wanted};
use crate::model::Readiness;
use crate::resolve::{Desired, DesiredInstance, SecretSource};
use crate::vault::service_secret_name;

/// Instances as the manifest wants them and as they were read.
pub(super) struct Targets<'a> {
    desired: &'a Desired,
    live: &'a Live,
    ports_wanted: BTreeSet<&'a str>,
    rotated: &'a BTreeSet<String>,
}

impl<'a> Targets<'a> {
    pub(super) fn new(desired: &'a Desired, live: &'a Live) -> Self {
        Self {
            desired,
            live,
            ports_wanted: desired.ports_wanted(),
            rotated: const { &BTreeSet::new() },
        }
    }

    /// The same where these secrets get new values.
    pub(super) fn rotating(self, rotated: &'a BTreeSet<String>) -> Self {
        Self { rotated, ..self }
    }

    /// One that is declared.
    pub(super) fn declared(
        &self,
        key: &str,
        instance: &DesiredInstance,
        state: &State,
    ) -> InstanceTarget {
        let (service, name) = (&instance.service, &instance.name);
        InstanceTarget {
            options: instance.options.clone(),
            ready: instance.ready.clone(),
            wants_ports: self.ports_wanted.contains(key),
            protect: instance.protect,
            secrets: self.secrets(instance),
            ..self.bare(key, service, name, state)
        }
    }

    /// One that is not.
    pub(super) fn undeclared(&self, want: &Wanted, state: &State) -> InstanceTarget {
        self.bare(&want.key, &want.service, &want.name, state)
    }

    fn bare(&self, key: &str, service: &Arc<Service>, name: &str, state: &State) -> InstanceTarget {
        InstanceTarget {
            key: key.to_owned(),
            service: service.clone(),
            name: name.to_owned(),
            options: Vec::new(),
            ready: never_awaited(),
            wants_ports: false,
            protect: false,
            secrets: BTreeMap::new(),
            gives_secrets: false,
            rewrites: false,
            tags: self.live.tags_of(&service.id, name).to_vec(),
            given: given(&service.id, name, self.live),
            live: match state {
                State::Present(found) => Some(found.instance.clone()),
                _ => None,
            },
            suspended: match state {
                State::Suspended(suspended) => Some(suspended.as_ref().clone()),
                _ => None,
            },
        }
    }

    fn secrets(&self, instance: &DesiredInstance) -> BTreeMap<String, SecretOption> {
        let made_of_secrets = instance.options.iter();
        let made_of_secrets = made_of_secrets.filter(|option| !option.secrets.is_empty());
        let all = made_of_secrets.map(|option| {
            let name = service_secret_name(
                &self.live.workspace,
                &self.desired.stack,
                &instance.service.id,
                &instance.name,
                &option.name,
            );
            let is_token = option.secrets.iter().any(|it| self.is_token(it));
            let secret = SecretOption {
                name,
                of: option.secrets.clone(),
                digested: !is_token,
                lasting: is_token && option.secrets.is_disjoint(self.rotated),
            };
            (option.name.clone(), secret)
        });
        all.collect()
    }

    fn is_token(&self, secret: &str) -> bool {
        let declared = self.desired.secrets.get(secret);
        declared.is_some_and(|it| matches!(it.source, SecretSource::AccessToken { .. }))
    }
}

/// What the vault says of the values that an instance was given which no tag is about.
fn given(service: &str, name: &str, live: &Live) -> Option<String> {
    let is_marked = !Marks::of(live.tags_of(service, name)).stacks.is_empty();
    let VaultState::Kept(vault) = &live.vault else {
        return None;
    };
    let intent = vault.intent(service, name).filter(|_| !is_marked);
    intent?.secrets.clone()
}

/// What is deleted or only marked is not waited for.
fn never_awaited() -> Readiness {
    Readiness {
        level: None,
        limit: Duration::ZERO,
        probe: None,
    }
}
