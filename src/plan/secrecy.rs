use std::collections::BTreeSet;

use secrecy::SecretString;

use super::decide::Surroundings;
use super::secrets::missing;
use super::{Digest, Filled, InstanceTarget, compare};
use crate::model::{OptionValue, secret_reference};
use crate::osc::Options;
use crate::resolve::{Scope, Setting, Value};

/// What is known of the secret values of an instance, none of which can be read back
/// (API notes 8.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Secrecy {
    /// It has none.
    #[default]
    Nothing,
    /// It was last given these.
    Same,
    /// It was last given others.
    Changed,
    /// They are known only once something else is ready.
    Later,
    /// Nobody can tell, for this reason: nothing is done.
    Unchecked(String),
}

impl Secrecy {
    /// Whether the instance is given values that it did not have, or may not have had.
    pub(super) fn gives_values(&self) -> bool {
        matches!(self, Self::Changed | Self::Later)
    }
}

/// What of an instance's secret options differs, and how.
#[derive(Default)]
pub(super) struct Secrets {
    pub(super) secrecy: Secrecy,
    /// Options that hold the very value in the clear: as good as declared, and best moved.
    pub(super) in_the_clear: BTreeSet<String>,
    /// Options in the clear of which nobody can tell here whether they hold the value.
    pub(super) unknown_in_the_clear: BTreeSet<String>,
}

impl Secrets {
    /// Whether an option counts as equal although it holds no reference.
    pub(super) fn passes(&self, option: &str) -> bool {
        self.in_the_clear.contains(option) || self.unknown_in_the_clear.contains(option)
    }
}

/// The secret values of an instance that exists, compared as far as that is possible: with a digest
/// of those it was last given, or directly with one that stands in the clear.
pub(super) fn compared(
    target: &InstanceTarget,
    live: &Options,
    around: &Surroundings<'_>,
    scope: &Scope,
) -> Secrets {
    let mut secrets = Secrets::default();
    let mut filled = Filled::default();
    let mut why_not: Option<String> = None;
    let (mut later, mut rotated) = (false, false);
    let mut referred = false;
    for option in &target.options {
        let Some(secret) = target.secrets.get(&option.name) else {
            continue;
        };
        let Setting::Deferred(formula) = &option.setting else {
            continue;
        };
        if target.keeps_secret(&option.name, live) {
            continue;
        }
        let is_rotated = !secret.of.is_disjoint(around.rotated);
        rotated |= is_rotated;
        let value = value(target, option, around, scope);
        let live = live.get(&option.name);
        let in_the_clear = live.filter(|it| secret_reference(it.expose()).is_none());
        match (&value, in_the_clear.filter(|_| !is_rotated)) {
            (Some(value), Some(clear)) if same(target, &option.name, clear, value) => {
                secrets.in_the_clear.insert(option.name.clone());
            }
            (None, Some(_)) if why_missing(around, secret).is_some() => {
                secrets.unknown_in_the_clear.insert(option.name.clone());
            }
            _ => referred = true,
        }
        if value.is_none() {
            match why_missing(around, secret) {
                Some(why) => why_not = why_not.or(Some(why)),
                None if around.left.concern(formula, scope) => {
                    why_not = why_not.or_else(|| Some(LEFT.to_owned()));
                }
                None => later = true,
            }
        }
        filled.secrets.insert(option.name.clone(), value);
    }
    secrets.secrecy = if filled.secrets.is_empty() {
        Secrecy::Nothing
    } else if rotated {
        Secrecy::Later
    } else if let Some(why) = why_not {
        Secrecy::Unchecked(why)
    } else if later {
        Secrecy::Later
    } else if !referred {
        Secrecy::Same
    } else {
        against_digest(target, &filled, around)
    };
    secrets
}

const LEFT: &str = "what it is made of is suspended and left so";
const NO_KEY: &str = "there is no vault with the key for it";
const NO_DIGEST: &str = "no tag says which values it was last given; `osc-apply rotate` gives it \
                         new ones";

fn against_digest(target: &InstanceTarget, filled: &Filled, around: &Surroundings<'_>) -> Secrecy {
    let Some(key) = around.key else {
        return Secrecy::Unchecked(NO_KEY.to_owned());
    };
    match (target.digest(filled, key), target.given_digest()) {
        (Digest::Nothing, _) => Secrecy::Same,
        (Digest::Unknown, _) => Secrecy::Later,
        (Digest::Of(_), None) => Secrecy::Unchecked(NO_DIGEST.to_owned()),
        (Digest::Of(now), Some(then)) if now == then => Secrecy::Same,
        (Digest::Of(_), Some(_)) => Secrecy::Changed,
    }
}

/// The value that an option is to have, where it is known; ports that may still appear count as
/// they were read.
fn value(
    target: &InstanceTarget,
    option: &crate::resolve::OptionSetting,
    around: &Surroundings<'_>,
    scope: &Scope,
) -> Option<SecretString> {
    let known = target.secret_value(option, scope).ok().flatten();
    let Setting::Deferred(formula) = &option.setting else {
        return known;
    };
    if known.is_none() && around.pending_ports.concern(formula, scope) {
        let as_read = around.pending_ports.as_read(scope);
        if let Ok(Value::Known(_)) = formula.evaluate(&as_read) {
            return target.secret_value(option, &as_read).ok().flatten();
        }
    }
    known
}

fn same(target: &InstanceTarget, option: &str, live: &OptionValue, value: &SecretString) -> bool {
    let wanted = OptionValue::Sensitive(value.clone());
    compare::same(target.service.option(option), Some(live), Some(&wanted))
}

fn why_missing(around: &Surroundings<'_>, secret: &super::SecretOption) -> Option<String> {
    let (name, why) = missing(around.desired, &secret.of)?;
    Some(format!("`secrets.{name}` has no value here: {why}"))
}
