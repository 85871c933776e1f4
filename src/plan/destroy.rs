use std::collections::HashMap;

use super::build::target;
use super::{Action, Consent, Explanation, Hold, Plan, Purpose, Step, Target};
use crate::live::{Live, State};
use crate::model::Address;
use crate::resolve::{Desired, DesiredInstance};

/// What has to go for nothing of the manifest to be left: dependants first.
///
/// What holds data is kept unless the user consented to losing it.
pub fn destroy(desired: &Desired, live: &Live, consent: &Consent) -> Plan {
    let mut steps: Vec<Step> = Vec::new();
    let mut waits_for: HashMap<&str, Vec<Address>> = HashMap::new();
    let mut needed_by_unreadable: HashMap<&str, Address> = HashMap::new();
    for (key, instance) in desired.instances.iter().rev() {
        let state = live.instances.get(key).unwrap_or(&State::Absent);
        let needs = waits_for.remove(key.as_str()).unwrap_or_default();
        let needed_by = needed_by_unreadable.get(key.as_str()).cloned();
        if matches!(state, State::Absent) {
            continue;
        }
        let action = match state {
            State::Unreadable(_) => Action::Unknown,
            State::Present(_) | State::Suspended(_) | State::Absent => Action::Delete,
        };
        let held = hold(instance, action, consent, needed_by.as_ref());
        for dependency in instance.edges.keys() {
            if action == Action::Unknown {
                needed_by_unreadable.insert(dependency, instance.address.clone());
            } else if let Some(unreadable) = &needed_by {
                // What is kept for the sake of something unreadable needs what it needs.
                needed_by_unreadable.insert(dependency, unreadable.clone());
            } else if held.is_none() {
                waits_for
                    .entry(dependency)
                    .or_default()
                    .push(instance.address.clone());
            }
        }
        steps.push(Step {
            address: instance.address.clone(),
            action,
            held,
            needs,
            explanation: explanation(instance, state),
            target: Target::Instance(Box::new(target(key, instance, false, state))),
        });
    }
    Plan {
        purpose: Purpose::Destroy,
        stack: desired.stack.clone(),
        workspace: live.workspace.clone(),
        environment: desired.environment.clone(),
        tenant_plan: live.tenant_plan.as_ref().map(|it| it.name.clone()),
        steps,
        outputs: Vec::new(),
        scope: desired.scope.clone(),
        subscriptions: live.subscriptions.values().cloned().collect(),
        suspended: live.suspended.clone(),
    }
}

fn hold(
    instance: &DesiredInstance,
    action: Action,
    consent: &Consent,
    needed_by: Option<&Address>,
) -> Option<Hold> {
    if action == Action::Unknown {
        Some(Hold::Unreadable)
    } else if instance.protect {
        Some(Hold::Protected)
    } else if let Some(dependant) = needed_by {
        Some(Hold::NeededBy(dependant.clone()))
    } else if instance.keeps_data && !consent.allows(&instance.address) {
        Some(Hold::LosesData)
    } else {
        None
    }
}

const DESTROYED: &str = "declared by this stack, which is being destroyed";

fn explanation(instance: &DesiredInstance, state: &State) -> Explanation {
    Explanation {
        reason: match state {
            State::Unreadable(error) => format!("could not be read: {error}"),
            State::Suspended(suspended) => format!("{DESTROYED}; it is {suspended}"),
            State::Present(_) | State::Absent => DESTROYED.to_owned(),
        },
        loses_data: instance.keeps_data,
        span: Some(instance.span),
        ..Explanation::default()
    }
}
