//! Exit codes: a promise to scripts.

use std::process::ExitCode;

use crate::apply::{BarredKind, Fate, Outcome};
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
    /// What a plan amounts to, for `--detailed-exitcode`: changes that would run, or some that
    /// are held back, or none.
    pub(super) fn of_plan(plan: &Plan) -> Self {
        let held = || {
            plan.held()
                .any(|(_, hold)| holds_back(plan.purpose, hold, false))
        };
        match plan.has_changes() {
            true => Self::Changes,
            false if held() => Self::Held,
            false => Self::Done,
        }
    }

    /// How carrying out a plan ended: the first that applies of 130, 4, 6, 7, 8, 5.
    pub(super) fn of(plan: &Plan, outcome: &Outcome, strict: bool) -> Self {
        let barred = |kind| outcome.barred.as_ref().is_some_and(|it| it.kind == kind);
        if outcome.interrupted || barred(BarredKind::Interrupted) {
            Exit::Interrupted
        } else if outcome.signed_out() || barred(BarredKind::SignedOut) {
            Exit::SignedOut
        } else if barred(BarredKind::Stale) || outcome.any(|fate| matches!(fate, Fate::Stale(_))) {
            Exit::Stale
        } else if outcome.any(|fate| matches!(fate, Fate::Failed(_))) {
            match nothing_changed(outcome) {
                true => Exit::Error,
                false => Exit::Partly,
            }
        } else if barred(BarredKind::Failed) {
            Exit::Error
        } else if outcome.any(|fate| matches!(fate, Fate::NotReady(_))) {
            Exit::NotReady
        } else if barred(BarredKind::Held)
            || plan
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
        Fate::Applied | Fate::AppliedUnchecked(_) | Fate::NotAwaited => true,
        Fate::Failed(failure) | Fate::NotReady(failure) => failure.sent,
        _ => false,
    })
}

/// Whether a step held back like this is a failure of the run.
fn holds_back(purpose: Purpose, hold: &Hold, strict: bool) -> bool {
    match (purpose, hold) {
        (_, Hold::Protected | Hold::LeftSuspended | Hold::NotPruned | Hold::NotRotated)
        | (Purpose::Destroy, Hold::LosesData) => strict,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::apply::{Failure, StepResult};
    use crate::model::Address;
    use crate::osc::Class;
    use crate::plan::{Action, Explanation, PlannedSecrets, Scope, Step, Target};

    fn plan(purpose: Purpose, hold: Option<Hold>) -> Plan {
        let step = Step {
            address: Address::instance("a"),
            action: Action::Delete,
            held: hold,
            needs: Vec::new(),
            target: Target::Subscriptions(Vec::new()),
            explanation: Explanation::default(),
        };
        Plan {
            purpose,
            stack: "s".to_owned(),
            workspace: "w".to_owned(),
            environment: "prod".to_owned(),
            tenant_plan: None,
            steps: vec![step],
            outputs: Vec::new(),
            scope: Scope::default(),
            subscriptions: Vec::new(),
            suspended: Some(Vec::new()),
            has_tags: true,
            secrets: PlannedSecrets::default(),
            notes: Vec::new(),
        }
    }

    fn outcome(fates: &[Fate], interrupted: bool) -> Outcome {
        let results = fates.iter().map(|fate| StepResult {
            address: Address::instance("a"),
            action: Action::Create,
            fate: fate.clone(),
            took: Duration::ZERO,
        });
        Outcome {
            results: results.collect(),
            scope: Scope::default(),
            warnings: Vec::new(),
            removed_secrets: Vec::new(),
            barred: None,
            interrupted,
            took: Duration::ZERO,
        }
    }

    fn failure(class: Class) -> Failure {
        crate::osc::Error::new(class, "creating", "no").into()
    }

    #[test]
    fn the_first_that_applies_decides() {
        let failed = Fate::Failed(Failure {
            sent: true,
            ..failure(Class::Transient)
        });
        let refused = Fate::Failed(failure(Class::Limit));
        let not_ready = Fate::NotReady(failure(Class::Transient));
        let signed_out = Fate::Failed(failure(Class::SignedOut));
        let stale = Fate::Stale("moved".to_owned());
        let skipped = Fate::Skipped(Address::instance("b"));
        let held = Some(Hold::LosesData);
        let cases: [(Vec<Fate>, bool, Option<Hold>, Exit); 11] = [
            (vec![Fate::Applied], false, None, Exit::Done),
            (
                vec![Fate::Applied, Fate::Kept],
                false,
                held.clone(),
                Exit::Held,
            ),
            (vec![not_ready.clone()], false, held.clone(), Exit::NotReady),
            (
                vec![failed.clone(), not_ready.clone()],
                false,
                None,
                Exit::Partly,
            ),
            (
                vec![refused.clone(), skipped.clone()],
                false,
                None,
                Exit::Error,
            ),
            (vec![not_ready, skipped], false, None, Exit::NotReady),
            (vec![refused, Fate::Applied], false, None, Exit::Partly),
            (vec![failed.clone()], false, None, Exit::Partly),
            (vec![failed, stale.clone()], false, None, Exit::Stale),
            (
                vec![stale, signed_out.clone()],
                false,
                None,
                Exit::SignedOut,
            ),
            (vec![signed_out], true, held, Exit::Interrupted),
        ];
        for (fates, interrupted, hold, expected) in cases {
            let plan = plan(Purpose::Apply, hold);
            let outcome = outcome(&fates, interrupted);
            assert_eq!(Exit::of(&plan, &outcome, false), expected, "{fates:?}");
        }
    }

    #[test]
    fn what_is_kept_on_purpose_is_a_failure_only_when_strict() {
        let kept = outcome(&[Fate::Kept], false);
        for (purpose, hold) in [
            (Purpose::Apply, Hold::Protected),
            (Purpose::Apply, Hold::LeftSuspended),
            (Purpose::Destroy, Hold::Protected),
            (Purpose::Destroy, Hold::LosesData),
        ] {
            let plan = plan(purpose, Some(hold));
            assert_eq!(Exit::of(&plan, &kept, false), Exit::Done);
            assert_eq!(Exit::of(&plan, &kept, true), Exit::Held);
        }
        let unreadable = plan(Purpose::Destroy, Some(Hold::Unreadable));
        assert_eq!(Exit::of(&unreadable, &kept, false), Exit::Held);
    }
}
