use std::collections::HashSet;

use crate::model::Endpoint;
use crate::resolve::{Attribute, EvaluationError, Formula, Reference, Scope, Value};

/// Present instances that expose no port, or not yet: right after a create the platform shows
/// none (API notes 6.8), and a plan cannot wait.
#[derive(Default)]
pub(super) struct PendingPorts(HashSet<String>);

impl PendingPorts {
    /// Takes note of where a present instance can be reached.
    pub(super) fn note(&mut self, key: &str, endpoint: &Endpoint) {
        if endpoint.ports.as_ref().is_some_and(Vec::is_empty) {
            self.0.insert(key.to_owned());
        }
    }

    /// What a formula comes to; unknown where it fails for want of a port that may still appear.
    pub(super) fn evaluate(
        &self,
        formula: &Formula,
        scope: &Scope,
    ) -> Result<Value, EvaluationError> {
        match formula.evaluate(scope) {
            Err(_) if self.concern(formula) => Ok(Value::Unknown),
            result => result,
        }
    }

    fn concern(&self, formula: &Formula) -> bool {
        formula.references().any(|reference| match reference {
            Reference::Instance(key, Attribute::Ports) => self.0.contains(key),
            _ => false,
        })
    }
}
