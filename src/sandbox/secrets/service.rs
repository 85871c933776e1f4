//! Secrets of services, and what an instance read of them (API notes 8.1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{SecretValue, is_name};
use crate::sandbox::instance::OptionValue;
use crate::sandbox::rules::Quirks;
use crate::sandbox::workspace::Workspace;
use crate::sandbox::world::World;

/// The secrets of one service, by name.
pub(crate) type ServiceSecrets = BTreeMap<String, SecretValue>;

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
pub(crate) fn referred(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix("{{secrets.")?.strip_suffix("}}")?;
    is_name(name).then_some(name)
}

impl Workspace {
    /// The secrets of a service.
    pub(crate) fn secrets_of(&self, service: &str) -> ServiceSecrets {
        let found = self.service_secrets.get(service);
        found.cloned().unwrap_or_default()
    }

    /// Keeps a secret of a service, in place of one with its name.
    ///
    /// Where names collide, whichever other services have one of that name share the value.
    pub(crate) fn keep_secret(
        &mut self,
        quirks: &Quirks,
        (service, name): (&str, &str),
        value: &SecretValue,
    ) {
        if quirks.secret_names_collide {
            let all = self.service_secrets.values_mut();
            for namesake in all.filter_map(|of_service| of_service.get_mut(name)) {
                *namesake = value.clone();
            }
        }
        let of_service = self.service_secrets.entry(service.to_owned()).or_default();
        of_service.insert(name.to_owned(), value.clone());
    }

    /// Removes a secret of a service, in use or not; `false` if there was none.
    pub(crate) fn remove_secret(&mut self, service: &str, name: &str) -> bool {
        let Some(of_service) = self.service_secrets.get_mut(service) else {
            return false;
        };
        let removed = of_service.remove(name).is_some();
        self.service_secrets
            .retain(|_, secrets| !secrets.is_empty());
        removed
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
