//! `Plan` and a writing client to events and an [`Outcome`].
//!
//! Invariants: nothing is done that is not in the plan; a target is read again right before it
//! is changed; every wait has a limit; a failed step stops its dependants only; an interruption
//! starts nothing new and lets the calls in flight finish.
//!
//! - `event`: what happens, for whoever shows it
//! - `outcome`: what became of every step
//! - `limits`: how much at once, how long
//! - `run`: the ready-queue over the plan's graph; `progress`: what can start, what is over;
//!   `start`: a step becomes a task
//! - `begin`: the lease, the vault and new secrets before the first step; `finish`: the vault after
//!   the last; `barred`: why a run did not begin or go on; `safe`: the vault, opened when needed
//! - `marker`: whose an instance is, said with tags or in the vault; `secrets`: what a step stores
//!   before an instance reads it
//! - `gate`: whether anything may begin, and questions that an interruption ends
//! - `subscribe`: services that the workspace does not use yet
//! - `suspension`: a suspended instance, which no service knows; `records`: its record and those
//!   of others; `resume`: letting it run again or removing it; `restore`: what it takes from
//!   there until it is as it should be
//! - `turn`: what one step has at hand; `step`: one action from reading its target again on
//! - `create`: one instance and no second, whatever the answers; `taken`: a name that is taken by
//!   nobody who shows; `settle`: ready and read back
//! - `readiness`, `ports`, `absence`: the waits; `health`: one look at it; `belief`: whether an
//!   answer is about the new process; `pace`: how long between two polls
//! - `lease`: nobody else changes the stack; `lease/hold`: what a run knows about its lease,
//!   `lease/renewal`: for as long as the run takes
//! - `keeper`: the vault of the stack; `kept`: reading what is among the tenant secrets

mod absence;
mod barred;
mod begin;
mod belief;
mod create;
mod event;
mod finish;
mod gate;
mod health;
mod keeper;
mod kept;
mod lease;
mod limits;
mod marker;
mod outcome;
mod pace;
mod ports;
mod progress;
mod readiness;
mod records;
mod restore;
mod resume;
mod run;
mod safe;
mod secrets;
mod settle;
mod start;
mod step;
mod subscribe;
mod suspension;
mod taken;
mod turn;

pub use barred::{Barred, BarredKind};
pub use event::{Event, EventKind, Waiting};
pub use keeper::{Keeper, KeeperError, Verified, read_vault};
pub use lease::{Claim, Lease, LeaseError, Leased};
pub use limits::Limits;
pub use outcome::{Failure, Fate, Outcome, Shortfall, StepResult};
pub use run::{Runner, run};
