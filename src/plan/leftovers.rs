use super::{Action, InstanceTarget, Plan, Step};
use crate::live::{Live, Referrer};
use crate::resolve::Origin;
use crate::vault::ServiceSecret;

/// Notes the service secrets that the vault names and that nothing will refer to once the plan is
/// carried out. Only those are noted of which everybody who might was read.
pub(super) fn note(plan: &mut Plan, live: &Live) {
    plan.secrets.services.clone_from(&live.vault_services);
    let (Some(vault), Some(_)) = (&plan.secrets.vault, &live.suspended) else {
        return;
    };
    let unused = vault.secrets().iter().filter(|secret| {
        let mut referrers = live.referrers.iter();
        is_read(live, &secret.service)
            && !plan.secrets.wanted.contains(secret)
            && !referrers.any(|it| it.secret == secret.name && goes_on(plan, it))
    });
    let unused: Vec<ServiceSecret> = unused.cloned().collect();
    plan.secrets.leftovers = unused;
}

/// Whether every instance of the service is known; one that nobody subscribes to has none.
fn is_read(live: &Live, service: &str) -> bool {
    let has_none = !live.subscriptions.contains_key(service);
    live.vault_services.contains_key(service) && (has_none || live.listed.contains_key(service))
}

/// Whether an instance still refers to a secret that no declared option is made of any more.
fn goes_on(plan: &Plan, referrer: &Referrer) -> bool {
    let mut running = plan.steps.iter().filter(|step| step.runs());
    let changes = running.find_map(|step| {
        let target = step.instance()?;
        let is_it = target.service.id == referrer.service && target.name == referrer.name;
        is_it.then_some((step, target))
    });
    changes.is_none_or(|(step, target)| !gives_up(step, target, &referrer.option))
}

/// Whether the step leaves the option without what it held.
fn gives_up(step: &Step, target: &InstanceTarget, option: &str) -> bool {
    match step.action {
        Action::Delete | Action::Replace => true,
        Action::Update => target
            .options
            .iter()
            .any(|it| it.name == option && it.origin == Origin::Declared),
        _ => false,
    }
}
