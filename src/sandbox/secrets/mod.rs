//! What people entrust to the platform (API notes 8).
//!
//! | file | what is in it |
//! |---|---|
//! | `service` | secrets of services |
//! | `read` | what instances read of them |
//! | `tenant` | secrets of the workspace |

mod read;
mod service;
mod tenant;

use std::fmt;

use serde::{Deserialize, Serialize};

pub(crate) use read::SecretsRead;
pub(crate) use service::ServiceSecrets;
pub(crate) use tenant::TenantSecret;

/// A value that is kept in the world and shown by nothing else of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SecretValue(String);

impl SecretValue {
    /// Takes the value into keeping.
    pub(crate) fn new(value: &str) -> SecretValue {
        SecretValue(value.to_owned())
    }

    /// The value itself.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Whether a secret can have this name; OSC's own rules are unknown (API notes 14, row 16).
pub(crate) fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !text.is_empty() && text.chars().all(allowed)
}
