use std::collections::BTreeSet;

use super::held::Hold;
use super::pending_ports::PendingPorts;
use super::secrecy::{self, Secrecy, Secrets};
use super::secrets::missing;
use super::standing::options_of;
use super::suspension::Left;
use super::wanted::{Wanted, created, settle, unmanaged};
use super::{Action, Consent, Explanation, InstanceTarget, Unfilled};
use crate::live::State;
use crate::osc::{Instance, Options};
use crate::resolve::{Desired, DesiredInstance, Origin, Scope};
use crate::vault::DigestKey;

/// What a decision depends on beside the instance itself.
pub(super) struct Surroundings<'a> {
    pub(super) desired: &'a Desired,
    pub(super) consent: &'a Consent,
    /// Ports of others that may still appear.
    pub(super) pending_ports: &'a PendingPorts,
    /// Others that are suspended and stay so.
    pub(super) left: &'a Left,
    /// The vault's key, where there is one.
    pub(super) key: Option<&'a DigestKey>,
    /// The secrets that get new values.
    pub(super) rotated: &'a BTreeSet<String>,
    /// Whether nothing but these is to change.
    pub(super) only_rotates: bool,
}

/// What to do with one instance, and why.
#[derive(Default)]
pub(super) struct Decision {
    pub(super) action: Action,
    pub(super) explanation: Explanation,
    /// Why not after all.
    pub(super) hold: Option<Hold>,
    /// What is known of its secret values.
    pub(super) secrecy: Secrecy,
}

/// Compares one instance, making the values of its options known to the scope on the way.
///
/// # Errors
/// All options whose values fail or are not allowed.
pub(super) fn decide(
    target: &InstanceTarget,
    instance: &DesiredInstance,
    state: &State,
    around: &Surroundings<'_>,
    scope: &mut Scope,
) -> Result<Decision, Vec<Unfilled>> {
    let live = options_of(state);
    let wanted = settle(target, live, around, scope)?;
    let keeps_data = instance.keeps_data;
    let mut decision = Decision::default();
    let explanation = &mut decision.explanation;
    decision.action = match state {
        State::Unreadable(error) => {
            explanation.reason = format!("could not be read: {error}");
            Action::Unknown
        }
        State::Absent => {
            explanation.reason = "absent from the workspace".to_owned();
            explanation.fields = created(wanted);
            decision.secrecy = match target.secrets.is_empty() {
                true => Secrecy::Nothing,
                false => Secrecy::Later,
            };
            decision.hold = no_secret(target, target.secrets.keys(), around, scope);
            Action::Create
        }
        State::Suspended(suspended) => {
            let secrets = compare(
                explanation,
                target,
                wanted,
                &suspended.options,
                around,
                scope,
            );
            decision.hold = new_without_value(target, explanation, around, scope);
            explanation.reason = suspended.to_string();
            explanation.loses_data = keeps_data;
            explanation.note = (!explanation.fields.is_empty()).then(|| UPDATED_LATER.to_owned());
            decision.secrecy = secrets.secrecy;
            Action::Resume
        }
        State::Present(found) => {
            let live = &found.instance;
            let secrets = compare(explanation, target, wanted, &live.options, around, scope);
            explanation.note = found.listed_as_suspended.then(|| LEFT_OVER.to_owned());
            decision.hold = new_without_value(target, explanation, around, scope);
            let changed = compared(&mut decision, target, instance, live, &secrets, around);
            decision.secrecy = secrets.secrecy;
            changed
        }
    };
    Ok(decision)
}

/// Whether a suspended instance can be changed in place shows only once it runs.
const UPDATED_LATER: &str = "it is resumed with the options it had and updated then; where its \
                             service offers no update, the step fails and the next plan replaces it";

const LEFT_OVER: &str = "it runs and is listed as suspended all the same, which an unfinished \
                         resume leaves behind";

fn compare(
    explanation: &mut Explanation,
    target: &InstanceTarget,
    wanted: Vec<Wanted>,
    live: &Options,
    around: &Surroundings<'_>,
    scope: &Scope,
) -> Secrets {
    let secrets = secrecy::compared(target, live, around, scope);
    let is_compared = |option: &str| !around.only_rotates || target.secrets.contains_key(option);
    let (differing, equal): (Vec<_>, Vec<_>) = wanted
        .into_iter()
        .filter(|wanted| wanted.origin == Origin::Declared && is_compared(&wanted.option))
        .partition(|wanted| {
            !secrets.passes(&wanted.option) && wanted.differs(target, live.get(&wanted.option))
        });
    explanation.equal = equal.len();
    if !around.only_rotates {
        explanation.unmanaged = unmanaged(target, live);
    }
    explanation.fields = differing
        .into_iter()
        .map(|wanted| {
            let before = live.get(&wanted.option).cloned();
            wanted.against(before)
        })
        .collect();
    secrets
}

