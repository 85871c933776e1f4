//! What instances read of their service's secrets when they start (API notes 6.6, 8.1).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{SecretValue, ServiceSecrets, is_name};
use crate::sandbox::instance::{Instance, OptionValue};
use crate::sandbox::moment::Moment;
use crate::sandbox::rules::Timing;
use crate::sandbox::world::World;

/// What an instance read of its service's secrets when it was last started.
///
/// By name, with nothing for one that was missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SecretsRead(BTreeMap<String, Option<SecretValue>>);

impl SecretsRead {
    /// What these options refer to, as it is now.
    pub(crate) fn of<'o>(
        options: impl Iterator<Item = &'o OptionValue>,
        secrets: &ServiceSecrets,
    ) -> SecretsRead {
        let names = options.filter_map(OptionValue::reference);
        let read = names.map(|name| (name.to_owned(), secrets.get(name).cloned()));
        SecretsRead(read.collect())
    }

    /// Whether nothing was referred to.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this secret was looked for and was not there.
    pub(crate) fn lacks(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(None))
    }

    /// What stands in the instance where an option says this: of a reference the secret's value,
    /// nothing where that was missing. A reference nobody has looked up is a text as any.
    pub(crate) fn resolve<'t>(&'t self, text: &'t str) -> Option<&'t str> {
        match referred(text).and_then(|name| self.0.get(name)) {
            Some(read) => read.as_ref().map(SecretValue::expose),
            None => Some(text),
        }
    }
}

/// The secret a text refers to, as `{{secrets.NAME}}` and nothing besides.
///
/// Within a longer text it is no reference: whether OSC knows that is unknown (API notes 14,
/// row 19).
fn referred(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix("{{secrets.")?.strip_suffix("}}")?;
    is_name(name).then_some(name)
}

impl Instance {
    /// Starts it at this moment, with the secrets as they are now, whatever becomes of them later
    /// (API notes 6.6).
    pub(crate) fn start(&mut self, at: Moment, secrets: &ServiceSecrets) {
        self.started = at;
        // The platform may write the kept ones again without another start.
        let kept = self.resumption().map(|resumed| &resumed.kept);
        let written = [Some(&self.options), kept].into_iter().flatten();
        self.secrets = SecretsRead::of(written.flat_map(BTreeMap::values), secrets);
    }

    /// What it has read for an option at a time; nothing where that is a boolean.
    pub(crate) fn text(&self, timing: &Timing, now: Moment, option: &str) -> Option<&str> {
        match self.options_at(timing, now).get(option)? {
            OptionValue::Text(text) => self.secrets.resolve(text),
            OptionValue::Flag(_) => None,
        }
    }

    /// The secrets that its options refer to and that were missing when it was last started,
    /// without which it does not run (API notes 15, item 11).
    pub(crate) fn missing_secrets(&self, timing: &Timing, now: Moment) -> BTreeSet<&str> {
        let options = self.options_at(timing, now).values();
        let names = options.filter_map(OptionValue::reference);
        names.filter(|name| self.secrets.lacks(name)).collect()
    }
}

impl OptionValue {
    /// The secret it refers to.
    fn reference(&self) -> Option<&str> {
        match self {
            OptionValue::Flag(_) => None,
            OptionValue::Text(text) => referred(text),
        }
    }
}

impl World {
    /// What an option of an instance was when that was last started: created, changed, restarted
    /// or resumed.
    ///
    /// For a reference it is the value the secret had then, nothing if that was missing. In the
    /// workspace the world is in.
    pub fn value_at_start(&self, service: &str, name: &str, option: &str) -> Option<String> {
        let instance = self.instance(service, name)?;
        match instance.options.get(option)? {
            OptionValue::Flag(flag) => Some(flag.to_string()),
            OptionValue::Text(text) => instance.secrets.resolve(text).map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_a_whole_text_with_one_name() {
        for (text, name) in [
            ("{{secrets.pw}}", "pw"),
            (" {{secrets.a.b-c_D1}}\n", "a.b-c_D1"),
        ] {
            assert_eq!(referred(text), Some(name));
        }
        for text in [
            "",
            "pw",
            "{{secrets.}}",
            "{{secrets}}",
            "{{ secrets.pw }}",
            "{{secrets.pw}}/1",
            "redis://{{secrets.pw}}",
            "{{secrets.a}}{{secrets.b}}",
            "{{secrets.å}}",
        ] {
            assert_eq!(referred(text), None, "{text}");
        }
    }
}
