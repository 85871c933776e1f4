use std::fmt;

use serde::Serialize;

/// What a resource is called in output, references and flags: `instances.storage`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Address(String);

impl Address {
    /// The address of the instance declared under `key`.
    pub fn instance(key: &str) -> Self {
        Self(format!("instances.{key}"))
    }

    /// The address of an instance that is not declared: `SERVICE/NAME`.
    pub fn undeclared(service: &str, name: &str) -> Self {
        Self(format!("{service}/{name}"))
    }

    /// The address of the workspace's subscriptions to services.
    pub fn subscriptions() -> Self {
        Self("subscriptions".to_owned())
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
