use std::collections::HashMap;

use super::held::Hold;
use super::marks::{Marks, Subject};
use super::standing::{Standing, is_reserved, options_of, standing};
use super::target::Targets;
use super::{
    Action, Consent, Explanation, Plan, Purpose, Step, Target, fences, leftovers, prune, whole,
};
use crate::live::{Live, State};
use crate::model::Address;
use crate::resolve::{Desired, DesiredInstance};

/// What has to go for nothing of the stack to be left: dependants first.
///
/// What holds data is kept unless the user consented to losing it.
pub fn destroy(desired: &Desired, live: &Live, consent: &Consent) -> Plan {
    let mut steps = prune::undeclared(desired, live, consent);
    let undeclared: Vec<Address> = steps.iter().map(|step| step.address.clone()).collect();
    let mut declared = declared(desired, live, consent);
    for step in &mut declared {
        // What is not declared any longer may still use what is.
        step.needs.extend(undeclared.iter().cloned());
    }
    steps.append(&mut declared);
    fences::check_destroy(&mut steps, desired, live, consent);
    let mut plan = Plan {
        steps,
        ..whole::empty(Purpose::Destroy, desired, live)
    };
    leftovers::note(&mut plan, live);
    let stays = |step: &Step| {
        let held = step.held.as_ref();
        held.is_some_and(|hold| !hold.is_about_whose_it_is())
    };
    let all_go = !plan.steps.iter().any(stays) && knows_all_intents(&plan);
    plan.secrets.removes_vault = plan.secrets.vault.is_some() && all_go;
    plan
}

/// Whether whatever the vault was waiting for is part of the plan: without tags nothing else knows
/// of what is not declared any longer.
fn knows_all_intents(plan: &Plan) -> bool {
    let vault = plan.secrets.vault.iter();
    let mut intents = vault.flat_map(|vault| vault.intents());
    intents.all(|intent| {
        let mut targets = plan.steps.iter().filter_map(Step::instance);
        targets.any(|it| it.service.id == *intent.service && it.name == *intent.name)
    })
}

fn declared(desired: &Desired, live: &Live, consent: &Consent) -> Vec<Step> {
    let targets = Targets::new(desired, live);
    let mut steps: Vec<Step> = Vec::new();
    let mut waits_for: HashMap<&str, Vec<Address>> = HashMap::new();
    let mut needed_by_unreadable: HashMap<&str, Address> = HashMap::new();
    for (key, instance) in desired.instances.iter().rev() {
        let state = live.instances.get(key).unwrap_or(&State::Absent);
        let needs = waits_for.remove(key.as_str()).unwrap_or_default();
        let needed_by = needed_by_unreadable.get(key.as_str()).cloned();
        let Some(action) = action(instance, state, desired, live) else {
            continue;
        };
        let held = match action {
            Action::Unmark => None,
            _ => hold(instance, state, desired, live, consent, needed_by.as_ref()),
        };
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
            explanation: Explanation {
                proof: proof(instance, state, desired, live, consent),
                ..explanation(instance, state, action)
            },
            target: Target::Instance(Box::new(targets.declared(key, instance, state))),
        });
    }
    steps
}

/// What is done to an instance; nothing where there is neither one nor a mark of one.
fn action(
    instance: &DesiredInstance,
    state: &State,
    desired: &Desired,
    live: &Live,
) -> Option<Action> {
    match state {
        State::Unreadable(_) => Some(Action::Unknown),
        State::Present(_) | State::Suspended(_) => Some(Action::Delete),
        State::Absent => {
            let subject = Subject::declared(instance, desired, live);
            is_reserved(subject, live).then_some(Action::Unmark)
        }
    }
}

fn hold(
    instance: &DesiredInstance,
    state: &State,
    desired: &Desired,
    live: &Live,
    consent: &Consent,
    needed_by: Option<&Address>,
) -> Option<Hold> {
    let Some(options) = options_of(state) else {
        return Some(Hold::Unreadable);
    };
    let subject = Subject::declared(instance, desired, live);
    let marks = Marks::of(live.tags_of(&instance.service.id, &instance.name));
    match standing(subject, options, live, &instance.address, consent) {
        Standing::NotOurs(hold) => Some(hold),
        Standing::Ours { .. } if instance.protect || marks.protected => Some(Hold::Protected),
        Standing::Ours { .. } if needed_by.is_some() => needed_by.cloned().map(Hold::NeededBy),
        Standing::Ours { proved: false } => Some(Hold::Modified),
        Standing::Ours { proved: true } => {
            let kept = instance.keeps_data && !consent.allows(&instance.address);
            kept.then_some(Hold::LosesData)
        }
    }
}

/// What shows that it is the stack's, where it is.
fn proof(
    instance: &DesiredInstance,
    state: &State,
    desired: &Desired,
    live: &Live,
    consent: &Consent,
) -> Option<String> {
    let subject = Subject::declared(instance, desired, live);
    let marks = Marks::of(live.tags_of(&instance.service.id, &instance.name));
    match standing(
        subject,
        options_of(state)?,
        live,
        &instance.address,
        consent,
    ) {
        Standing::Ours { proved } => Some(prune::shown_proof(&desired.stack, &marks, proved)),
        Standing::NotOurs(_) => None,
    }
}

const DESTROYED: &str = "part of this stack, which is being destroyed";

fn explanation(instance: &DesiredInstance, state: &State, action: Action) -> Explanation {
    Explanation {
        reason: match state {
            State::Unreadable(error) => format!("could not be read: {error}"),
            State::Suspended(suspended) => format!("{DESTROYED}; it is {suspended}"),
            State::Absent => "nothing has the name, and it is still kept for this stack".to_owned(),
            State::Present(_) => DESTROYED.to_owned(),
        },
        loses_data: instance.keeps_data && action == Action::Delete,
        span: Some(instance.span),
        ..Explanation::default()
    }
}
