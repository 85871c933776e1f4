use std::collections::BTreeMap;
use std::sync::Arc;

use super::read::unless_signed_out;
use super::{Referrer, VaultState};
use crate::catalog::{Catalog, Service};
use crate::model::secret_reference;
use crate::osc::{Class, Error, Instance, Options, ReadApi, Suspended};
use crate::vault::{self, Vault};

/// What there is of a stack's vault.
pub(super) async fn vault(api: &ReadApi, stack: &str) -> Result<VaultState, Error> {
    let read = unless_signed_out(api.tenant_secret(&vault::vault_key(stack)).await)?;
    Ok(match read {
        Ok(text) => match Vault::parse(&text) {
            Ok(vault) => {
                api.be_discreet_about(vault.confidential());
                VaultState::Kept(Box::new(vault))
            }
            Err(error) => VaultState::Unreadable(error.to_string()),
        },
        Err(error) => match error.class {
            Class::Absent => VaultState::Absent,
            Class::Unsupported => VaultState::Unsupported,
            _ => VaultState::Unreadable(error.to_string()),
        },
    })
}

/// The services that the vault names secrets of, as far as they are known.
pub(super) fn vault_services(
    vault: &VaultState,
    catalog: &Catalog,
) -> BTreeMap<String, Arc<Service>> {
    let VaultState::Kept(vault) = vault else {
        return BTreeMap::new();
    };
    let named = vault.secrets().iter();
    let known = named.filter_map(|secret| catalog.service(&secret.service));
    known.map(|it| (it.id.clone(), it.clone())).collect()
}

/// Who of these refers to secrets of services; the instances with their services.
pub(super) fn referrers<'a>(
    instances: impl Iterator<Item = (&'a String, &'a Instance)>,
    suspended: &'a [Suspended],
) -> Vec<Referrer> {
    let running = instances.map(|(service, it)| (service, &it.name, &it.options));
    let suspended = suspended
        .iter()
        .map(|it| (&it.service, &it.name, &it.options));
    let all = running.chain(suspended);
    all.flat_map(|(service, name, options)| of_instance(service, name, options))
        .collect()
}

fn of_instance<'a>(
    service: &'a str,
    name: &'a str,
    options: &'a Options,
) -> impl Iterator<Item = Referrer> + 'a {
    options.iter().filter_map(move |(option, value)| {
        Some(Referrer {
            secret: secret_reference(value.expose())?.to_owned(),
            service: service.to_owned(),
            name: name.to_owned(),
            option: option.clone(),
        })
    })
}
