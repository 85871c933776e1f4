//! The parameter store without any parameters (API notes 9.2).

use http::{Method, StatusCode};
use serde_json::json;

use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;

/// Answers as the parameter store does; `None` for the page of its documentation.
///
/// It listens before it has its routes. Writing parameters is not emulated.
pub(super) fn answer(call: &Call<'_>, ready: bool) -> Option<Reply> {
    if !ready || call.method() != Method::GET {
        return Some(call.route_not_found());
    }
    match call.segments().as_slice() {
        ["api", "docs"] => None,
        ["api"] => Some(Reply::text(
            StatusCode::OK,
            "Hello, world! I am App Config Service",
        )),
        ["api", "v1", "config"] => Some(Reply::json(
            StatusCode::OK,
            &json!({ "offset": 0, "limit": 20, "total": 0, "items": [] }),
        )),
        ["api", "v1", "config", key] if !key.is_empty() => Some(Reply::reason(
            StatusCode::NOT_FOUND,
            format!("Config value for key '{key}' not found"),
        )),
        _ => Some(call.route_not_found()),
    }
}
