use std::collections::BTreeMap;

use super::held::Hold;
use super::{Action, Step, Target};
use crate::model::Address;

/// Holds back whatever would get the new value of a secret that an instance which has the old one
/// cannot be given: a password must change on both sides or on none.
pub(super) fn check(steps: &mut [Step]) {
    loop {
        let stuck = stuck(steps);
        let mut held_more = false;
        for step in steps.iter_mut().filter(|step| step.runs()) {
            let Target::Instance(target) = &step.target else {
                continue;
            };
            if !target.gives_secrets {
                continue;
            }
            let shared = target.secrets.values().flat_map(|secret| &secret.of);
            let cause = shared.filter_map(|secret| stuck.get(secret)).min();
            if let Some(cause) = cause {
                step.held = Some(Hold::SharesSecret(cause.clone()));
                held_more = true;
            }
        }
        if !held_more {
            return;
        }
    }
}

/// The secrets whose new value an instance that exists does not get, and which instance.
fn stuck(steps: &[Step]) -> BTreeMap<String, Address> {
    let mut stuck = BTreeMap::new();
    for step in steps {
        let held = step.held.is_some() && step.action != Action::Create;
        if let Some(target) = step.instance().filter(|it| held && it.gives_secrets) {
            let secrets = target.secrets.values().flat_map(|secret| &secret.of);
            for secret in secrets {
                let first = stuck.entry(secret.clone());
                first.or_insert_with(|| step.address.clone());
            }
        }
    }
    stuck
}
