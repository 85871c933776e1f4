//! Encore, a Spring Boot application, without any jobs.

use http::StatusCode;
use serde_json::json;

use super::application::not_listening;
use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;

/// Answers as Encore does; `None` for the page of its documentation.
pub(super) fn answer(call: &Call<'_>, ready: bool) -> Option<Reply> {
    match (call.path, ready) {
        ("/actuator/health", false) => Some(Reply::json(
            StatusCode::SERVICE_UNAVAILABLE,
            &json!({ "status": "DOWN" }),
        )),
        (_, false) => Some(not_listening()),
        ("/swagger-ui/index.html", true) => None,
        ("/actuator/health", true) => Some(Reply::json(StatusCode::OK, &json!({ "status": "UP" }))),
        ("/encoreJobs", true) => Some(Reply::json(
            StatusCode::OK,
            &json!({
                "_embedded": { "encoreJobs": [] },
                "page": { "size": 20, "totalElements": 0, "totalPages": 0, "number": 0 },
            }),
        )),
        (path, true) => Some(Reply::json(
            StatusCode::NOT_FOUND,
            &json!({
                "timestamp": call.now.rfc3339(),
                "status": 404,
                "error": "Not Found",
                "path": path,
            }),
        )),
    }
}
