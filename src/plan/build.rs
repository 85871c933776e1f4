use std::collections::BTreeSet;

use super::decide::{Decision, Surroundings, decide};
use super::held::Hold;
use super::hold::Holds;
use super::marks::{Marks, Proof, Subject};
use super::pending_ports::PendingPorts;
use super::secrecy::Secrecy;
use super::standing::{Standing, marked_for_another, options_of, standing};
use super::subscribe::subscribe;
use super::suspension::{Left, url_known_to_others};
use super::target::Targets;
use super::{
    Action, Consent, Explanation, InstanceTarget, Plan, Purpose, Step, Target, Unfilled, fences,
    leftovers, outputs, prune, sharing, whole,
};
use crate::live::{Live, State, Tags, VaultState};
use crate::model::{Address, Diagnostic, Diagnostics, Endpoint, Sources};
use crate::resolve::{Desired, DesiredInstance, Scope};
use crate::vault::Vault;

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
    let mut plan = declared(desired, live, consent, (&BTreeSet::new(), false), sources)?;
    prune::add(&mut plan.steps, desired, live, consent);
    fences::check(&mut plan.steps, desired, live, consent);
    sharing::check(&mut plan.steps);
    whole::settle(&mut plan, desired);
    leftovers::note(&mut plan, live);
    Ok(plan)
}

/// What has to change for secrets to get new values, and nothing else.
///
/// # Errors
/// As [`plan`].
pub fn rotate(
    desired: &Desired,
    live: &Live,
    consent: &Consent,
    secrets: &BTreeSet<String>,
    sources: &Sources,
) -> Result<Plan, Diagnostics> {
    let mut plan = declared(desired, live, consent, (secrets, true), sources)?;
    plan.purpose = Purpose::Rotate;
    fences::check(&mut plan.steps, desired, live, consent);
    sharing::check(&mut plan.steps);
    whole::settle(&mut plan, desired);
    Ok(plan)
}

/// The steps about what is declared.
fn declared(
    desired: &Desired,
    live: &Live,
    consent: &Consent,
    (rotated, only_rotates): (&BTreeSet<String>, bool),
    sources: &Sources,
) -> Result<Plan, Diagnostics> {
    let mut builder = Builder {
        desired,
        live,
        consent,
        rotated,
        only_rotates,
        targets: Targets::new(desired, live).rotating(rotated),
        holds: Holds::new(consent),
        pending_ports: PendingPorts::default(),
        left: Left::default(),
        scope: whole::scope(desired, live, rotated),
        found: Diagnostics::default(),
    };
    let mut steps = Vec::with_capacity(desired.instances.len() + 1);
    for (key, instance) in &desired.instances {
        steps.extend(builder.step(key, instance, sources));
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
        steps,
        outputs,
        scope: builder.scope,
        ..whole::empty(Purpose::Apply, desired, live)
    })
}

struct Builder<'a> {
    desired: &'a Desired,
    live: &'a Live,
    consent: &'a Consent,
    rotated: &'a BTreeSet<String>,
    only_rotates: bool,
    targets: Targets<'a>,
    holds: Holds<'a>,
    pending_ports: PendingPorts,
    left: Left,
    scope: Scope,
    found: Diagnostics,
}

