use super::decide::{Decision, decide};
use super::hold::Holds;
use super::pending_ports::PendingPorts;
use super::subscribe::subscribe;
use super::suspension::{Left, url_known_to_others};
use super::{
    Action, Consent, Hold, InstanceTarget, Plan, Purpose, Step, Target, Unfilled, outputs,
};
use crate::live::{Live, State};
use crate::model::{Address, Diagnostic, Diagnostics, Endpoint, Sources};
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
        holds: Holds::new(consent),
        pending_ports: PendingPorts::default(),
        left: Left::default(),
        scope: desired.scope.clone(),
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
    let outputs = outputs::planned(
        desired,
        &builder.scope,
        &builder.pending_ports,
        sources,
        &mut builder.found,
    );
    if builder.found.has_errors() {
        return Err(builder.found);
    }
    Ok(Plan {
        purpose: Purpose::Apply,
        stack: desired.stack.clone(),
        workspace: live.workspace.clone(),
        environment: desired.environment.clone(),
        tenant_plan: live.tenant_plan.as_ref().map(|it| it.name.clone()),
        steps,
        outputs,
        scope: builder.scope,
        subscriptions: live.subscriptions.values().cloned().collect(),
        suspended: live.suspended.clone(),
    })
}

struct Builder<'a> {
    desired: &'a Desired,
    live: &'a Live,
    holds: Holds<'a>,
    pending_ports: PendingPorts,
    left: Left,
    scope: Scope,
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
        } = match decide(
            &target,
            instance.keeps_data,
            state,
            (&self.pending_ports, &self.left),
            &mut self.scope,
        ) {
            Ok(decision) => decision,
            Err(failed) => {
                failed
                    .into_iter()
                    .for_each(|one| self.found.push(finding(one, sources)));
                return None;
            }
        };
        explanation.span = Some(instance.span);
        let held = self.holds.decide(instance, action, &explanation);
        if let Some(hold) = &held {
            explanation.note = None;
            if *hold == Hold::LeftSuspended {
                self.left.note(key);
            }
            let is_present = target.live.is_some();
            self.holds
                .remember(key, instance, hold, is_present, &explanation.fields);
        }
        self.remember(key, action, held.is_some(), state);
        Some(Step {
            address: instance.address.clone(),
            action,
            held,
            needs: needs(instance, self.desired),
            target: Target::Instance(Box::new(target)),
            explanation,
        })
    }

    /// Makes known what dependants will find.
    fn remember(&mut self, key: &str, action: Action, held: bool, state: &State) {
        let mut endpoint = match state {
            State::Present(found) => found.endpoint.clone(),
            State::Suspended(suspended) => {
                // What is not known must not count as not there.
                if let Some(url) = url_known_to_others(self.live, suspended) {
                    let endpoint = Endpoint {
                        url: Some(url),
                        ..Endpoint::default()
                    };
                    self.scope.set_endpoint(key, endpoint);
                }
                return;
            }
            State::Absent | State::Unreadable(_) => return,
        };
        if action == Action::Replace && !held {
            // Its URL is made of its service and name (API notes 1) and stays; its ports do not.
            endpoint.ports = None;
            endpoint.address = None;
        }
        let staying = self.pending_ports.note(key, endpoint);
        self.scope.set_endpoint(key, staying);
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
        ready: instance.ready.clone(),
        wants_ports,
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

fn needs(instance: &DesiredInstance, desired: &Desired) -> Vec<Address> {
    let keys = instance
        .edges
        .keys()
        .filter(|key| desired.instances.contains_key(*key));
    keys.map(|key| Address::instance(key)).collect()
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
