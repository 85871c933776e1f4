use std::collections::BTreeSet;

use super::begin::Begun;
use super::{Barred, Failure, Fate, Keeper, Lease, Outcome, Verified};
use crate::model::secret_reference;
use crate::osc::{Error, Options, ReadApi, WriteApi};
use crate::plan::{Action, Plan, Step};
use crate::vault::{ServiceSecret, Vault, vault_key};

/// What is left to do when every step is over: see that the vault is still the one that was used,
/// remove what nothing refers to any more, and let others go on.
pub(super) async fn finish(plan: &Plan, api: &WriteApi, begun: Begun, outcome: &mut Outcome) {
    let Begun {
        lease,
        marker,
        warnings,
        ..
    } = begun;
    outcome.warnings.extend(warnings);
    let Some(lease) = lease else {
        return;
    };
    if let Some(loss) = lease.loss() {
        outcome.barred = Some(Barred::from(loss.clone()));
        return;
    }
    let is_clean = !outcome.interrupted
        && outcome.barred.is_none()
        && !outcome.any(|fate| !fate.lets_dependants_run());
    let keeper = match &marker.safe {
        Some(safe) if is_clean && is_wanted(plan) => safe.open().await.map(Some),
        Some(safe) => Ok(safe.opened()),
        None => Ok(None),
    };
    let swept = match keeper {
        Ok(Some(keeper)) => sweep(plan, api, keeper, &lease, outcome, is_clean).await,
        Ok(None) => Ok(()),
        Err(error) => Err(error.into()),
    };
    if let Err(failure) = swept {
        let warning = format!(
            "the secrets of this stack are not tidied up: {}",
            failure.message
        );
        outcome.warnings.push(warning);
    }
    if let Err(error) = lease.release().await {
        outcome.warnings.push(error.to_string());
    }
}

/// Whether the vault has to be looked at even where no step needed it: a secret that it names, and
/// that no declared instance refers to, may have lost its last user in this run, and an instance
/// that it was waiting for may carry its tags by now.
fn is_wanted(plan: &Plan) -> bool {
    let secrets = &plan.secrets;
    secrets.vault.as_ref().is_some_and(|vault| {
        let mut named = vault.secrets().iter();
        let waits = plan.has_tags && !vault.intents().is_empty();
        waits || secrets.removes_vault || named.any(|secret| !secrets.wanted.contains(secret))
    })
}

async fn sweep(
    plan: &Plan,
    api: &WriteApi,
    keeper: &Keeper,
    lease: &Lease,
    outcome: &mut Outcome,
    is_clean: bool,
) -> Result<(), Failure> {
    if keeper.verify().await? == Verified::Restored {
        let warning = "somebody changed the vault of this stack during the run; it is as this run \
                       used it again";
        outcome.warnings.push(warning.to_owned());
    }
    let Some(vault) = keeper.vault().await.filter(|_| is_clean) else {
        return Ok(());
    };
    let unused = unused(plan, api.reads(), &vault).await?;
    for secret in &unused {
        lease.check().await.map_err(super::KeeperError::from)?;
        api.delete_service_secret(&secret.service, &secret.name)
            .await?;
    }
    outcome.removed_secrets.clone_from(&unused);
    let met = met_intents(plan, &vault, outcome);
    keeper
        .write(|vault| {
            unused.iter().for_each(|secret| vault.forget_secret(secret));
            for (service, name) in &met {
                vault.forget_intent(service, name);
            }
        })
        .await?;
    let is_over = plan.secrets.removes_vault && nothing_is_left(plan, outcome);
    let is_empty = |vault: Vault| vault.secrets().is_empty() && vault.intents().is_empty();
    if is_over && keeper.vault().await.is_none_or(is_empty) {
        lease.check().await.map_err(super::KeeperError::from)?;
        api.delete_tenant_secret(&vault_key(&plan.stack)).await?;
    }
    Ok(())
}

/// The service secrets that the vault names and that nothing refers to, neither a declared
/// instance nor any other that runs or is suspended.
async fn unused(plan: &Plan, reads: &ReadApi, vault: &Vault) -> Result<Vec<ServiceSecret>, Error> {
    let mut candidates: Vec<ServiceSecret> = vault
        .secrets()
        .iter()
        .filter(|secret| !plan.secrets.wanted.contains(secret))
        .cloned()
        .collect();
    if candidates.is_empty() {
        return Ok(candidates);
    }
    let mut services = plan.services();
    services.extend(plan.secrets.services.clone());
    services.retain(|id, _| candidates.iter().any(|secret| secret.service == *id));
    // One of a service that is not known here stays: nobody can tell who refers to it.
    candidates.retain(|secret| services.contains_key(&secret.service));
    let known: Vec<_> = services.values().cloned().collect();
    let suspended = reads.suspended(&known).await?;
    let mut referred: BTreeSet<String> = suspended
        .iter()
        .flat_map(|record| references(&record.options))
        .collect();
    for subscription in reads.subscriptions().await? {
        if let Some(service) = services.get(&subscription.service) {
            let listed = reads.instances(&subscription, service).await?;
            referred.extend(listed.iter().flat_map(|it| references(&it.options)));
        }
    }
    candidates.retain(|secret| !referred.contains(&secret.name));
    Ok(candidates)
}

fn references(options: &Options) -> Vec<String> {
    let values = options.values();
    values
        .filter_map(|value| secret_reference(value.expose()))
        .map(str::to_owned)
        .collect()
}

/// Intents of instances that carry the stack's tags by now.
fn met_intents(plan: &Plan, vault: &Vault, outcome: &Outcome) -> Vec<(String, String)> {
    if !plan.has_tags {
        return Vec::new();
    }
    let is_marked = |service: &str, name: &str| {
        let steps = plan.steps.iter().zip(&outcome.results);
        steps.into_iter().any(|(step, result)| {
            let is_it = step
                .instance()
                .is_some_and(|it| it.service.id == service && it.name == name);
            is_it && !matches!(result.fate, Fate::Held(_))
        })
    };
    let intents = vault.intents().iter();
    intents
        .filter(|intent| is_marked(&intent.service, &intent.name))
        .map(|intent| (intent.service.clone(), intent.name.clone()))
        .collect()
}

/// Whether a destroy has left no instance of the stack.
fn nothing_is_left(plan: &Plan, outcome: &Outcome) -> bool {
    let is_gone = |step: &Step, fate: &Fate| match step.action {
        Action::Delete | Action::Unmark => matches!(fate, Fate::Applied | Fate::AlreadySo),
        _ => false,
    };
    let mut steps = plan.steps.iter().zip(&outcome.results);
    steps.all(|(step, result)| step.held.is_some() || is_gone(step, &result.fate))
}
