use std::collections::HashMap;

use super::{Action, After, Consent, Explanation, FieldChange, Hold};
use crate::model::{Address, OptionValue};
use crate::resolve::DesiredInstance;

/// Why steps are held back, and what that means for those that depend on them.
pub(super) struct Holds<'a> {
    consent: &'a Consent,
    /// Instances that will not be there for their dependants in this run, and whose fault it is.
    missing: HashMap<String, Address>,
    /// Values that instances would have got and will not.
    withheld: HashMap<String, Vec<OptionValue>>,
}

impl<'a> Holds<'a> {
    pub(super) fn new(consent: &'a Consent) -> Self {
        Self {
            consent,
            missing: HashMap::new(),
            withheld: HashMap::new(),
        }
    }

    /// Why a step is not carried out, if it is not.
    pub(super) fn decide(
        &self,
        instance: &DesiredInstance,
        action: Action,
        explanation: &Explanation,
        already: Option<Hold>,
    ) -> Option<Hold> {
        if action == Action::Unknown {
            return Some(Hold::Unreadable);
        }
        if !action.changes() {
            return None;
        }
        if action == Action::Resume && instance.leave_suspended {
            return Some(Hold::LeftSuspended);
        }
        if let Some(hold) = already.as_ref().filter(|it| it.is_about_whose_it_is()) {
            return Some(hold.clone());
        }
        if !changes_instance(action) {
            return already;
        }
        if let Some(cause) = self.cause_among_needs(instance, explanation) {
            return Some(Hold::Needs(cause));
        }
        if already.is_some() {
            return already;
        }
        if action == Action::Replace && instance.protect {
            return Some(Hold::Protected);
        }
        if explanation.loses_data && !self.consent.allows(&instance.address) {
            return Some(Hold::LosesData);
        }
        None
    }

    /// Remembers what a held step means for its dependants.
    pub(super) fn remember(
        &mut self,
        key: &str,
        instance: &DesiredInstance,
        hold: &Hold,
        is_present: bool,
        fields: &[FieldChange],
    ) {
        let cause = match hold {
            Hold::Needs(cause) => cause.clone(),
            _ => instance.address.clone(),
        };
        if is_present {
            let values = fields.iter().filter_map(told_apart).cloned().collect();
            self.withheld.insert(key.to_owned(), values);
        } else {
            self.missing.insert(key.to_owned(), cause);
        }
    }

    /// A needed instance that is not there, or that is there and keeps another value than the
    /// dependant is to get: a password that both know must change on both sides or on none.
    fn cause_among_needs(
        &self,
        instance: &DesiredInstance,
        explanation: &Explanation,
    ) -> Option<Address> {
        instance.edges.keys().find_map(|key| {
            if let Some(cause) = self.missing.get(key) {
                return Some(cause.clone());
            }
            let withheld = self.withheld.get(key)?;
            let shared = explanation.fields.iter().any(|field| match &field.after {
                After::Value(wanted) => withheld
                    .iter()
                    .any(|value| wanted.expose().contains(value.expose())),
                After::Unset | After::Unknown { .. } => false,
            });
            shared.then(|| Address::instance(key))
        })
    }
}

/// Whether more than tags is changed.
fn changes_instance(action: Action) -> bool {
    !matches!(action, Action::Adopt | Action::Mark | Action::Unmark)
}

/// A secret of this length is no coincidence when it is found elsewhere.
const TOLD_APART: usize = 6;

fn told_apart(field: &FieldChange) -> Option<&OptionValue> {
    match &field.after {
        After::Value(value) => {
            let is_long = value.expose().chars().count() >= TOLD_APART;
            (value.is_sensitive() && is_long).then_some(value)
        }
        After::Unset | After::Unknown { .. } => None,
    }
}
