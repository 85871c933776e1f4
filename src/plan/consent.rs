use std::collections::BTreeSet;

use crate::model::Address;

/// What a user has consented to, beside the manifest.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// Data of every instance of the stack may be lost.
    pub discard_all: bool,
    /// Data of the instances with these addresses may be lost.
    pub discard: BTreeSet<String>,
    /// These may be replaced where nothing else gives them the new value of a secret.
    pub replace: BTreeSet<String>,
    /// In these somebody has already put the new value of a secret by hand.
    pub changed_inside: BTreeSet<String>,
    /// These count as proved, although somebody has changed them.
    pub modified: BTreeSet<String>,
    /// Exactly so many instances may be deleted in one run.
    pub deletes: Option<usize>,
    /// A manifest that declares nothing is meant.
    pub empty: bool,
    /// Nobody looks on, and no workspace is named: nothing is deleted.
    pub unattended: bool,
}

impl Consent {
    /// Whether the data of an instance may be lost.
    pub fn allows(&self, address: &Address) -> bool {
        self.discard_all || self.discard.contains(address.as_str())
    }

    /// Whether it may be replaced for the sake of a secret.
    pub(super) fn replaces(&self, address: &Address) -> bool {
        self.replace.contains(address.as_str())
    }

    /// Whether it has the new value of its secrets already.
    pub(super) fn is_changed_inside(&self, address: &Address) -> bool {
        self.changed_inside.contains(address.as_str())
    }

    /// Whether it counts as proved.
    pub(super) fn includes(&self, address: &Address) -> bool {
        self.modified.contains(address.as_str())
    }
}
