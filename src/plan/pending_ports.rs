use std::collections::HashMap;

use crate::model::Endpoint;
use crate::resolve::{EvaluationError, Formula, Reference, Scope, Value};

/// Present instances that expose no port, or not yet, as they were read: right after a create
/// the platform shows none (API notes 6.8), and a plan cannot wait. Until their ports appear,
/// even a known internal address may not be the one that stays.
#[derive(Default)]
pub(super) struct PendingPorts(HashMap<String, Endpoint>);

impl PendingPorts {
    /// Takes note of where a present instance can be reached; returns as much of it as will
    /// stay.
    pub(super) fn note(&mut self, key: &str, endpoint: Endpoint) -> Endpoint {
        if endpoint.ports.as_ref().is_none_or(|it| !it.is_empty()) {
            return endpoint;
        }
        let url = endpoint.url.clone();
        self.0.insert(key.to_owned(), endpoint);
        Endpoint {
            url,
            ..Endpoint::default()
        }
    }

    /// What is known if no port appears any more.
    pub(super) fn as_read(&self, scope: &Scope) -> Scope {
        let mut scope = scope.clone();
        for (key, endpoint) in &self.0 {
            scope.set_endpoint(key, endpoint.clone());
        }
        scope
    }

    /// What a formula comes to; unknown where it fails for want of a port that may still appear.
    pub(super) fn evaluate(
        &self,
        formula: &Formula,
        as_read: &Scope,
    ) -> Result<Value, EvaluationError> {
        match formula.evaluate(as_read) {
            Err(_) if self.concern(formula, as_read) => Ok(Value::Unknown),
            result => result,
        }
    }

    /// Whether a formula is made of ports that may still appear.
    pub(super) fn concern(&self, formula: &Formula, scope: &Scope) -> bool {
        scope.references(formula).any(|reference| match reference {
            Reference::Instance(key, attribute) => {
                attribute.needs_ports() && self.0.contains_key(key)
            }
            _ => false,
        })
    }
}
