//! Killed at any request, before it is sent or after it took effect, the next run finishes.
//!
//! - `memory`: every request of several runs, in memory under a paused clock
//! - `process`: the real command, killed behind a proxy
//! - `proxy`: a TCP proxy that counts requests

#![cfg(all(feature = "sandbox", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../rig/mod.rs"]
mod rig;

mod memory;
mod process;
mod proxy;
