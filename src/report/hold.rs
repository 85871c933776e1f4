use crate::model::Address;
use crate::plan::{Action, Hold, Plan, Step};

/// Why a step is held back, and what would let it go on.
pub(super) fn explain(plan: &Plan, step: &Step, hold: &Hold, place: Option<&str>) -> String {
    let address = &step.address;
    let verb = match step.action {
        Action::Delete => "deleting",
        _ => "replacing",
    };
    let suspended = step.instance().is_some_and(|it| it.suspended.is_some());
    match hold {
        Hold::LosesData if suspended => format!(
            "its data is gone since it was suspended, and it would {}; to go on, add \
             `--discard-data {address}`, or write `data: none` under {address} in the manifest if \
             it holds none worth keeping",
            match step.action {
                Action::Delete => "be deleted for good",
                _ => "start empty",
            }
        ),
        Hold::LeftSuspended => format!(
            "`suspended: leave` wants it left alone; to have it resumed, remove that line under \
             {address} in the manifest"
        ),
        Hold::LosesData => format!(
            "{verb} it would lose its data; to allow that, add `--discard-data {address}`, or \
             write `data: none` under {address} in the manifest if it holds none worth keeping"
        ),
        Hold::Protected => {
            let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
            format!(
                "`protect: true` forbids {verb} it; to allow that, remove that line under \
                 {address} in the manifest{place}"
            )
        }
        Hold::Unreadable => "nothing is done to what cannot be read".to_owned(),
        Hold::Needs(cause) => format!(
            "it needs {cause}, which {}; it goes on once that is solved",
            trouble(plan, cause)
        ),
        Hold::NeededBy(dependant) => format!("{dependant} could not be read and may still need it"),
    }
}

/// The same in one word or two, for programs.
pub(super) fn word(hold: &Hold) -> &'static str {
    match hold {
        Hold::LosesData => "loses_data",
        Hold::Protected => "protected",
        Hold::LeftSuspended => "left_suspended",
        Hold::Unreadable => "unreadable",
        Hold::Needs(_) => "needs",
        Hold::NeededBy(_) => "needed_by",
    }
}

/// The step that is the cause of a hold, where it is another one.
pub(super) fn cause(hold: &Hold) -> Option<&Address> {
    match hold {
        Hold::Needs(cause) | Hold::NeededBy(cause) => Some(cause),
        Hold::LosesData | Hold::Protected | Hold::LeftSuspended | Hold::Unreadable => None,
    }
}

fn trouble(plan: &Plan, cause: &Address) -> &'static str {
    let step = plan.steps.iter().find(|step| step.address == *cause);
    match step.map(|step| (step.action, &step.held)) {
        Some((Action::Unknown, _)) => "could not be read",
        Some((_, Some(Hold::LeftSuspended))) => "is suspended and left so",
        _ => "is itself held back",
    }
}
