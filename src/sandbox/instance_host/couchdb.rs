//! CouchDB as somebody without its credentials meets it.

use http::StatusCode;
use serde_json::json;

use super::application::not_listening;
use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;

/// Answers as CouchDB does: a welcome and its state for everybody, the rest for the admin.
pub(super) fn answer(call: &Call<'_>, ready: bool) -> Reply {
    match (call.path, ready) {
        ("/_up", false) => Reply::json(
            StatusCode::NOT_FOUND,
            &json!({ "status": "maintenance_mode" }),
        ),
        (_, false) => not_listening(),
        ("/_up", true) => Reply::json(StatusCode::OK, &json!({ "status": "ok", "seeds": {} })),
        ("/", true) => Reply::json(
            StatusCode::OK,
            &json!({
                "couchdb": "Welcome",
                "version": "3.4.2",
                "features": ["access-ready", "partitioned", "pluggable-storage-engines", "scheduler"],
                "vendor": { "name": "The Apache Software Foundation" },
            }),
        ),
        ("/_utils", true) => Reply::page("Project Fauxton"),
        (_, true) => Reply::json(
            StatusCode::UNAUTHORIZED,
            &json!({ "error": "unauthorized", "reason": "You are not authorized to access this db." }),
        ),
    }
}
