use std::collections::BTreeMap;

use super::decide::Surroundings;
use super::{After, FieldChange, InstanceTarget, Unfilled, compare};
use crate::model::OptionValue;
use crate::osc::Options;
use crate::resolve::{Literal, OptionSetting, Origin, Scope, Setting, Value};

/// One option as it is wanted.
pub(super) struct Wanted {
    pub(super) option: String,
    after: After,
    pub(super) origin: Origin,
}

impl Wanted {
    pub(super) fn differs(&self, target: &InstanceTarget, live: Option<&OptionValue>) -> bool {
        let wanted = match &self.after {
            After::Value(value) => Some(value),
            After::Unset => None,
            After::Unknown { .. } => return true,
        };
        !compare::same(target.service.option(&self.option), live, wanted)
    }

    /// The change from a live value; sensitive on both sides where it is on one.
    pub(super) fn against(self, before: Option<OptionValue>) -> FieldChange {
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

pub(super) fn settle(
    target: &InstanceTarget,
    live: Option<&Options>,
    around: &Surroundings<'_>,
    scope: &mut Scope,
) -> Result<Vec<Wanted>, Vec<Unfilled>> {
    let mut all = Vec::with_capacity(target.options.len());
    let mut failed = Vec::new();
    for option in &target.options {
        let settled = match kept(target, option, live, around, scope) {
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
    around: &Surroundings<'_>,
    scope: &Scope,
) -> Option<(After, Option<Literal>)> {
    let Setting::Deferred(formula) = &option.setting else {
        return None;
    };
    // What holds a reference is compared by that.
    if target.secrets.contains_key(&option.name) {
        return None;
    }
    let (pending_ports, left) = (around.pending_ports, around.left);
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

pub(super) fn created(wanted: Vec<Wanted>) -> Vec<FieldChange> {
    let set = wanted
        .into_iter()
        .filter(|wanted| !matches!(wanted.after, After::Unset));
    set.map(|wanted| wanted.against(None)).collect()
}

/// Options the manifest does not name, and somebody has set.
pub(super) fn unmanaged(
    target: &InstanceTarget,
    live: &BTreeMap<String, OptionValue>,
) -> Vec<String> {
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
