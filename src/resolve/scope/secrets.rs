use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::Scope;
use crate::resolve::composed::Composed;
use crate::resolve::{Attribute, EvaluationError, Formula, Literal, Reference, Value};

/// What is known of the secrets.
#[derive(Clone, Default)]
pub(in crate::resolve) struct Secrets {
    /// What each has come to; one that is not known yet has no entry.
    known: Arc<BTreeMap<String, Arc<Known>>>,
    composed: Arc<Composed>,
    /// The options that are made of each, as keys and names.
    users: Arc<HashMap<String, Vec<(String, String)>>>,
}

enum Known {
    Value(SecretString),
    Failed(EvaluationError),
}

impl Secrets {
    /// Whether it is known what the secret comes to, a failure included.
    pub(super) fn is_settled(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }
}

impl Scope {
    /// Makes the value of a secret known. Options made of it that were known are so no longer:
    /// they have to be taught again.
    ///
    /// Secrets with `value:` follow by themselves.
    pub fn set_secret(&mut self, name: &str, value: SecretString) {
        let known = Arc::new(Known::Value(value));
        Arc::make_mut(&mut self.secrets.known).insert(name.to_owned(), known);
        self.secret_changed(name);
    }

    /// Forgets the value of a secret, and of everything made of it.
    pub fn forget_secret(&mut self, name: &str) {
        Arc::make_mut(&mut self.secrets.known).remove(name);
        self.secret_changed(name);
    }

    /// Whether the value of a secret is known; of one with `value:`, whether everything that it
    /// is made of is.
    pub fn has_secret(&self, name: &str) -> bool {
        self.secret(name).is_some()
    }

    /// Everything that a formula refers to, also what the secrets in it are made of.
    pub fn references<'a>(&'a self, formula: &'a Formula) -> impl Iterator<Item = &'a Reference> {
        let behind = formula.references().flat_map(|reference| match reference {
            Reference::Secret(name) => self.secrets.composed.instances(name).collect(),
            _ => Vec::new(),
        });
        formula.references().chain(behind)
    }

    /// Takes the secrets in that are made of others, once the instances are known.
    pub(in crate::resolve) fn compose(&mut self, composed: Composed) {
        self.secrets.composed = Arc::new(composed);
        self.settle((0..self.secrets.composed.len()).collect());
    }

    /// The secrets with `value:`.
    pub(in crate::resolve) fn composed(&self) -> &Arc<Composed> {
        &self.secrets.composed
    }

    /// Remembers that the value of one of an instance's options is a secret, and which secrets of
    /// the manifest it is made of.
    pub(in crate::resolve) fn add_secret_option(
        &mut self,
        key: &str,
        option: &str,
        secrets: &BTreeSet<String>,
    ) {
        if let Some(facts) = self.instances.get_mut(key) {
            Arc::make_mut(facts).add_secret_option(option, secrets);
        }
        if secrets.is_empty() {
            return;
        }
        let made_of = Arc::make_mut(&mut self.secrets.users);
        for secret in secrets {
            let options = made_of.entry(secret.clone()).or_default();
            options.push((key.to_owned(), option.to_owned()));
        }
    }

    /// The text of a secret that is known.
    pub(super) fn secret(&self, name: &str) -> Option<&str> {
        match self.secrets.known.get(name)?.as_ref() {
            Known::Value(value) => Some(value.expose_secret()),
            Known::Failed(_) => None,
        }
    }

    /// Why the secret that a reference points at has no value, where it cannot have one.
    pub(in crate::resolve) fn failure(&self, reference: &Reference) -> Option<&EvaluationError> {
        let Reference::Secret(name) = reference else {
            return None;
        };
        match self.secrets.known.get(name)?.as_ref() {
            Known::Failed(error) => Some(error),
            Known::Value(_) => None,
        }
    }

    /// Whether a secret in the formula cannot have a value.
    pub(in crate::resolve) fn has_failed(&self, formula: &Formula) -> bool {
        formula.references().any(|it| self.failure(it).is_some())
    }

    pub(super) fn endpoint_changed(&mut self, key: &str) {
        if self.secrets.composed.is_empty() {
            return;
        }
        let live = [
            Attribute::Url,
            Attribute::Host,
            Attribute::Address,
            Attribute::Ports,
        ];
        let changed = live.map(|attribute| Reference::Instance(key.to_owned(), attribute));
        self.follow(&changed);
    }

    pub(super) fn option_changed(&mut self, key: &str, option: &str) {
        if !self.secrets.composed.is_empty() {
            let attribute = Attribute::Option(option.to_owned());
            self.follow(&[Reference::Instance(key.to_owned(), attribute)]);
        }
    }

    fn secret_changed(&mut self, name: &str) {
        let mut changed = vec![Reference::Secret(name.to_owned())];
        let made_of = Arc::clone(&self.secrets.users);
        for (key, option) in made_of.get(name).into_iter().flatten() {
            if let Some(facts) = self.instances.get_mut(key) {
                Arc::make_mut(facts).forget_option(option);
            }
            let attribute = Attribute::Option(option.clone());
            changed.push(Reference::Instance(key.clone(), attribute));
        }
        self.follow(&changed);
    }

    /// Looks again at the secrets that are made of what has changed.
    fn follow(&mut self, changed: &[Reference]) {
        let users = changed
            .iter()
            .flat_map(|it| self.secrets.composed.users(it));
        self.settle(users.copied().collect());
    }

    fn settle(&mut self, mut open: BTreeSet<usize>) {
        let composed = Arc::clone(&self.secrets.composed);
        // Whatever is made of one of them comes later than that.
        while let Some((name, formula)) = open.pop_first().and_then(|at| composed.get(at)) {
            let known = self.evaluate_secret(formula);
            let secrets = Arc::make_mut(&mut self.secrets.known);
            match known {
                Some(known) => secrets.insert(name.clone(), Arc::new(known)),
                None => secrets.remove(name),
            };
            open.extend(composed.users(&Reference::Secret(name.clone())));
        }
    }

    fn evaluate_secret(&self, formula: &Formula) -> Option<Known> {
        let literal = match formula.evaluate(self) {
            Ok(Value::Known(literal)) => literal,
            Ok(Value::Unknown) => return None,
            Err(error) => return Some(Known::Failed(error)),
        };
        Some(match literal {
            Literal::Text(text) => Known::Value(text.into()),
            other => match other.as_text() {
                Some(text) => Known::Value(text.into()),
                None => Known::Failed(EvaluationError {
                    span: formula.span(),
                    expression: String::new(),
                    message: format!("a secret must be text, this is {}", other.word()),
                }),
            },
        })
    }
}
