//! Exit codes: a promise to scripts.

use std::process::ExitCode;

use crate::apply::{Fate, Outcome};
use crate::osc::Class;
use crate::plan::{Hold, Plan, Purpose};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; with `--detailed-exitcode`: no changes.
    Done = 0,
    /// An error, and nothing changed.
    Error = 1,
    /// There are changes that would run (only with `--detailed-exitcode`).
    Changes = 2,
    /// Wrong arguments, an invalid manifest, or no terminal to ask at.
    Usage = 3,
    /// Not signed in.
    SignedOut = 4,
    /// Held back by a guard or the data rule, also when everything else went through.
    Held = 5,
    /// Something had changed since the plan was made.
    Stale = 6,
    /// Partly applied.
    Partly = 7,
    /// Not ready in time, or an unchanged instance has failed.
    NotReady = 8,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// How carrying out a plan ended: the first that applies of 130, 4, 6, 7, 8, 5.
    pub(super) fn of(plan: &Plan, outcome: &Outcome, strict: bool) -> Self {
        let failed = outcome.any(|fate| matches!(fate, Fate::Failed(_) | Fate::Skipped(_)));
        if outcome.interrupted {
            Exit::Interrupted
        } else if outcome.signed_out() {
            Exit::SignedOut
        } else if outcome.any(|fate| matches!(fate, Fate::Stale(_))) {
            Exit::Stale
        } else if failed && nothing_changed(outcome) {
            Exit::Error
        } else if failed {
            Exit::Partly
        } else if outcome.any(|fate| matches!(fate, Fate::NotReady(_))) {
            Exit::NotReady
        } else if plan
            .held()
            .any(|(_, hold)| holds_back(plan.purpose, hold, strict))
        {
            Exit::Held
        } else {
            Exit::Done
        }
    }
}

/// Whether the platform certainly took no change.
fn nothing_changed(outcome: &Outcome) -> bool {
    !outcome.any(|fate| match fate {
        Fate::Applied | Fate::AppliedUnchecked | Fate::NotReady(_) | Fate::NotAwaited => true,
        Fate::Failed(failure) => {
            failure.deleted_not_recreated
                || !matches!(
                    failure.class,
                    Some(Class::Refused | Class::Limit | Class::Conflict | Class::Unsupported)
                )
        }
        _ => false,
    })
}

/// Whether a step held back like this is a failure of the run.
fn holds_back(purpose: Purpose, hold: &Hold, strict: bool) -> bool {
    match (purpose, hold) {
        (_, Hold::Protected) | (Purpose::Destroy, Hold::LosesData) => strict,
        _ => true,
    }
}
