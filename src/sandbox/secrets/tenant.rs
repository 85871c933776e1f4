//! Secrets of the workspace, which are told to whoever asks (API notes 8.2).

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::SecretValue;
use crate::sandbox::moment::Moment;
use crate::sandbox::workspace::Workspace;
use crate::sandbox::world::World;

/// One secret of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TenantSecret {
    /// What it is.
    pub(crate) value: SecretValue,
    /// When it was last written.
    pub(crate) updated: Moment,
}

impl Workspace {
    /// The secrets of the workspace, by key.
    pub(crate) fn tenant_secrets(&self) -> &BTreeMap<String, TenantSecret> {
        &self.tenant_secrets
    }

    /// The same to change.
    pub(crate) fn tenant_secrets_mut(&mut self) -> &mut BTreeMap<String, TenantSecret> {
        &mut self.tenant_secrets
    }
}

impl World {
    /// Keeps a secret of the platform's own, under the key `system.{name}`.
    ///
    /// In the workspace the world is in; no request can write one.
    pub fn keep_system_secret(&mut self, now: SystemTime, name: &str, value: &str) {
        let secret = TenantSecret {
            value: SecretValue::new(value),
            updated: now.into(),
        };
        let secrets = self.workspace_mut().tenant_secrets_mut();
        secrets.insert(format!("system.{name}"), secret);
    }
}