fn compared(
    decision: &mut Decision,
    target: &InstanceTarget,
    instance: &DesiredInstance,
    live: &Instance,
    secrets: &Secrets,
    around: &Surroundings<'_>,
) -> Action {
    let explanation = &mut decision.explanation;
    let gives_values = secrets.secrecy.gives_values();
    let fields = explanation.fields.as_slice();
    let into_secrets = fields
        .iter()
        .any(|it| target.secrets.contains_key(&it.option));
    let what = match (fields, gives_values) {
        ([], false) => {
            explanation.reason = "as declared".to_owned();
            explanation.note = explanation.note.take().or_else(|| note(secrets));
            return Action::Keep;
        }
        ([], true) => new_values(&secrets.secrecy, around).to_owned(),
        ([only], _) => format!("`{}` differs", only.option),
        (several, _) => format!("{} options differ", several.len()),
    };
    if fields.is_empty() && around.consent.is_changed_inside(&instance.address) {
        explanation.reason = format!("{what}, and somebody has changed it inside of the instance");
        return Action::Mark;
    }
    explanation.restarts = true;
    explanation.reason = what;
    let reads_once = instance.service.reads_secrets_once && (gives_values || into_secrets);
    let in_place = match fields {
        _ if reads_once => None,
        [] if live.can_restart => Some(Action::Restart),
        _ if live.can_update => Some(Action::Update),
        _ => None,
    };
    if let Some(action) = in_place {
        return action;
    }
    let why = match (reads_once, fields) {
        (true, _) => "it reads its secrets at its first start only",
        (false, []) => "the service offers no restart",
        (false, _) => "the service offers no update in place",
    };
    explanation.reason = format!("{} and {why}", explanation.reason);
    // Nobody asked for another instance where only the value behind a reference is new.
    let only_secrets = reads_once || fields.is_empty();
    if only_secrets && !around.consent.replaces(&instance.address) {
        decision.hold = decision.hold.take().or(Some(match reads_once {
            true => Hold::FirstStart,
            false => Hold::NoRestart,
        }));
        return Action::Restart;
    }
    explanation.loses_data = instance.keeps_data;
    decision.hold = decision
        .hold
        .take()
        .or_else(|| no_secret_of(target, target.secrets.keys(), around));
    Action::Replace
}

fn new_values(secrecy: &Secrecy, around: &Surroundings<'_>) -> &'static str {
    match secrecy {
        _ if !around.rotated.is_empty() => "its secrets get new values",
        Secrecy::Changed => "the value of a secret has changed",
        _ => "the value of a secret is known only after apply, and may change",
    }
}

/// What to know of secrets although nothing is done about them.
fn note(secrets: &Secrets) -> Option<String> {
    let named = |options: &BTreeSet<String>| {
        let names: Vec<&str> = options.iter().map(String::as_str).collect();
        format!("`{}`", names.join("`, `"))
    };
    if let Secrecy::Unchecked(why) = &secrets.secrecy {
        return Some(format!("its secret values are not checked: {why}"));
    }
    (!secrets.in_the_clear.is_empty()).then(|| {
        format!(
            "{} stands in the clear in the workspace, with the declared value; the next change \
             makes it a secret of the service",
            named(&secrets.in_the_clear)
        )
    })
}

/// A hold where an option that is to refer to a secret for the first time has no value to give it.
fn new_without_value(
    target: &InstanceTarget,
    explanation: &Explanation,
    around: &Surroundings<'_>,
    scope: &Scope,
) -> Option<Hold> {
    let differing = explanation.fields.iter().map(|field| &field.option);
    no_secret(target, differing, around, scope)
}

fn no_secret<'o>(
    target: &InstanceTarget,
    options: impl Iterator<Item = &'o String>,
    around: &Surroundings<'_>,
    scope: &Scope,
) -> Option<Hold> {
    let without = options.filter(|name| {
        let mut all = target.options.iter();
        let option = all.find(|option| option.name == **name);
        let known = option.and_then(|it| target.secret_value(it, scope).ok().flatten());
        known.is_none()
    });
    no_secret_of(target, without, around)
}

fn no_secret_of<'o>(
    target: &InstanceTarget,
    mut options: impl Iterator<Item = &'o String>,
    around: &Surroundings<'_>,
) -> Option<Hold> {
    options.find_map(|option| {
        let (secret, why) = missing(around.desired, &target.secrets.get(option)?.of)?;
        Some(Hold::NoSecret {
            secret: secret.to_owned(),
            why: why.to_owned(),
        })
    })
}
