//! What a client sees of each fault, and what took effect.

mod change;
mod create;
mod endpoint;
mod health;
mod measure;
mod ports;
mod read;
mod sign_in;
mod text;
mod token;
mod whole;

use serde_json::json;

use super::client::{Client, VALKEY};

/// A cache that is up, on a platform that now misbehaves in this way.
fn cache_under(fault: &str) -> Client {
    let mut client = Client::subscribed(&[VALKEY]);
    client.create(VALKEY, json!({ "name": "a", "Password": "old" }));
    client.wait(60);
    client.suffer([fault]);
    client
}
