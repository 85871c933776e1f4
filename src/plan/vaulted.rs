use super::Marks;
use crate::live::{Live, State, VaultState};
use crate::model::secret_reference;
use crate::osc::Options;
use crate::resolve::{Desired, SecretSource};
use crate::vault::{service_secret_name, vault_key};

/// Why a run that has to do with secrets must not begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultTrouble {
    /// What is the matter.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// What is the matter with the stack's vault, if the manifest has to do with secrets at all.
///
/// A vault that is not there counts as lost, and nothing is generated, as soon as a single
/// instance, running or suspended, shows that there was one: by a digest of its values or by a
/// reference to a secret of this stack.
pub fn vault_trouble(desired: &Desired, live: &Live) -> Option<VaultTrouble> {
    if desired.secrets.is_empty() {
        return None;
    }
    let key = vault_key(&desired.stack);
    match &live.vault {
        VaultState::Kept(_) => None,
        VaultState::Unreadable(why) => Some(VaultTrouble {
            message: format!(
                "the vault of this stack, the tenant secret `{key}`, cannot be used: {why}"
            ),
            hint: "nothing is generated or changed without it: run the same command again in a \
                   minute; if it is damaged, put it back as it was"
                .to_owned(),
        }),
        VaultState::Unsupported => generated(desired).map(|name| VaultTrouble {
            message: format!(
                "`secrets.{name}` cannot be generated: this platform keeps no tenant secrets to \
                 remember it in"
            ),
            hint: "give it a value with `env:` or `file:`".to_owned(),
        }),
        VaultState::Absent => evidence(desired, live).map(|instance| VaultTrouble {
            message: format!(
                "the vault of this stack, the tenant secret `{key}`, is gone, and {instance} still \
                 has secrets of it"
            ),
            hint: "nothing is generated: put the tenant secret back; if it is lost for good, its \
                   values cannot be read back: give them with `env:` under a new `stack:` name and \
                   take the instances over with `osc-apply adopt --from-stack`"
                .to_owned(),
        }),
    }
}

fn generated(desired: &Desired) -> Option<&str> {
    let mut all = desired.secrets.iter();
    let found = all.find(|(_, it)| matches!(it.source, SecretSource::Generate(_)));
    found.map(|(name, _)| name.as_str())
}

/// The first instance that shows that there was a vault.
fn evidence(desired: &Desired, live: &Live) -> Option<String> {
    let declared = desired.instances.iter().map(|(key, it)| {
        let address = it.address.to_string();
        (key, &it.service.id, &it.name, address)
    });
    let marked = live.marked.iter().map(|it| {
        let address = it.key.clone();
        (&it.key, &it.service.id, &it.name, address)
    });
    let mut shows = declared.chain(marked).filter(|(key, service, name, _)| {
        let marks = Marks::of(live.tags_of(service, name));
        let options = match live.instances.get(*key) {
            Some(State::Present(found)) => &found.instance.options,
            Some(State::Suspended(suspended)) => &suspended.options,
            _ => return false,
        };
        let has_digest = marks.are_of(&desired.stack) && marks.secrets.is_some();
        has_digest || refers_to_us(desired, live, (service, name), options)
    });
    shows.next().map(|(.., address)| address)
}

fn refers_to_us(
    desired: &Desired,
    live: &Live,
    (service, name): (&str, &str),
    options: &Options,
) -> bool {
    options.iter().any(|(option, value)| {
        let ours = service_secret_name(&live.workspace, &desired.stack, service, name, option);
        secret_reference(value.expose()) == Some(ours.as_str())
    })
}
