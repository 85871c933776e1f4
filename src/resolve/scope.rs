use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::Object;

use super::{Attribute, Literal, Reference};
use crate::model::{Endpoint, sensitive};

/// What expressions can see. Grows while a run learns more.
#[derive(Clone, Default)]
pub struct Scope {
    pub(super) variables: BTreeMap<String, Literal>,
    pub(super) secret_variables: HashSet<String>,
    pub(super) workspace: Option<String>,
    pub(super) stack: Option<String>,
    pub(super) environment: String,
    pub(super) instances: HashMap<String, Arc<InstanceFacts>>,
}

/// What is known of one instance.
#[derive(Clone, Default)]
pub(super) struct InstanceFacts {
    pub(super) left_out: bool,
    pub(super) name: Option<String>,
    pub(super) service: String,
    /// Declared options: a value, nothing where unset; a missing entry is not known yet.
    pub(super) options: BTreeMap<String, Option<Literal>>,
    pub(super) secret_options: BTreeSet<String>,
    pub(super) endpoint: Option<Endpoint>,
}

impl Scope {
    /// Makes known where an instance can be reached.
    pub fn set_endpoint(&mut self, key: &str, endpoint: Endpoint) {
        if let Some(facts) = self.instances.get_mut(key) {
            Arc::make_mut(facts).endpoint = Some(endpoint);
        }
    }

    /// Makes the value of one of an instance's options known; nothing where it is unset.
    pub fn set_option(&mut self, key: &str, option: &str, value: Option<Literal>) {
        if let Some(facts) = self.instances.get_mut(key) {
            Arc::make_mut(facts)
                .options
                .insert(option.to_owned(), value);
        }
    }

    /// Remembers that the value of one of an instance's options is a secret.
    pub(super) fn add_secret_option(&mut self, key: &str, option: &str) {
        if let Some(facts) = self.instances.get_mut(key) {
            Arc::make_mut(facts)
                .secret_options
                .insert(option.to_owned());
        }
    }

    /// Whether the answer to a reference only exists later.
    pub(super) fn is_unknown(&self, reference: &Reference) -> bool {
        match reference {
            Reference::Variable(name) => !self.variables.contains_key(name),
            Reference::Stack | Reference::Environment => false,
            Reference::Workspace => self.workspace.is_none(),
            Reference::Instance(key, attribute) => self
                .instances
                .get(key)
                .is_some_and(|facts| facts.is_unknown(attribute)),
        }
    }

    /// The key of the left-out instance that a reference points at.
    pub(super) fn left_out<'r>(&self, reference: &'r Reference) -> Option<&'r str> {
        match reference {
            Reference::Instance(key, _) if self.instances.get(key)?.left_out => Some(key),
            _ => None,
        }
    }

    /// Whether any of the references points at a secret.
    pub(super) fn mentions_secret<'r>(
        &self,
        references: impl IntoIterator<Item = &'r Reference>,
    ) -> bool {
        references.into_iter().any(|reference| match reference {
            Reference::Variable(name) => {
                sensitive::name_is_sensitive(name) || self.secret_variables.contains(name)
            }
            Reference::Instance(key, Attribute::Option(option)) => self
                .instances
                .get(key)
                .is_some_and(|facts| facts.secret_options.contains(option)),
            _ => false,
        })
    }

    /// What the engine sees: the answers to these references and nothing else.
    pub(super) fn context(&self, references: &BTreeSet<Reference>) -> Value {
        let mut root: BTreeMap<&str, Value> = BTreeMap::new();
        let mut variables: BTreeMap<&str, Value> = BTreeMap::new();
        let mut instances: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
        for reference in references {
            match reference {
                Reference::Variable(name) => {
                    variables.extend(
                        self.variables
                            .get(name)
                            .map(|v| (name.as_str(), v.to_value())),
                    );
                }
                Reference::Workspace => {
                    root.extend(self.workspace.as_deref().map(|it| ("workspace", it.into())));
                }
                Reference::Stack => {
                    root.extend(self.stack.as_deref().map(|it| ("stack", it.into())));
                }
                Reference::Environment => {
                    root.insert("environment", self.environment.as_str().into());
                }
                Reference::Instance(key, attribute) => {
                    let known = instances.entry(key).or_default();
                    if let Some(facts) = self.instances.get(key) {
                        facts.answer(attribute, known);
                    }
                }
            }
        }
        root.insert("variables", Value::from_pairs(variables));
        let instances = instances
            .into_iter()
            .map(|(key, known)| (key, Value::from_pairs(known)));
        root.insert("instances", Value::from_pairs(instances));
        Value::from_pairs(root)
    }
}

impl InstanceFacts {
    fn is_unknown(&self, attribute: &Attribute) -> bool {
        if self.left_out {
            return false;
        }
        match attribute {
            Attribute::Name => self.name.is_none(),
            Attribute::Service => false,
            Attribute::Option(option) => !self.options.contains_key(option),
            Attribute::Url | Attribute::Host => self.endpoint.is_none(),
            Attribute::Address => self.endpoint.as_ref().is_none_or(|e| e.address.is_none()),
            Attribute::Ports => self.endpoint.as_ref().is_none_or(|e| e.ports.is_none()),
        }
    }

    fn answer(&self, attribute: &Attribute, known: &mut BTreeMap<&str, Value>) {
        if self.left_out {
            if *attribute == Attribute::Ports {
                known.insert("ports", Value::from_object(NoPorts));
            }
            return;
        }
        let endpoint = self.endpoint.as_ref();
        match attribute {
            Attribute::Name => known.extend(self.name.as_deref().map(|it| ("name", it.into()))),
            Attribute::Service => {
                known.insert("service", self.service.as_str().into());
            }
            Attribute::Url => {
                let url = endpoint.and_then(|endpoint| endpoint.url.as_deref());
                known.extend(url.map(|url| ("url", url.into())));
            }
            Attribute::Host => {
                known.extend(
                    endpoint
                        .and_then(Endpoint::host)
                        .map(|host| ("host", host.into())),
                );
            }
            Attribute::Address => {
                let address = endpoint.and_then(|endpoint| endpoint.address.as_deref());
                known.extend(address.map(|address| ("address", address.into())));
            }
            Attribute::Ports => known.extend(endpoint.and_then(ports).map(|it| ("ports", it))),
            Attribute::Option(_) => {
                known
                    .entry("options")
                    .or_insert_with(|| nested(&self.options));
            }
        }
    }
}

fn ports(endpoint: &Endpoint) -> Option<Value> {
    let ports = endpoint.ports.as_ref()?.iter().map(|port| {
        Value::from_pairs([
            ("ip", Value::from(port.ip.as_str())),
            ("port", port.port.into()),
            ("internal", port.internal.into()),
        ])
    });
    Some(ports.collect())
}

/// Options with dots in their names as the nested values that expressions walk through.
fn nested(options: &BTreeMap<String, Option<Literal>>) -> Value {
    let mut flat: BTreeMap<&str, Value> = BTreeMap::new();
    let mut groups: BTreeMap<&str, BTreeMap<String, Option<Literal>>> = BTreeMap::new();
    for (name, value) in options {
        match name.split_once('.') {
            None => flat.extend(
                value
                    .as_ref()
                    .map(|value| (name.as_str(), value.to_value())),
            ),
            Some((group, rest)) => {
                groups
                    .entry(group)
                    .or_default()
                    .insert(rest.to_owned(), value.clone());
            }
        }
    }
    flat.extend(
        groups
            .iter()
            .map(|(group, members)| (*group, nested(members))),
    );
    Value::from_pairs(flat)
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
