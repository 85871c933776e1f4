//! The platform's JSON, read tolerantly in what is known to vary and strictly in the rest.
//!
//! - `document`: subscriptions, service tokens and instances
//! - `options`: the options of an instance, both ways
//! - `side`: health, ports and logs

mod document;
mod options;
mod side;

pub(super) use document::{instance, instances, service_token, subscriptions};
pub(super) use options::{changes, creation};
pub(super) use side::{health, log_lines, ports};

/// What is wrong with an answer, in words; never with parts of it that could be secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) String);

fn malformed<T>(what: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed(what.into()))
}
