use super::Consent;
use super::held::{Hold, Unclaimed};
use super::marks::{Marks, Subject};
use crate::live::{Live, State, Tags, VaultState};
use crate::model::Address;
use crate::osc::Options;

/// Whose an instance is: decided before anything is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// The stack's: it may be compared, changed in place and restarted. Whether it is also proved
    /// to be as this tool left it: only then it may be deleted or replaced.
    Ours { proved: bool },
    /// Not the stack's, for this reason: nothing is done to it.
    NotOurs(Hold),
}

/// Whose an instance with these options is.
///
/// The tags say so. Where they cannot be set before there is an instance, the vault says which one
/// was about to be made; where the platform has no tags at all, it says so for good.
pub(super) fn standing(
    subject: Subject<'_>,
    options: &Options,
    live: &Live,
    address: &Address,
    consent: &Consent,
) -> Standing {
    let marks = Marks::of(live.tags_of(&subject.service.id, subject.name));
    let is_meant = consent.includes(address);
    if marks.are_of(subject.stack) {
        let proved = is_meant || subject.is_proved(&marks, options);
        return Standing::Ours { proved };
    }
    if let Some(other) = marks.other_than(subject.stack) {
        return Standing::NotOurs(Hold::OfStack(other.to_owned()));
    }
    if is_intended(subject, options, live) {
        return Standing::Ours { proved: true };
    }
    match &live.tags {
        Tags::Read(_) => Standing::NotOurs(Hold::NotOurs),
        Tags::Unsupported if is_meant => Standing::Ours { proved: true },
        Tags::Unsupported => Standing::NotOurs(Hold::Unclaimed(Unclaimed::NoTags)),
        Tags::Unreadable(_) => Standing::NotOurs(Hold::Unclaimed(Unclaimed::UnreadTags)),
    }
}

/// Whether a name is the stack's although nothing has it: by its tags or by the vault.
pub(super) fn is_reserved(subject: Subject<'_>, live: &Live) -> bool {
    let marks = Marks::of(live.tags_of(&subject.service.id, subject.name));
    let is_intended = match &live.vault {
        VaultState::Kept(vault) => vault.intent(&subject.service.id, subject.name).is_some(),
        _ => false,
    };
    marks.are_of(subject.stack) || (is_intended && marks.stacks.is_empty())
}

/// Whether the vault says that exactly this was about to be made.
fn is_intended(subject: Subject<'_>, options: &Options, live: &Live) -> bool {
    let VaultState::Kept(vault) = &live.vault else {
        return false;
    };
    let proof = subject.proof(options);
    let intent = vault.intent(&subject.service.id, subject.name);
    intent.is_some_and(|intent| intent.digest == proof)
}

/// Another stack that a name is marked for, whether there is an instance or not.
pub(super) fn marked_for_another(subject: Subject<'_>, live: &Live) -> Option<Hold> {
    let marks = Marks::of(live.tags_of(&subject.service.id, subject.name));
    let other = marks.other_than(subject.stack)?;
    Some(Hold::OfStack(other.to_owned()))
}

/// The options of whatever exists.
pub(super) fn options_of(state: &State) -> Option<&Options> {
    match state {
        State::Present(found) => Some(&found.instance.options),
        State::Suspended(suspended) => Some(&suspended.options),
        State::Absent | State::Unreadable(_) => None,
    }
}
