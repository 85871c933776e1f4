//! The binary as a user meets it: one file a command, in an empty environment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod apply;
mod destroy;
mod errors;
mod faults;
mod hostile;
mod interrupt;
mod logs;
mod output;
mod plan;
mod platform;
mod sandbox;
mod secrets;
mod status;
mod validate;
mod whoami;
mod workspace;
