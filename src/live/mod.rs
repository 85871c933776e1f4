//! A question and a reading client to [`Live`]: what the workspace holds of what was asked for, and
//! of whatever else is marked as the stack's.
//!
//! Invariants: one pass, no writes; one list per service, never one read per instance; the
//! subscriptions, the suspended instances, the tags and the vault are read once; what could not be read is
//! [`State::Unreadable`], never absent, and so is what may be suspended; the workspace's plan is
//! nice to know, and nothing fails or waits for want of it.
//!
//! - `state`: what is asked for, and what is known of it
//! - `read`: the one pass; `vault`: the stack's vault, and who refers to the secrets it names
//! - `all`: everything there is, for whoever does not know yet what to ask for
//! - `tenant_plan`: the workspace's plan beside it

mod all;
mod read;
mod state;
mod tenant_plan;
mod vault;

pub use all::{All, Existence, Existing, read_all};
pub use read::read;
pub use state::{Found, Live, Question, Referrer, State, Tags, VaultState, Wanted};
pub use tenant_plan::with_tenant_plan;
