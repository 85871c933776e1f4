use std::collections::BTreeSet;

use crate::live::Wanted;
use crate::resolve::{Desired, Removed};

/// What a run has to know of: every declared instance, with its ports where these say so, and
/// whatever is named in `removed:`.
pub fn wanted(desired: &Desired, ports: &BTreeSet<&str>) -> Vec<Wanted> {
    let declared = desired.instances.iter().map(|(key, instance)| Wanted {
        key: key.clone(),
        service: instance.service.clone(),
        name: instance.name.clone(),
        ports: ports.contains(key.as_str()),
    });
    declared
        .chain(desired.removed.values().map(removed))
        .collect()
}

/// An instance that is to be removed, under the key of what is not declared.
pub(super) fn removed(removed: &Removed) -> Wanted {
    Wanted {
        key: format!("{}/{}", removed.service.id, removed.name),
        service: removed.service.clone(),
        name: removed.name.clone(),
        ports: false,
    }
}
