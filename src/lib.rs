//! An Eyevinn Open Source Cloud workspace as a YAML file: `plan` shows what would change,
//! `apply` makes it so.
//!
//! The modules are the stages of one pipeline; `ARCHITECTURE.md` has the picture and the table
//! of who may use whom.

pub mod apply;
pub mod auth;
pub mod catalog;
pub mod cli;
pub mod import;
pub mod live;
pub mod manifest;
pub mod model;
pub mod osc;
pub mod plan;
pub mod probe;
pub mod report;
pub mod resolve;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod vault;