impl Builder<'_> {
    fn step(&mut self, key: &str, instance: &DesiredInstance, sources: &Sources) -> Option<Step> {
        let state = self.live.instances.get(key).unwrap_or(&State::Absent);
        let mut target = self.targets.declared(key, instance, state);
        let marks = Marks::of(&target.tags);
        let around = Surroundings {
            desired: self.desired,
            consent: self.consent,
            pending_ports: &self.pending_ports,
            left: &self.left,
            key: vault(self.live).map(Vault::key),
            rotated: self.rotated,
            only_rotates: self.only_rotates,
        };
        let decided = decide(&target, instance, state, &around, &mut self.scope);
        let mut decision = match decided {
            Ok(decision) => decision,
            Err(failed) => {
                failed
                    .into_iter()
                    .for_each(|one| self.found.push(finding(one, sources)));
                return None;
            }
        };
        self.claim(instance, state, &marks, &mut decision);
        if self.only_rotates {
            only_rotated(&target, self.rotated, &mut decision);
        }
        let Decision {
            action,
            mut explanation,
            hold,
            secrecy,
        } = decision;
        target.gives_secrets = secrecy.gives_values();
        target.rewrites = !self.rotated.is_empty() && action.changes();
        if target.rewrites && matches!(action, Action::Restart | Action::Update) {
            let secrets = &target.secrets;
            target
                .options
                .retain(|option| secrets.contains_key(&option.name));
        }
        explanation.span = Some(instance.span);
        let held = self.holds.decide(instance, action, &explanation, hold);
        if let Some(hold) = &held {
            explanation.note = explanation.note.filter(|_| !action.changes());
            if *hold == Hold::LeftSuspended {
                self.left.note(key);
            }
            let is_present = target.live.is_some() && !hold.is_about_whose_it_is();
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

    /// Whose the instance is: decides what may be done to it at all.
    fn claim(
        &self,
        instance: &DesiredInstance,
        state: &State,
        marks: &Marks,
        decision: &mut Decision,
    ) {
        let subject = Subject::declared(instance, self.desired, self.live);
        let address = &instance.address;
        let Some(options) = options_of(state) else {
            if matches!(state, State::Absent) {
                let for_another = marked_for_another(subject, self.live);
                decision.hold = for_another.or(decision.hold.take());
            }
            return;
        };
        match standing(subject, options, self.live, address, self.consent) {
            Standing::NotOurs(hold) => {
                decision.action = Action::Adopt;
                decision.explanation.reason = hold.reason().to_owned();
                decision.explanation.restarts = false;
                decision.explanation.loses_data = false;
                decision.explanation.note = None;
                decision.secrecy = Secrecy::Nothing;
                decision.hold = Some(hold);
            }
            Standing::Ours { proved } => {
                let replaced = decision.action == Action::Replace;
                if replaced && !proved {
                    decision.hold = decision.hold.take().or(Some(Hold::Modified));
                }
                let keeps = decision.action == Action::Keep;
                if keeps && matches!(self.live.tags, Tags::Read(_)) {
                    let protect = instance.protect;
                    if let Some(why) = unmarked(subject, marks, options, protect) {
                        decision.action = Action::Mark;
                        decision.explanation.reason = why.to_owned();
                    }
                }
            }
        }
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

/// Why an instance that is as declared has to be marked all the same.
fn unmarked(
    subject: Subject<'_>,
    marks: &Marks,
    options: &crate::osc::Options,
    protect: bool,
) -> Option<&'static str> {
    match &marks.proof {
        Proof::Of(digest) if *digest == subject.proof(options) => {}
        Proof::Of(_) => return Some("somebody has changed it, and it is as declared"),
        Proof::Pending => return Some("a run that was cut off has made it"),
        Proof::Missing => return Some("nothing proves yet that it is as this stack left it"),
    }
    match (protect, marks.protected) {
        (true, false) => Some("`protect: true` is remembered on it"),
        (false, true) => Some("it is not protected any more"),
        _ => None,
    }
}

/// Leaves whatever is not about the rotated secrets to apply.
fn only_rotated(target: &InstanceTarget, rotated: &BTreeSet<String>, decision: &mut Decision) {
    let mut options = target.secrets.values();
    let concerned = options.any(|option| !option.of.is_disjoint(rotated));
    match decision.action {
        Action::Keep | Action::Unknown | Action::Adopt => {}
        _ if concerned && target.live.is_some() => {}
        Action::Mark | Action::Update | Action::Restart | Action::Replace => {
            decision.action = Action::Keep;
            decision.hold = None;
            decision.explanation = Explanation {
                reason: "not about the rotated secrets".to_owned(),
                ..Explanation::default()
            };
        }
        _ => decision.hold = Some(Hold::NotRotated),
    }
}

fn vault(live: &Live) -> Option<&Vault> {
    match &live.vault {
        VaultState::Kept(vault) => Some(vault),
        VaultState::Absent | VaultState::Unsupported | VaultState::Unreadable(_) => None,
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
