//! (`Desired`, `Live`) to [`Plan`]: what would change, in which order, and why.
//!
//! Invariants: synchronous and pure; the same input gives the same plan; a plan is the only
//! input of apply; what could not be read is never changed, and nothing destructive happens to
//! whatever depends on it; data is lost only where somebody consented to it.
//!
//! - `change`: [`Plan`], [`Step`], [`Action`] and what they carry; `held`: why a step is not
//!   carried out; `explanation`: what people should know about one; `consent`: what a user agreed to
//! - `asked`: what has to be read for a plan
//! - `marks`: what tags say of whose an instance is; `standing`: whose it is
//! - `target`: instances as they are wanted and as they were read
//! - `compare`: declared options against live ones; `secrecy`: the same of values that cannot be
//!   read; `secrets`: which those are
//! - `fill`: formulas filled in as far as things are known
//! - `pending_ports`: ports that may still appear; `suspension`: what is known of instances that
//!   are suspended
//! - `wanted`: the options of one instance as far as they are known; `decide`: its action and reason
//! - `hold`: what is not carried out after all; `sharing`: secrets that change on both sides or on
//!   none; `fences`: what speaks against deleting anything
//! - `subscribe`: services that the workspace does not use yet
//! - `build`: the plan of an apply and of a rotation; `prune`: what is not declared any longer
//! - `destroy`: the plan of a destroy; `adopt`: the plan of taking instances over
//! - `whole`: what a plan is as a whole; `leftovers`: secrets that nothing needs any more; `vaulted`: whether there can be one
//! - `outputs`: the outputs before, between and after

mod adopt;
mod asked;
mod build;
mod change;
mod compare;
mod consent;
mod decide;
mod destroy;
mod explanation;
mod fences;
mod fill;
mod held;
mod hold;
mod leftovers;
mod marks;
mod outputs;
mod pending_ports;
mod prune;
mod secrecy;
mod secrets;
mod sharing;
mod standing;
mod subscribe;
mod suspension;
mod target;
mod vaulted;
mod wanted;
mod whole;

pub use adopt::{Adoption, NotAdoptable, adopt};
pub use asked::wanted;
pub use build::{plan, rotate};
pub use change::{Action, InstanceTarget, OutputValue, Plan, PlannedOutput, Purpose, Step, Target};
pub use consent::Consent;
pub use destroy::destroy;
pub use explanation::{After, Explanation, FieldChange};
pub use fill::{Filled, Unfilled};
pub use held::{Fence, Hold, Unclaimed};
pub use marks::{Marks, Proof, Subject, TooManyTags, same_tags, without_marks};
pub use outputs::outputs_now;
pub use secrets::{Digest, Draw, PlannedSecrets, SecretOption};
pub use vaulted::{VaultTrouble, vault_trouble};

/// What expressions can see; an apply teaches it what it finds.
pub use crate::resolve::Scope;
