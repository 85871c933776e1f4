use std::collections::BTreeSet;

use super::asked::wanted;
use super::held::{Fence, Hold};
use super::marks::{Marks, Subject};
use super::standing::{Standing, options_of, standing};
use super::{Consent, Purpose, Step};
use crate::live::{Live, State, Tags, Wanted};
use crate::model::Address;
use crate::resolve::Desired;

/// Holds back every deletion of a run that something speaks against.
pub(super) fn check(steps: &mut [Step], desired: &Desired, live: &Live, consent: &Consent) {
    raise(steps, Purpose::Apply, desired, live, consent);
}

/// The same for a run that is meant to delete everything.
pub(super) fn check_destroy(steps: &mut [Step], desired: &Desired, live: &Live, consent: &Consent) {
    raise(steps, Purpose::Destroy, desired, live, consent);
}

fn raise(steps: &mut [Step], purpose: Purpose, desired: &Desired, live: &Live, consent: &Consent) {
    let deletes = steps.iter().filter(|it| it.runs() && it.deletes()).count();
    if deletes == 0 {
        return;
    }
    let fence = unread(desired, live).or_else(|| {
        let unattended = consent.unattended.then_some(Fence::Unattended);
        unattended.or_else(|| match purpose {
            Purpose::Destroy => None,
            _ => too_many(deletes, desired, live, consent),
        })
    });
    let Some(fence) = fence else {
        return;
    };
    for step in steps.iter_mut().filter(|it| it.runs() && it.deletes()) {
        step.held = Some(Hold::Fenced(fence.clone()));
    }
}

/// What a run does not know well enough to delete anything.
fn unread(desired: &Desired, live: &Live) -> Option<Fence> {
    if let Tags::Unreadable(error) = &live.tags {
        return Some(Fence::Unread(error.to_string()));
    }
    if live.suspended.is_none() {
        let what = "the suspended instances could not be read";
        return Some(Fence::Unread(what.to_owned()));
    }
    let mut states: Vec<_> = live.instances.iter().collect();
    states.sort_by_key(|(key, _)| *key);
    let unreadable = states.into_iter().find_map(|(_, state)| match state {
        State::Unreadable(error) => Some(Fence::Unread(error.to_string())),
        _ => None,
    });
    unreadable.or_else(|| lists_none(desired, live))
}

/// A service of which the stack has marked instances, and which shows none at all: it may show the
/// others again in a minute (API notes 13.4).
fn lists_none(desired: &Desired, live: &Live) -> Option<Fence> {
    let declared = desired.instances.iter();
    let declared = declared.map(|(key, it)| (key, &it.service, &it.name));
    let marked = live.marked.iter();
    let marked = marked.map(|it| (&it.key, &it.service, &it.name));
    let mut gone = declared.chain(marked).filter(|(key, service, name)| {
        let is_marked = Marks::of(live.tags_of(&service.id, name)).are_of(&desired.stack);
        let is_absent = matches!(live.instances.get(*key), None | Some(State::Absent));
        let lists_none = live.listed.get(&service.id).is_none_or(|count| *count == 0);
        is_marked && is_absent && lists_none
    });
    let (_, service, _) = gone.next()?;
    Some(Fence::ListsNone(service.id.clone()))
}

fn too_many(deletes: usize, desired: &Desired, live: &Live, consent: &Consent) -> Option<Fence> {
    if desired.instances.is_empty() && !consent.empty {
        return Some(Fence::EmptyManifest);
    }
    if consent.deletes == Some(deletes) {
        return None;
    }
    let is_owned = |want: &Wanted, address: &Address| {
        let subject = Subject {
            workspace: &live.workspace,
            stack: &desired.stack,
            service: &want.service,
            name: &want.name,
        };
        let options = live.instances.get(&want.key).and_then(options_of);
        options.is_some_and(|options| {
            let standing = standing(subject, options, live, address, consent);
            matches!(standing, Standing::Ours { .. })
        })
    };
    let wanted = wanted(desired, &BTreeSet::new());
    let declared = wanted.iter().filter(|want| {
        let instance = desired.instances.get(&want.key);
        instance.is_some_and(|instance| is_owned(want, &instance.address))
    });
    let declared = declared.count();
    let undeclared = live.marked.iter().filter(|want| {
        let address = Address::undeclared(&want.service.id, &want.name);
        is_owned(want, &address)
    });
    let owned = declared + undeclared.count();
    if declared == 0 {
        return Some(Fence::NoneLeft { deletes });
    }
    let allowed = (owned / 4).max(1);
    (deletes > allowed).then_some(Fence::TooMany { deletes, owned })
}
