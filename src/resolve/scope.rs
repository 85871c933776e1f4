//! What expressions can see.
//!
//! - `secrets`: which secrets have values, and what follows from that
//! - `branch`: answers on their way to the engine

mod branch;
mod secrets;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use minijinja::Value;

use self::branch::Branch;
use self::secrets::Secrets;
use super::facts::InstanceFacts;
use super::{Attribute, Literal, Reference};
use crate::model::Endpoint;

/// What expressions can see. Grows while a run learns more.
#[derive(Clone, Default)]
pub struct Scope {
    pub(super) variables: Arc<BTreeMap<String, Literal>>,
    pub(super) secret_variables: Arc<SecretVariables>,
    pub(super) secrets: Secrets,
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
    /// Forgets where an instance can be reached, because it is not there any longer.
    pub fn forget_endpoint(&mut self, key: &str) {
        if let Some(facts) = self.instances.get_mut(key) {
            Arc::make_mut(facts).endpoint = None;
            self.endpoint_changed(key);
        }
    }

    /// Makes known where an instance can be reached.
    pub fn set_endpoint(&mut self, key: &str, endpoint: Endpoint) {
        if let Some(facts) = self.instances.get_mut(key) {
            Arc::make_mut(facts).endpoint = Some(endpoint);
            self.endpoint_changed(key);
        }
    }

    /// Makes the value of one of an instance's options known; nothing where it is unset.
    pub fn set_option(&mut self, key: &str, option: &str, value: Option<Literal>) {
        if let Some(facts) = self.instances.get_mut(key) {
            Arc::make_mut(facts).set_option(option, value);
            self.option_changed(key, option);
        }
    }

    /// Whether the answer to a reference only exists later, or never because what it refers to
    /// has been reported already.
    pub(super) fn is_unknown(&self, reference: &Reference) -> bool {
        match reference {
            Reference::Variable(name) => !self.variables.contains_key(name),
            Reference::Secret(name) => !self.secrets.is_settled(name),
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
            Reference::Secret(name) => self.secret(name)?,
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
            Reference::Variable(name) => self.secret_variables.whole.contains(name),
            Reference::Secret(_) => true,
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
            Reference::Variable(name) => self.secret_variables.parts.contains(name),
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
