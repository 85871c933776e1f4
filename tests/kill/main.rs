//! Killed at any request, before it is sent or after it took effect, the next run finishes.
//!
//! - `memory`: every request of several runs, in memory under a paused clock
//! - `process`: the real command, killed behind a proxy
//! - `renewal`: the real command, killed or held up while it renews its sign-in
//! - `proxy`: a TCP proxy that stops at a request

#![cfg(all(feature = "sandbox", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../rig/mod.rs"]
mod rig;
#[path = "../served/mod.rs"]
mod served;

mod memory;
mod process;
mod proxy;
mod renewal;
