use std::collections::{BTreeSet, HashMap};

use super::decide::{Decision, decide};
use super::{
    Action, Consent, Explanation, Hold, InstanceTarget, Plan, Purpose, Step, Target, Unfilled,
    outputs,
};
use crate::live::{Live, State};
use crate::model::{Address, Diagnostic, Diagnostics, Sources};
use crate::resolve::{Desired, DesiredInstance, Scope};

/// What has to change for the workspace to be as the manifest says.
///
/// # Errors
/// Findings about values that only the live answers made known.
pub fn plan(
    desired: &Desired,
    live: &Live,
    consent: &Consent,
    sources: &Sources,
) -> Result<Plan, Diagnostics> {
    let mut builder = Builder {
        desired,
        live,
        consent,
        scope: desired.scope.clone(),
        blocked: HashMap::new(),
        found: Diagnostics::default(),
    };
    let ports_wanted = desired.ports_wanted();
    let mut steps = Vec::with_capacity(desired.instances.len() + 1);
    for (key, instance) in &desired.instances {
        let wants_ports = ports_wanted.contains(key.as_str());
        steps.extend(builder.step(key, instance, wants_ports, sources));
    }
    if let Some(subscribe) = subscribe(&mut steps, live) {
        steps.insert(0, subscribe);
    }
    let outputs = outputs::planned(desired, &builder.scope, sources, &mut builder.found);
    if builder.found.has_errors() {
        return Err(builder.found);
    }
    Ok(Plan {
        purpose: Purpose::Apply,
        stack: desired.stack.clone(),
        workspace: live.workspace.clone(),
        environment: desired.environment.clone(),
        steps,
        outputs,
        scope: builder.scope,
        subscriptions: live.subscriptions.values().cloned().collect(),
    })
}

struct Builder<'a> {
    desired: &'a Desired,
    live: &'a Live,
    consent: &'a Consent,
    scope: Scope,
    /// Instances that will not be there for their dependants in this run, and why not.
    blocked: HashMap<String, Address>,
    found: Diagnostics,
}

impl Builder<'_> {
    fn step(
        &mut self,
        key: &str,
        instance: &DesiredInstance,
        wants_ports: bool,
        sources: &Sources,
    ) -> Option<Step> {
        let state = self.live.instances.get(key).unwrap_or(&State::Absent);
        let target = target(key, instance, wants_ports, state);
        let Decision {
            action,
            mut explanation,
        } = match decide(&target, instance.keeps_data, state, &mut self.scope) {
            Ok(decision) => decision,
            Err(failed) => {
                failed
                    .into_iter()
                    .for_each(|one| self.found.push(finding(one, sources)));
                return None;
            }
        };
        explanation.span = Some(instance.span);
        let held = self.hold(instance, action, &explanation);
        self.remember(key, instance, action, held.as_ref(), state);
        Some(Step {
            address: instance.address.clone(),
            action,
            held,
            needs: needs(instance, self.desired),
            target: Target::Instance(Box::new(target)),
            explanation,
        })
    }

    fn hold(
        &self,
        instance: &DesiredInstance,
        action: Action,
        explanation: &Explanation,
    ) -> Option<Hold> {
        if action == Action::Unknown {
            return Some(Hold::Unreadable);
        }
        if !action.changes() {
            return None;
        }
        if let Some(cause) = instance.edges.keys().find_map(|key| self.blocked.get(key)) {
            return Some(Hold::Needs(cause.clone()));
        }
        if action == Action::Replace && instance.protect {
            return Some(Hold::Protected);
        }
        if explanation.loses_data && !self.consent.allows(&instance.address) {
            return Some(Hold::LosesData);
        }
        None
    }

    /// Makes known what dependants will find.
    fn remember(
        &mut self,
        key: &str,
        instance: &DesiredInstance,
        action: Action,
        held: Option<&Hold>,
        state: &State,
    ) {
        let State::Present(found) = state else {
            if let Some(hold) = held {
                let cause = match hold {
                    Hold::Needs(cause) => cause.clone(),
                    _ => instance.address.clone(),
                };
                self.blocked.insert(key.to_owned(), cause);
            }
            return;
        };
        let mut endpoint = found.endpoint.clone();
        if action == Action::Replace && held.is_none() {
            // Its URL is made of its service and name (API notes 1) and stays; its ports do not.
            endpoint.ports = None;
            endpoint.address = None;
        }
        self.scope.set_endpoint(key, endpoint);
    }
}

/// The instance as the manifest wants it and as it was read.
pub(super) fn target(
    key: &str,
    instance: &DesiredInstance,
    wants_ports: bool,
    state: &State,
) -> InstanceTarget {
    InstanceTarget {
        key: key.to_owned(),
        service: instance.service.clone(),
        name: instance.name.clone(),
        options: instance.options.clone(),
        ready: instance.ready,
        wants_ports,
        live: match state {
            State::Present(found) => Some(found.instance.clone()),
            State::Absent | State::Unreadable(_) => None,
        },
    }
}

fn needs(instance: &DesiredInstance, desired: &Desired) -> Vec<Address> {
    let keys = instance
        .edges
        .keys()
        .filter(|key| desired.instances.contains_key(*key));
    keys.map(|key| Address::instance(key)).collect()
}

/// The step that subscribes to whatever is created and not subscribed to, made a need of those.
fn subscribe(steps: &mut [Step], live: &Live) -> Option<Step> {
    let address = Address::subscriptions();
    let mut missing = BTreeSet::new();
    for step in steps.iter_mut().filter(|step| step.runs()) {
        let Target::Instance(target) = &step.target else {
            continue;
        };
        if !live.subscriptions.contains_key(&target.service.id) {
            missing.insert(target.service.id.clone());
            step.needs.insert(0, address.clone());
        }
    }
    let missing: Vec<String> = missing.into_iter().collect();
    let services = if missing.len() == 1 {
        "a service"
    } else {
        "services"
    };
    (!missing.is_empty()).then(|| Step {
        address,
        action: Action::Subscribe,
        held: None,
        needs: Vec::new(),
        explanation: Explanation {
            reason: format!("the workspace does not use {services} of this stack yet; free"),
            ..Explanation::default()
        },
        target: Target::Subscriptions(missing),
    })
}

fn finding(unfilled: Unfilled, sources: &Sources) -> Diagnostic {
    match unfilled {
        Unfilled::Failed(error) => error.diagnostic(sources),
        Unfilled::Refused(finding) => *finding,
        Unfilled::Unknown { option } => {
            Diagnostic::error_without_place(format!("the value of `{option}` is not known"))
        }
    }
}
