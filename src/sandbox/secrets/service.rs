//! Secrets of services (API notes 8.1).

use std::collections::BTreeMap;

use super::SecretValue;
use crate::sandbox::rules::Quirks;
use crate::sandbox::workspace::Workspace;

/// The secrets of one service, by name.
pub(crate) type ServiceSecrets = BTreeMap<String, SecretValue>;

impl Workspace {
    /// The secrets of a service.
    pub(crate) fn secrets_of(&self, service: &str) -> ServiceSecrets {
        let found = self.service_secrets.get(service);
        found.cloned().unwrap_or_default()
    }

    /// Keeps a secret of a service, in place of one with its name.
    ///
    /// Where names collide, whichever other services have one of that name share the value.
    pub(crate) fn keep_secret(
        &mut self,
        quirks: &Quirks,
        (service, name): (&str, &str),
        value: &SecretValue,
    ) {
        if quirks.secret_names_collide {
            let all = self.service_secrets.values_mut();
            for namesake in all.filter_map(|of_service| of_service.get_mut(name)) {
                *namesake = value.clone();
            }
        }
        let of_service = self.service_secrets.entry(service.to_owned()).or_default();
        of_service.insert(name.to_owned(), value.clone());
    }

    /// Removes a secret of a service, in use or not; `false` if there was none.
    pub(crate) fn remove_secret(&mut self, service: &str, name: &str) -> bool {
        let Some(of_service) = self.service_secrets.get_mut(service) else {
            return false;
        };
        let removed = of_service.remove(name).is_some();
        self.service_secrets
            .retain(|_, secrets| !secrets.is_empty());
        removed
    }
}
