use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::Object;
use secrecy::{ExposeSecret, SecretString};

use super::{Attribute, Literal};
use crate::model::Endpoint;

/// What is known of one instance.
#[derive(Clone, Default)]
pub(super) struct InstanceFacts {
    pub(super) left_out: bool,
    pub(super) name: Option<String>,
    service: String,
    /// Declared options: a value, nothing where unset; a missing entry is not known yet.
    /// There are few, and many instances.
    options: Vec<(Box<str>, Option<Kept>)>,
    /// Which of them are secrets, and what secrets of the manifest they are made of.
    secret_options: Vec<(Box<str>, BTreeSet<String>)>,
    pub(super) endpoint: Option<Endpoint>,
}

/// The value of an option.
#[derive(Clone)]
enum Kept {
    Plain(Literal),
    Secret(SecretString),
}

impl InstanceFacts {
    /// What the manifest says at once.
    pub(super) fn new(left_out: bool, name: Option<String>, service: &str) -> Self {
        Self {
            left_out,
            name,
            service: service.to_owned(),
            ..Self::default()
        }
    }

    /// Whether the answer only exists later.
    pub(super) fn is_unknown(&self, attribute: &Attribute) -> bool {
        if self.left_out {
            return false;
        }
        match attribute {
            Attribute::Name => self.name.is_none(),
            Attribute::Service => self.service.is_empty(),
            Attribute::Option(option) => self.option(option).is_none(),
            Attribute::Url | Attribute::Host => self.endpoint.is_none(),
            Attribute::Address => self.endpoint.as_ref().is_none_or(|e| e.address.is_none()),
            Attribute::Ports => self.endpoint.as_ref().is_none_or(|e| e.ports.is_none()),
        }
    }

    /// The answer, where it is a single value or a list and there is one.
    pub(super) fn literal(&self, attribute: &Attribute) -> Option<Cow<'_, Literal>> {
        if self.left_out {
            return None;
        }
        let endpoint = self.endpoint.as_ref();
        let text = match attribute {
            Attribute::Name => self.name.as_deref(),
            Attribute::Service => Some(self.service.as_str()),
            Attribute::Url => endpoint.and_then(|endpoint| endpoint.url.as_deref()),
            Attribute::Host => endpoint.and_then(Endpoint::host),
            Attribute::Address => endpoint.and_then(|endpoint| endpoint.address.as_deref()),
            Attribute::Option(name) => {
                return self.option(name)?.as_ref().map(Kept::literal);
            }
            Attribute::Ports => None,
        };
        text.map(|text| Cow::Owned(Literal::Text(text.to_owned())))
    }

    fn option(&self, name: &str) -> Option<&Option<Kept>> {
        let mut options = self.options.iter();
        let (_, value) = options.find(|(known, _)| **known == *name)?;
        Some(value)
    }

    /// Makes the value of an option known; nothing where it is unset.
    pub(super) fn set_option(&mut self, name: &str, value: Option<Literal>) {
        let value = value.map(|value| match value {
            Literal::Text(text) if self.is_secret_option(name) => Kept::Secret(text.into()),
            other => Kept::Plain(other),
        });
        match self.options.iter_mut().find(|(known, _)| **known == *name) {
            Some((_, known)) => *known = value,
            None => self.options.push((name.into(), value)),
        }
    }

    /// Makes the value of an option unknown again.
    pub(super) fn forget_option(&mut self, name: &str) {
        self.options.retain(|(known, _)| **known != *name);
    }

    /// Whether the value of an option is a secret.
    pub(super) fn is_secret_option(&self, name: &str) -> bool {
        self.secret_options
            .iter()
            .any(|(known, _)| **known == *name)
    }

    /// Remembers that the value of an option is a secret, made of these of the manifest.
    pub(super) fn add_secret_option(&mut self, name: &str, secrets: &BTreeSet<String>) {
        if !self.is_secret_option(name) {
            self.secret_options.push((name.into(), secrets.clone()));
        }
    }

    /// The secrets of the manifest that an option is made of.
    pub(super) fn secrets_of(&self, name: &str) -> impl Iterator<Item = &str> {
        let mut options = self.secret_options.iter();
        let found = options.find(|(known, _)| **known == *name);
        let secrets = found.into_iter().flat_map(|(_, secrets)| secrets);
        secrets.map(String::as_str)
    }

    /// Its exposed ports as expressions see them.
    pub(super) fn ports(&self) -> Option<Value> {
        if self.left_out {
            return Some(Value::from_object(NoPorts));
        }
        let ports = self.endpoint.as_ref()?.ports.as_ref()?.iter().map(|port| {
            Value::from_pairs([
                ("ip", Value::from(port.ip.as_str())),
                ("port", port.port.into()),
                ("internal", port.internal.into()),
            ])
        });
        Some(ports.collect())
    }
}

impl Kept {
    fn literal(&self) -> Cow<'_, Literal> {
        match self {
            Self::Plain(literal) => Cow::Borrowed(literal),
            Self::Secret(text) => Cow::Owned(Literal::Text(text.expose_secret().to_owned())),
        }
    }
}

/// The ports of an instance that is left out: every one exists and has no attributes, so that
/// `ports[0].ip | default(…)` works.
#[derive(Debug)]
struct NoPorts;

impl Object for NoPorts {
    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        Some(Value::from_pairs(std::iter::empty::<(&str, Value)>()))
    }
}
