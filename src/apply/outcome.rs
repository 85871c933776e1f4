use std::time::Duration;

use super::Barred;
use crate::model::{Address, Level};
use crate::osc::{Class, Error};
use crate::plan::{Action, Hold, Scope, Unfilled};
use crate::vault::ServiceSecret;

/// What became of a plan.
#[derive(Clone)]
pub struct Outcome {
    /// What became of every step, in the plan's order.
    pub results: Vec<StepResult>,
    /// What is known now, for filling in outputs.
    pub scope: Scope,
    /// What else happened to the workspace that somebody should know.
    pub warnings: Vec<String>,
    /// Service secrets that were removed because nothing referred to them.
    pub removed_secrets: Vec<ServiceSecret>,
    /// Why the run did not begin, or stopped, where that is no step's fault.
    pub barred: Option<Barred>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// How long it took.
    pub took: Duration,
}

/// What became of one step.
#[derive(Debug, Clone)]
pub struct StepResult {
    /// The step.
    pub address: Address,
    /// What it was to do.
    pub action: Action,
    /// What became of it.
    pub fate: Fate,
    /// How long it took.
    pub took: Duration,
}

/// What became of a step.
#[derive(Debug, Clone)]
pub enum Fate {
    /// Done, and ready.
    Applied,
    /// Done, and ready as far as can be told.
    AppliedUnchecked(Shortfall),
    /// There was nothing left to do when its turn came.
    AlreadySo,
    /// Nothing was to be done.
    Kept,
    /// It was not done because of this.
    Held(Hold),
    /// It failed.
    Failed(Failure),
    /// Done, but not ready in time, or an unchanged instance that has failed.
    NotReady(Failure),
    /// The target had changed since the plan was made; nothing was done.
    Stale(String),
    /// Not begun because this step failed.
    Skipped(Address),
    /// Done, and the run was interrupted while it was waited for.
    NotAwaited,
    /// Not begun because the run was interrupted, or the platform stopped accepting the token.
    NotBegun,
}

/// A level of readiness that could not be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    /// The level that was seen.
    pub reached: Level,
    /// The level that was not.
    pub wanted: Level,
    /// Why not.
    pub why: String,
}

/// Why something failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What failed and why.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The class of the platform's answer.
    pub class: Option<Class>,
    /// The last log lines of the instance.
    pub log: Vec<String>,
    /// Whether the old instance is already deleted and the new one does not exist.
    pub deleted_not_recreated: bool,
    /// Whether the platform may have taken a change of this step.
    pub sent: bool,
}

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            class: None,
            log: Vec::new(),
            deleted_not_recreated: false,
            sent: false,
        }
    }

    /// The same after a change that the platform may have taken.
    pub(super) fn sent(mut self) -> Self {
        self.sent = true;
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What to do about an answer of the platform that says enough for itself elsewhere.
fn hint(class: Class) -> Option<&'static str> {
    match class {
        Class::Conflict => Some(
            "another instance has the name: choose another `name:` in the manifest, or look in \
             the console what has it",
        ),
        Class::Refused => Some(
            "mend in the manifest what the platform names, then run the same command again; with \
             -v it shows each request",
        ),
        Class::Absent => Some("run plan to see what there is now"),
        Class::Unsupported => Some(
            "a service that is just starting has no operations yet: run the same command again in \
             a minute",
        ),
        Class::SignedOut | Class::Limit | Class::Transient | Class::Unexpected => None,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            hint: error
                .hint()
                .or_else(|| hint(error.class))
                .map(str::to_owned),
            class: Some(error.class),
            ..Self::new(error.to_string())
        }
    }
}

impl From<Unfilled> for Failure {
    fn from(unfilled: Unfilled) -> Self {
        match unfilled {
            Unfilled::Unknown { option } => {
                let message = format!("the value of `{option}` is still not known");
                Self::new(message).hint(
                    "what it refers to may offer no such thing: an instance without an exposed \
                     port has no `ports[0]`, and not every service has an `address`",
                )
            }
            Unfilled::Failed(error) => {
                let (expression, why) = (error.expression.trim(), error.message);
                Self::new(format!("`${{{expression}}}` cannot be filled in: {why}"))
            }
            Unfilled::Refused(finding) => Self {
                hint: finding.help,
                ..Self::new(finding.message)
            },
        }
    }
}

impl From<Failure> for Fate {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Error> for Fate {
    fn from(error: Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Fate {
    /// Whether dependants may go on.
    pub fn lets_dependants_run(&self) -> bool {
        matches!(
            self,
            Self::Applied
                | Self::AppliedUnchecked(_)
                | Self::AlreadySo
                | Self::Kept
                | Self::Held(_)
        )
    }

    /// Why it failed, where it did.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) | Self::NotReady(failure) => Some(failure),
            _ => None,
        }
    }
}

impl Outcome {
    /// Whether any step ended in a way that `is` recognises.
    pub fn any(&self, is: impl Fn(&Fate) -> bool) -> bool {
        self.results.iter().any(|result| is(&result.fate))
    }

    /// Whether the platform stopped accepting the token.
    pub fn signed_out(&self) -> bool {
        self.any(|fate| {
            fate.failure()
                .is_some_and(|failure| failure.class == Some(Class::SignedOut))
        })
    }
}
