//! The sandbox's function in memory behind the client's seam, under tokio's paused clock.
//!
//! - `platform`: answers requests, remembers them, misbehaves when told to
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
mod stack;
mod suspending;

pub(crate) use platform::{Platform, Seen, Then};
pub(crate) use stack::{Rig, Run, Stack, all_data, catalog, count, rendered};
pub(crate) use suspending::Suspending;
