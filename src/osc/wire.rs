//! The platform's JSON, read tolerantly in what is known to vary and strictly in the rest.
//!
//! - `document`: subscriptions, service tokens and instances
//! - `options`: the options of an instance, both ways
//! - `side`: health, ports and logs
//! - `suspended`: the records of suspended instances
//! - `tags`: the tags of instances
//! - `tenant_plan`: the plan of the workspace, `tenant_secret`: one of its secrets

mod document;
mod options;
mod side;
mod suspended;
mod tags;
mod tenant_plan;
mod tenant_secret;

pub(super) use document::{instance, instances, service_token, subscriptions};
pub(super) use options::{changes, creation};
pub(super) use side::{health, log_lines, ports};
pub(super) use suspended::suspended;
pub(super) use tags::tags;
pub(super) use tenant_plan::tenant_plan;
pub(super) use tenant_secret::tenant_secret;

use serde_json::Value;

/// What is wrong with an answer, in words; never with parts of it that could be secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) String);

fn malformed<T>(what: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed(what.into()))
}

fn array<'a>(answer: &'a Value, of: &str) -> Result<&'a Vec<Value>, Malformed> {
    answer
        .as_array()
        .ok_or_else(|| Malformed(format!("the list of {of} is not a JSON array")))
}

fn text<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field)?.as_str()
}
