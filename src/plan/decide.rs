use std::collections::BTreeMap;

use super::pending_ports::PendingPorts;
use super::suspension::Left;
use super::{Action, After, Explanation, FieldChange, InstanceTarget, Unfilled, compare};
use crate::live::State;
use crate::model::OptionValue;
use crate::resolve::{Literal, OptionSetting, Origin, Scope, Setting, Value};

type Options = BTreeMap<String, OptionValue>;

/// What of others may not be known yet, or at all.
pub(super) type Unknown<'a> = (&'a PendingPorts, &'a Left);

/// What to do with one instance, and why.
pub(super) struct Decision {
    pub(super) action: Action,
    pub(super) explanation: Explanation,
}

/// Compares one instance, making the values of its options known to the scope on the way.
///
/// # Errors
/// All options whose values fail or are not allowed.
pub(super) fn decide(
    target: &InstanceTarget,
    keeps_data: bool,
    state: &State,
    unknown: Unknown<'_>,
    scope: &mut Scope,
) -> Result<Decision, Vec<Unfilled>> {
    let live = match state {
        State::Present(found) => Some(&found.instance.options),
        State::Suspended(suspended) => Some(&suspended.options),
        State::Absent | State::Unreadable(_) => None,
    };
    let wanted = settle(target, live, unknown, scope)?;
    let mut explanation = Explanation::default();
    let action = match state {
        State::Unreadable(error) => {
            explanation.reason = format!("could not be read: {error}");
            Action::Unknown
        }
        State::Absent => {
            explanation.reason = "absent from the workspace".to_owned();
            explanation.fields = created(wanted);
            Action::Create
        }
        State::Suspended(suspended) => {
            compare(&mut explanation, target, wanted, &suspended.options);
            explanation.reason = suspended.to_string();
            explanation.loses_data = keeps_data;
            explanation.note = (!explanation.fields.is_empty()).then(|| UPDATED_LATER.to_owned());
            Action::Resume
        }
        State::Present(found) => {
            compare(&mut explanation, target, wanted, &found.instance.options);
            explanation.note = found.listed_as_suspended.then(|| LEFT_OVER.to_owned());
            compared(&mut explanation, found.instance.can_update, keeps_data)
        }
    };
    Ok(Decision {
        action,
        explanation,
    })
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
) {
    let (differing, equal): (Vec<_>, Vec<_>) = wanted
        .into_iter()
        .filter(|wanted| wanted.origin == Origin::Declared)
        .partition(|wanted| wanted.differs(target, live.get(&wanted.option)));
    explanation.equal = equal.len();
    explanation.unmanaged = unmanaged(target, live);
    explanation.fields = differing
        .into_iter()
        .map(|wanted| {
            let before = live.get(&wanted.option).cloned();
            wanted.against(before)
        })
        .collect();
}

fn compared(explanation: &mut Explanation, can_update: bool, keeps_data: bool) -> Action {
    let what = match explanation.fields.as_slice() {
        [] => {
            explanation.reason = "as declared".to_owned();
            return Action::Keep;
        }
        [only] => format!("`{}` differs", only.option),
        several => format!("{} options differ", several.len()),
    };
    explanation.restarts = true;
    if can_update {
        explanation.reason = what;
        return Action::Update;
    }
    explanation.reason = format!("{what} and the service offers no update in place");
    explanation.loses_data = keeps_data;
    Action::Replace
}

/// One option as it is wanted.
struct Wanted {
    option: String,
    after: After,
    origin: Origin,
}

impl Wanted {
    fn differs(&self, target: &InstanceTarget, live: Option<&OptionValue>) -> bool {
        let wanted = match &self.after {
            After::Value(value) => Some(value),
            After::Unset => None,
            After::Unknown { .. } => return true,
        };
        !compare::same(target.service.option(&self.option), live, wanted)
    }

    /// The change from a live value; sensitive on both sides where it is on one.
    fn against(self, before: Option<OptionValue>) -> FieldChange {
        let before_sensitive = before.as_ref().is_some_and(OptionValue::is_sensitive);
        let sensitive = before_sensitive
            || match &self.after {
                After::Value(value) => value.is_sensitive(),
                After::Unknown { sensitive } => *sensitive,
                After::Unset => false,
            };
        if !sensitive {
            return FieldChange {
                option: self.option,
                before,
                after: self.after,
            };
        }
        let after = match self.after {
            After::Value(value) => After::Value(value.into_sensitive()),
            After::Unknown { .. } => After::Unknown { sensitive: true },
            After::Unset => After::Unset,
        };
        let before = before.map(OptionValue::into_sensitive);
        FieldChange {
            option: self.option,
            before,
            after,
        }
    }
}

fn settle(
    target: &InstanceTarget,
    live: Option<&Options>,
    unknown: Unknown<'_>,
    scope: &mut Scope,
) -> Result<Vec<Wanted>, Vec<Unfilled>> {
    let mut all = Vec::with_capacity(target.options.len());
    let mut failed = Vec::new();
    for option in &target.options {
        let settled = match kept(target, option, live, unknown, scope) {
            Some(kept) => Ok(kept),
            None => target.settle(option, scope),
        };
        match settled {
            Ok((after, literal)) => {
                if let Some(literal) = literal {
                    let value = (literal != Literal::Null).then_some(literal);
                    scope.set_option(&target.key, &option.name, value);
                }
                all.push(Wanted {
                    option: option.name.clone(),
                    after,
                    origin: option.origin,
                });
            }
            Err(error) => failed.push(error),
        }
    }
    if failed.is_empty() {
        Ok(all)
    } else {
        Err(failed)
    }
}

/// A value that is made of ports which are not there, and that the instance already has: an
/// apply has waited for them before, and there is nothing to change. Whatever it has where the
/// value is made of something that stays suspended.
fn kept(
    target: &InstanceTarget,
    option: &OptionSetting,
    live: Option<&Options>,
    (pending_ports, left): Unknown<'_>,
    scope: &Scope,
) -> Option<(After, Option<Literal>)> {
    let Setting::Deferred(formula) = &option.setting else {
        return None;
    };
    if left.concern(formula, scope) && matches!(formula.evaluate(scope), Ok(Value::Unknown)) {
        let value = live?.get(&option.name)?;
        return Some((After::Value(value.clone()), None));
    }
    if !pending_ports.concern(formula, scope) {
        return None;
    }
    let as_read = target.settle(option, &pending_ports.as_read(scope)).ok()?;
    let wanted = match &as_read.0 {
        After::Value(value) => Some(value),
        After::Unset => None,
        After::Unknown { .. } => return None,
    };
    let spec = target.service.option(&option.name);
    compare::same(spec, live?.get(&option.name), wanted).then_some(as_read)
}

fn created(wanted: Vec<Wanted>) -> Vec<FieldChange> {
    let set = wanted
        .into_iter()
        .filter(|wanted| !matches!(wanted.after, After::Unset));
    set.map(|wanted| wanted.against(None)).collect()
}

/// Options the manifest does not name, and somebody has set.
fn unmanaged(target: &InstanceTarget, live: &BTreeMap<String, OptionValue>) -> Vec<String> {
    let declared = |name: &str| {
        target
            .options
            .iter()
            .any(|option| option.name == name && option.origin == Origin::Declared)
    };
    live.iter()
        .filter(|(name, _)| !declared(name))
        .filter(|(name, value)| {
            target
                .service
                .option(name)
                .is_some_and(|spec| compare::is_set(spec, value))
        })
        .map(|(name, _)| name.clone())
        .collect()
}
