use std::collections::BTreeSet;

use super::build;
use super::held::Hold;
use super::marks::{Marks, Subject};
use super::standing::{Standing, options_of, standing};
use super::{Action, Consent, Plan, Purpose, whole};
use crate::live::{Live, State};
use crate::model::{Address, Diagnostics, Sources};
use crate::resolve::{Desired, DesiredInstance};

/// What to take over, and from whom.
#[derive(Debug, Clone, Default)]
pub struct Adoption {
    /// The addresses of the instances.
    pub addresses: BTreeSet<String>,
    /// The stack that they may be part of so far.
    pub from_stack: Option<String>,
}

/// Why an instance cannot be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAdoptable {
    /// The instance.
    pub address: Address,
    /// Why, in words.
    pub why: String,
}

/// What an adoption would do: each instance as it is, with what the next apply would change.
///
/// # Errors
/// Findings, as for a plan.
pub fn adopt(
    desired: &Desired,
    live: &Live,
    adoption: &Adoption,
    sources: &Sources,
) -> Result<Result<Plan, Vec<NotAdoptable>>, Diagnostics> {
    let seen = build::plan(desired, live, &Consent::default(), sources)?;
    let mut steps = Vec::new();
    let mut refused = Vec::new();
    for (key, instance) in &desired.instances {
        if !adoption.addresses.contains(instance.address.as_str()) {
            continue;
        }
        let state = live.instances.get(key).unwrap_or(&State::Absent);
        match check(instance, state, desired, live, adoption) {
            Ok(reason) => {
                let mut all = seen.steps.iter();
                let step = all.find(|step| step.address == instance.address).cloned();
                steps.extend(step.map(|mut step| {
                    step.action = Action::Adopt;
                    step.held = None;
                    step.needs.clear();
                    step.explanation.reason = reason;
                    step.explanation.note = note(&step.explanation.fields);
                    step.explanation.restarts = false;
                    step.explanation.loses_data = false;
                    step
                }));
            }
            Err(why) => refused.push(NotAdoptable {
                address: instance.address.clone(),
                why,
            }),
        }
    }
    if !refused.is_empty() {
        return Ok(Err(refused));
    }
    Ok(Ok(Plan {
        steps,
        ..whole::empty(Purpose::Adopt, desired, live)
    }))
}

fn note(fields: &[super::FieldChange]) -> Option<String> {
    let change = "nothing of it is changed now; the next apply changes what differs";
    (!fields.is_empty()).then(|| change.to_owned())
}

/// Why an instance is taken over, or why not.
fn check(
    instance: &DesiredInstance,
    state: &State,
    desired: &Desired,
    live: &Live,
    adoption: &Adoption,
) -> Result<String, String> {
    let options = match (options_of(state), state) {
        (Some(options), _) => options,
        (None, State::Unreadable(error)) => return Err(format!("it could not be read: {error}")),
        (None, _) => {
            return Err("there is no such instance; `apply` makes it".to_owned());
        }
    };
    let subject = Subject::declared(instance, desired, live);
    let claimed = standing(
        subject,
        options,
        live,
        &instance.address,
        &Consent::default(),
    );
    match claimed {
        Standing::Ours { .. } => Err("it is part of this stack already".to_owned()),
        Standing::NotOurs(Hold::NotOurs) => match &adoption.from_stack {
            None => Ok("it is part of no stack".to_owned()),
            Some(old) => Err(format!("it is not part of the stack `{old}`")),
        },
        Standing::NotOurs(Hold::OfStack(_)) => {
            let marks = Marks::of(live.tags_of(&instance.service.id, &instance.name));
            let others: Vec<&str> = marks
                .stacks
                .iter()
                .filter(|stack| **stack != desired.stack)
                .map(String::as_str)
                .collect();
            match &adoption.from_stack {
                Some(old) if others == [old.as_str()] => {
                    Ok(format!("it moves from the stack `{old}` to this one"))
                }
                _ => Err(format!(
                    "it is part of the stack `{}`; `--from-stack {}` moves it",
                    others.join("`, `"),
                    others.first().copied().unwrap_or_default(),
                )),
            }
        }
        Standing::NotOurs(Hold::Unclaimed(super::held::Unclaimed::NoTags)) => Err(
            "this platform has no tags to mark it with; `--include-modified` takes it as this \
             stack's for one run"
                .to_owned(),
        ),
        Standing::NotOurs(_) => Err("its tags could not be read".to_owned()),
    }
}
