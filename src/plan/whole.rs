use std::collections::BTreeSet;

use super::secrets::draws;
use super::{Plan, PlannedSecrets, Purpose, Step};
use crate::live::{Live, Tags, VaultState};
use crate::resolve::{Desired, Scope, SecretSource};
use crate::vault::ServiceSecret;

/// A plan of nothing.
pub(super) fn empty(purpose: Purpose, desired: &Desired, live: &Live) -> Plan {
    let vault = match &live.vault {
        VaultState::Kept(vault) => Some(vault.clone()),
        VaultState::Absent | VaultState::Unsupported | VaultState::Unreadable(_) => None,
    };
    Plan {
        purpose,
        stack: desired.stack.clone(),
        workspace: live.workspace.clone(),
        environment: desired.environment.clone(),
        tenant_plan: live.tenant_plan.as_ref().map(|it| it.name.clone()),
        steps: Vec::new(),
        outputs: Vec::new(),
        scope: desired.scope.clone(),
        subscriptions: live.subscriptions.values().cloned().collect(),
        suspended: live.suspended.clone(),
        has_tags: !matches!(live.tags, Tags::Unsupported),
        secrets: PlannedSecrets {
            vault,
            can_be_kept: !matches!(live.vault, VaultState::Unsupported),
            ..PlannedSecrets::default()
        },
        notes: notes(live),
    }
}

/// What a person should know about the workspace.
fn notes(live: &Live) -> Vec<String> {
    let no_tags = matches!(live.tags, Tags::Unsupported).then(|| NO_TAGS.to_owned());
    let unknown = live.unknown.iter().map(|address| {
        format!(
            "{address} is marked as this stack's, and the catalog does not know its service: nothing \
             is done to it"
        )
    });
    no_tags.into_iter().chain(unknown).collect()
}

const NO_TAGS: &str = "this platform has no tags: nothing says on an instance that it is this \
                       stack's, and nothing is deleted because it is not declared";

/// What expressions can see, with the generated values that the vault has and that stay.
pub(super) fn scope(desired: &Desired, live: &Live, rotated: &BTreeSet<String>) -> Scope {
    let mut scope = desired.scope.clone();
    if let VaultState::Kept(vault) = &live.vault {
        for name in desired.secrets.keys() {
            if let Some(value) = vault.value(name).filter(|_| !scope.has_secret(name)) {
                scope.set_secret(name, value.clone());
            }
        }
    }
    for name in rotated {
        // One that is not generated keeps the value it has here.
        let secret = desired.secrets.get(name);
        if secret.is_some_and(|it| matches!(it.source, SecretSource::Generate(_))) {
            scope.forget_secret(name);
        }
    }
    scope
}

/// What a finished plan needs of secrets.
pub(super) fn settle(plan: &mut Plan, desired: &Desired) {
    let running = plan.steps.iter().filter(|step| step.runs());
    let names = running
        .filter_map(Step::instance)
        .flat_map(|target| target.secrets.values())
        .flat_map(|secret| &secret.of);
    plan.secrets.draws = draws(desired, &plan.scope, names);
    plan.secrets.wanted = plan
        .steps
        .iter()
        .filter_map(Step::instance)
        .flat_map(|target| {
            let names = target.secrets.values().map(|secret| secret.name.clone());
            names.map(|name| ServiceSecret {
                service: target.service.id.clone(),
                name,
            })
        })
        .collect();
}
