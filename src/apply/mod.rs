//! `Plan` and a writing client to events and an [`Outcome`].
//!
//! Invariants: nothing is done that is not in the plan; a target is read again right before it
//! is changed; every wait has a limit; a failed step stops its dependants only; an interruption
//! starts nothing new and lets the calls in flight finish.
//!
//! - `event`: what happens, for whoever shows it
//! - `outcome`: what became of every step
//! - `limits`: how much at once, how long
//! - `run`: the ready-queue over the plan's graph
//! - `step`: one step from reading its target again to reading it back
//! - `wait`: health, ports and absence, polled
//! - `pace`: how long between two polls

mod event;
mod limits;
mod outcome;
mod pace;
mod run;
mod step;
mod wait;

pub use event::{Event, EventKind, Waiting};
pub use limits::Limits;
pub use outcome::{Failure, Fate, Outcome, StepResult};
pub use run::run;
