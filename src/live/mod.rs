//! Addresses and a reading client to [`Live`]: what the workspace holds of what was asked for.
//!
//! Invariants: one pass, no writes; one list per service, never one read per instance; the
//! subscriptions are read once; what could not be read is [`State::Unreadable`], never absent.

mod read;

pub use read::{Found, Live, State, Wanted, read};
