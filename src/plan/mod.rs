//! (`Desired`, `Live`) to [`Plan`]: what would change, in which order, and why.
//!
//! Invariants: synchronous and pure; the same input gives the same plan; a plan is the only
//! input of apply; what could not be read is never changed, and nothing destructive happens to
//! whatever depends on it; data is lost only where somebody consented to it.
//!
//! - `change`: [`Plan`], [`Step`], [`Action`] and what they carry; `explanation`: what people
//!   should know about a step
//! - `compare`: declared options against live ones
//! - `fill`: formulas filled in as far as things are known
//! - `pending_ports`: ports that may still appear; `suspension`: what is known of instances that
//!   are suspended
//! - `decide`: one instance's action and reason
//! - `hold`: what is not carried out after all
//! - `subscribe`: services that the workspace does not use yet
//! - `build`: the plan of an apply
//! - `destroy`: the plan of a destroy
//! - `outputs`: the outputs before, between and after

mod build;
mod change;
mod compare;
mod decide;
mod destroy;
mod explanation;
mod fill;
mod hold;
mod outputs;
mod pending_ports;
mod subscribe;
mod suspension;

pub use build::plan;
pub use change::{
    Action, Consent, Hold, InstanceTarget, OutputValue, Plan, PlannedOutput, Purpose, Step, Target,
};
pub use destroy::destroy;
pub use explanation::{After, Explanation, FieldChange};
pub use fill::{Filled, Unfilled};
pub use outputs::outputs_now;

/// What expressions can see; an apply teaches it what it finds.
pub use crate::resolve::Scope;
