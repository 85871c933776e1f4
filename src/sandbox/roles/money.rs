//! The money role: which plan the workspace is on (API notes 11).

use http::{Method, StatusCode};
use serde_json::json;

use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::credentials;
use crate::sandbox::reply::Reply;

/// Answers at the money host.
pub(crate) fn answer(call: &mut Call<'_>) -> Outcome {
    credentials::personal_access_token(call)?;
    match (call.method(), call.path) {
        (&Method::GET, "/mytenantplan") => Ok(Reply::json(
            StatusCode::OK,
            &json!({ "name": call.world.plan() }),
        )),
        _ => Err(call.route_not_found()),
    }
}
