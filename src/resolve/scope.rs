use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use minijinja::Value;

use super::facts::InstanceFacts;
use super::{Attribute, Literal, Reference};
use crate::model::Endpoint;

/// What expressions can see. Grows while a run learns more.
#[derive(Clone, Default)]
pub struct Scope {
    pub(super) variables: Arc<BTreeMap<String, Literal>>,
    pub(super) secrets: Arc<SecretVariables>,
    pub(super) workspace: Option<String>,
    pub(super) stack: Option<String>,
    pub(super) environment: String,
    pub(super) instances: HashMap<String, Arc<InstanceFacts>>,
}

/// Which variables hold secrets.
#[derive(Default)]
pub(super) struct SecretVariables {
    /// Those that are a secret as they are.
    pub(super) whole: HashSet<String>,
    /// Those that are only a part of one; enough to keep them out of messages.
    pub(super) parts: HashSet<String>,
}

impl Scope {
    /// x
    pub fn has_secret(&self, _n: &str) -> bool {
        false
    }
    /// x
    pub fn set_secret(&mut self, _n: &str, _v: secrecy::SecretString) {}
    /// x
    pub fn forget_secret(&mut self, _n: &str) {}
    /// Forgets where an instance can be reached, because it is not there any longer.
    pub fn forget_endpoint(&mut self, key: &str) {
        if let Some(facts) = self.instances.get_mut(key) {
            Arc::make_mut(facts).endpoint = None;
        }
    }

    /// Makes known where an instance can be reached.
    pub fn set_endpoint(&mut self, key: &str, endpoint: Endpoint) {
        if let Some(facts) = self.instances.get_mut(key) {
            Arc::make_mut(facts).endpoint = Some(endpoint);
        }
    }

    /// Makes the value of one of an instance's options known; nothing where it is unset.
    pub fn set_option(&mut self, key: &str, option: &str, value: Option<Literal>) {
        if let Some(facts) = self.instances.get_mut(key) {
            Arc::make_mut(facts).set_option(option, value);
        }
    }

    /// Remembers that the value of one of an instance's options is a secret.
    pub(super) fn add_secret_option(&mut self, key: &str, option: &str) {
        if let Some(facts) = self.instances.get_mut(key) {
            Arc::make_mut(facts).add_secret_option(option);
        }
    }

    /// Whether the answer to a reference only exists later, or never because what it refers to
    /// has been reported already.
    pub(super) fn is_unknown(&self, reference: &Reference) -> bool {
        match reference {
            Reference::Variable(name) => !self.variables.contains_key(name),
            Reference::Environment => false,
            Reference::Stack => self.stack.is_none(),
            Reference::Workspace => self.workspace.is_none(),
            Reference::Instance(key, attribute) => self
                .instances
                .get(key)
                .is_none_or(|facts| facts.is_unknown(attribute)),
        }
    }

    /// The answer to a reference, where it is a single value or a list and there is one.
    pub(super) fn literal(&self, reference: &Reference) -> Option<Cow<'_, Literal>> {
        let text = match reference {
            Reference::Variable(name) => return self.variables.get(name).map(Cow::Borrowed),
            Reference::Instance(key, attribute) => {
                return self.instances.get(key)?.literal(attribute);
            }
            Reference::Workspace => self.workspace.as_deref()?,
            Reference::Stack => self.stack.as_deref()?,
            Reference::Environment => &self.environment,
        };
        Some(Cow::Owned(Literal::Text(text.to_owned())))
    }

    /// Whether the instance is left out by its `when`.
    pub(super) fn is_left_out(&self, key: &str) -> bool {
        self.instances.get(key).is_some_and(|facts| facts.left_out)
    }

    /// The key of the left-out instance that a reference points at.
    pub(super) fn left_out<'r>(&self, reference: &'r Reference) -> Option<&'r str> {
        match reference {
            Reference::Instance(key, _) if self.is_left_out(key) => Some(key),
            _ => None,
        }
    }

    /// Whether any of the references points at a secret.
    pub(super) fn mentions_secret<'r>(
        &self,
        references: impl IntoIterator<Item = &'r Reference>,
    ) -> bool {
        references.into_iter().any(|reference| match reference {
            Reference::Variable(name) => self.secrets.whole.contains(name),
            Reference::Instance(key, Attribute::Option(option)) => self
                .instances
                .get(key)
                .is_some_and(|facts| facts.is_secret_option(option)),
            _ => false,
        })
    }

    /// Whether a message may quote what a reference answers.
    pub(super) fn may_quote(&self, reference: &Reference) -> bool {
        let is_part = match reference {
            Reference::Variable(name) => self.secrets.parts.contains(name),
            _ => false,
        };
        !is_part && !self.mentions_secret([reference])
    }

    /// What the engine sees: the answers to these references and nothing else.
    pub(super) fn context(&self, references: &[Reference]) -> Value {
        let mut root = Branch::default();
        for reference in references {
            let value = match reference {
                Reference::Instance(key, Attribute::Ports) => {
                    self.instances.get(key).and_then(|facts| facts.ports())
                }
                other => self.literal(other).map(|literal| literal.to_value()),
            };
            root.put(&reference.path(), value);
        }
        root.into_value()
    }
}

/// A mapping on its way to the engine: dotted paths become nested mappings.
#[derive(Default)]
struct Branch {
    value: Option<Value>,
    below: BTreeMap<String, Branch>,
}

impl Branch {
    /// Puts a value at a path. The path exists even where there is no value, so that only its
    /// end is undefined and `| default(…)` can stand in for it.
    fn put(&mut self, path: &[&str], value: Option<Value>) {
        let [first, rest @ ..] = path else {
            self.value = value;
            return;
        };
        let below = self.below.entry((*first).to_owned()).or_default();
        below.put(rest, value);
    }

    fn into_value(self) -> Value {
        if let Some(value) = self.value {
            return value;
        }
        if self.below.is_empty() {
            return Value::UNDEFINED;
        }
        let below = self.below.into_iter();
        Value::from_pairs(below.map(|(name, branch)| (name, branch.into_value())))
    }
}
