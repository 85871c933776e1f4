use std::io::{self, Write};

use serde::Serialize;

use super::document::{seconds, write};
use super::lists::Output;
use super::plan::{HeldBack, action, held_back, purpose};
use crate::apply::{Failure, Fate, Outcome, Shortfall, StepResult};
use crate::plan::Plan;

#[derive(Serialize)]
struct Body<'a> {
    purpose: &'static str,
    stack: &'a str,
    workspace: &'a str,
    environment: &'a str,
    interrupted: bool,
    /// Seconds.
    took: f64,
    results: Vec<Wire<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<Stopped<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [String],
    outputs: Vec<Output<'a>>,
}

#[derive(Serialize)]
struct Wire<'a> {
    address: &'a str,
    action: &'static str,
    fate: &'static str,
    took: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureWire<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_back: Option<HeldBack<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    because_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_checked: Option<NotChecked<'a>>,
}

/// What kept the whole run from beginning, or from going on.
#[derive(Serialize)]
struct Stopped<'a> {
    message: &'a str,
    hint: Option<&'a str>,
}

/// A level that could not be checked.
#[derive(Serialize)]
pub(super) struct NotChecked<'a> {
    reached: &'static str,
    wanted: &'static str,
    why: &'a str,
}

#[derive(Serialize)]
pub(super) struct FailureWire<'a> {
    message: &'a str,
    hint: Option<&'a str>,
    class: Option<&'static str>,
    log: &'a [String],
    deleted_not_recreated: bool,
}

/// Writes what became of a plan, with the outputs as they are then: `osc-apply/outcome`.
///
/// # Errors
/// When the writer fails.
pub fn outcome(out: &mut dyn Write, plan: &Plan, outcome: &Outcome) -> io::Result<()> {
    let outputs = plan.outputs_with(&outcome.scope);
    let body = Body {
        purpose: purpose(plan.purpose),
        stack: &plan.stack,
        workspace: &plan.workspace,
        environment: &plan.environment,
        interrupted: outcome.interrupted,
        took: seconds(outcome.took),
        results: outcome.results.iter().map(wire).collect(),
        stopped: outcome.barred.as_ref().map(|barred| Stopped {
            message: &barred.message,
            hint: barred.hint.as_deref(),
        }),
        warnings: &outcome.warnings,
        outputs: outputs
            .iter()
            .map(|(name, value)| Output::of(name, value))
            .collect(),
    };
    write(out, "osc-apply/outcome", body)
}

fn wire(result: &StepResult) -> Wire<'_> {
    let mut wire = Wire {
        address: result.address.as_str(),
        action: action(result.action),
        fate: fate(&result.fate),
        took: seconds(result.took),
        failure: result.fate.failure().map(Into::into),
        held_back: None,
        because_of: None,
        changed: None,
        not_checked: None,
    };
    match &result.fate {
        Fate::Held(hold) => wire.held_back = Some(held_back(hold)),
        Fate::Skipped(cause) => wire.because_of = Some(cause.as_str()),
        Fate::Stale(why) => wire.changed = Some(why),
        Fate::AppliedUnchecked(shortfall) => wire.not_checked = Some(shortfall.into()),
        _ => {}
    }
    wire
}

pub(super) fn fate(fate: &Fate) -> &'static str {
    match fate {
        Fate::Applied => "applied",
        Fate::AppliedUnchecked(_) => "applied_unchecked",
        Fate::AlreadySo => "already_so",
        Fate::Kept => "kept",
        Fate::Held(_) => "held_back",
        Fate::Failed(_) => "failed",
        Fate::NotReady(_) => "not_ready",
        Fate::Stale(_) => "stale",
        Fate::Skipped(_) => "skipped",
        Fate::NotAwaited => "not_awaited",
        Fate::NotBegun => "not_begun",
    }
}

impl<'a> From<&'a Shortfall> for NotChecked<'a> {
    fn from(shortfall: &'a Shortfall) -> Self {
        Self {
            reached: shortfall.reached.word(),
            wanted: shortfall.wanted.word(),
            why: &shortfall.why,
        }
    }
}

impl<'a> From<&'a Failure> for FailureWire<'a> {
    fn from(failure: &'a Failure) -> Self {
        Self {
            message: &failure.message,
            hint: failure.hint.as_deref(),
            class: failure.class.map(|class| class.name()),
            log: &failure.log,
            deleted_not_recreated: failure.deleted_not_recreated,
        }
    }
}
