use std::collections::BTreeSet;

use super::{Action, Explanation, Step, Target};
use crate::live::Live;
use crate::model::Address;

/// The step that subscribes to whatever is created and not subscribed to, made a need of those.
/// A resume brings its subscription with it (API notes 4.3).
pub(super) fn subscribe(steps: &mut [Step], live: &Live) -> Option<Step> {
    let address = Address::subscriptions();
    let mut missing = BTreeSet::new();
    for step in steps.iter_mut().filter(|step| step.runs()) {
        let Target::Instance(target) = &step.target else {
            continue;
        };
        if step.action != Action::Resume && !live.subscriptions.contains_key(&target.service.id) {
            missing.insert(target.service.id.clone());
            step.needs.insert(0, address.clone());
        }
    }
    let missing: Vec<String> = missing.into_iter().collect();
    let services = if missing.len() == 1 {
        "a service"
    } else {
        "services"
    };
    (!missing.is_empty()).then(|| Step {
        address,
        action: Action::Subscribe,
        held: None,
        needs: Vec::new(),
        explanation: Explanation {
            reason: format!("the workspace does not use {services} of this stack yet; free"),
            ..Explanation::default()
        },
        target: Target::Subscriptions(missing),
    })
}
