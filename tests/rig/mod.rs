//! The sandbox's function in memory behind the client's seam, under tokio's paused clock.
//!
//! - `platform`: answers requests, remembers them, misbehaves when told to
//! - `then`: the ways in which it misbehaves
//! - `seen`: a request as it was seen, and the workspace at that moment
//! - `suspending`: an instance suspended, and what the deploy manager says about it
//! - `stack`: from a manifest's text to a plan and an outcome

// Not every test file uses all of it.
#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod platform;
mod seen;
mod stack;
mod suspending;
mod then;

pub(crate) use platform::Platform;
pub(crate) use seen::{Change, Id, Seen, Snapshot, Stored, is_bookkeeping, is_id_of};
pub(crate) use stack::{Rig, Run, Stack, all_data, catalog, count, fenced_deletes, rendered};
pub(crate) use suspending::Suspending;
pub(crate) use then::{Taken, Then};
