//! What the misbehaving platform says.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use serde_json::{Value, json};

use super::fault::Fault;
use crate::sandbox::reply::Reply;
use crate::sandbox::service_api;

/// A page of the ingress (API notes 6.2, 13.4).
pub(super) fn page<const STATUS: u16>(_: &Fault) -> Response<Bytes> {
    let status = StatusCode::from_u16(STATUS).unwrap_or(StatusCode::BAD_GATEWAY);
    sent(Reply::nginx(status))
}

/// The admission webhook gives up (API notes 13.4).
pub(super) fn deadline_exceeded(_: &Fault) -> Response<Bytes> {
    reason(
        StatusCode::INTERNAL_SERVER_ERROR,
        "failed calling webhook \"validate.nginx.ingress.kubernetes.io\": context deadline exceeded",
    )
}

/// (API notes 13.4)
pub(super) fn orchestrator_unavailable(_: &Fault) -> Response<Bytes> {
    reason(
        StatusCode::SERVICE_UNAVAILABLE,
        "ORCHESTRATOR_UNAVAILABLE: try again later",
    )
}

/// (API notes 13.4)
pub(super) fn orchestrator_auth_transient(_: &Fault) -> Response<Bytes> {
    reason(
        StatusCode::INTERNAL_SERVER_ERROR,
        "ORCHESTRATOR_AUTH_TRANSIENT: try again later",
    )
}

/// A refusal that quotes what it refuses, secrets and all.
pub(super) fn quoting(request: &Request<Bytes>) -> Response<Bytes> {
    let sent = String::from_utf8_lossy(request.body());
    reason(
        StatusCode::BAD_REQUEST,
        &format!("Cannot process this: {sent}"),
    )
}

/// (API notes 6.2)
pub(super) fn name_taken(fault: &Fault) -> Response<Bytes> {
    reason(fault.status(), service_api::NAME_TAKEN)
}

/// The refusal of a name, with another status (API notes 6.2); anything else as it is.
pub(super) fn taken_as(fault: &Fault, mut response: Response<Bytes>) -> Response<Bytes> {
    if json_of(&response)["reason"] == service_api::NAME_TAKEN {
        *response.status_mut() = fault.status();
    }
    response
}

/// The plan allows no more (API notes 6.5).
pub(super) fn limit(_: &Fault) -> Response<Bytes> {
    reason(
        StatusCode::FORBIDDEN,
        "Your plan does not allow more instances",
    )
}

/// The framework knows no such route, as while a service starts (API notes 6.2).
pub(super) fn route_not_found(_: &Fault) -> Response<Bytes> {
    sent(Reply::route_not_found("GET", "/"))
}

/// What is there is not found (API notes 13.4); what is not, neither.
pub(super) fn absent(_: &Fault, response: Response<Bytes>) -> Response<Bytes> {
    if response.status().is_success() {
        sent(service_api::not_found())
    } else {
        response
    }
}

/// The first half of it.
pub(super) fn truncated(_: &Fault, response: Response<Bytes>) -> Response<Bytes> {
    response.map(|body| body.slice(..body.len().div_ceil(2).min(body.len().saturating_sub(1))))
}

/// Bytes that are neither JSON nor text.
pub(super) fn garbled(_: &Fault, response: Response<Bytes>) -> Response<Bytes> {
    response.map(|_| Bytes::from_static(b"\x1f\x8b\x08\xff{\"name\":\xfe<garbled>"))
}

/// A refusal in the guise of a success (API notes 6.2).
pub(super) fn reason_in_success(_: &Fault) -> Response<Bytes> {
    reason(StatusCode::OK, "Something went wrong")
}

/// No body.
pub(super) fn empty(_: &Fault, response: Response<Bytes>) -> Response<Bytes> {
    response.map(|_| Bytes::new())
}

/// (API notes 6.2)
pub(super) fn unauthorized(_: &Fault) -> Response<Bytes> {
    reason(
        StatusCode::UNAUTHORIZED,
        "Invalid or missing service access token",
    )
}

/// (API notes 6.7)
pub(super) fn starting(_: &Fault, response: Response<Bytes>) -> Response<Bytes> {
    with_status(response, "starting")
}

/// (API notes 6.7)
pub(super) fn failed(response: Response<Bytes>) -> Response<Bytes> {
    with_status(response, "failed")
}

/// (API notes 6.7)
pub(super) fn unknown(_: &Fault, response: Response<Bytes>) -> Response<Bytes> {
    with_status(response, "unknown")
}

/// (API notes 6.7)
pub(super) fn job_condition(_: &Fault, response: Response<Bytes>) -> Response<Bytes> {
    with_status(response, "SuccessCriteriaMet")
}

/// (API notes 6.2)
pub(super) fn no_health(_: &Fault) -> Response<Bytes> {
    sent(service_api::not_found())
}

/// The log with a last line that tells of the end; in the form it had (API notes 6.8).
pub(super) fn failing_log(response: Response<Bytes>) -> Response<Bytes> {
    const LINE: &str = "fatal: cannot start: exit code 1";
    if !response.status().is_success() {
        return response;
    }
    let log = match serde_json::from_slice(response.body()) {
        Ok(Value::Array(mut lines)) => {
            lines.push(json!(LINE));
            json!(lines).to_string()
        }
        Ok(Value::String(text)) => json!(format!("{text}\n{LINE}")).to_string(),
        _ => format!("{}\n{LINE}", String::from_utf8_lossy(response.body())),
    };
    response.map(|_| log.into())
}

/// Nothing listed (API notes 6.8).
pub(super) fn no_ports(_: &Fault, response: Response<Bytes>) -> Response<Bytes> {
    if response.status().is_success() {
        response.map(|_| Bytes::from_static(b"[]"))
    } else {
        response
    }
}

/// (API notes 13.5)
pub(super) fn too_many(fault: &Fault) -> Response<Bytes> {
    let mut response = reason(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
    if let Some(seconds) = fault.retry_after {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The document of a token with another `expiry`.
pub(super) fn expiring(response: Response<Bytes>, expiry: u64) -> Response<Bytes> {
    let mut document = json_of(&response);
    if document["expiry"].is_u64() {
        document["expiry"] = json!(expiry);
        return response.map(|_| document.to_string().into());
    }
    response
}

/// (API notes 2.3)
pub(super) fn invalid_grant(_: &Fault) -> Response<Bytes> {
    let description = "The refresh token is not known any more";
    let document = json!({ "error": "invalid_grant", "error_description": description });
    sent(Reply::json(StatusCode::BAD_REQUEST, &document).with("cache-control", "no-store"))
}

/// The tokens of a sign-in but one (API notes 14, row 25).
pub(super) fn without_refresh_token(_: &Fault, response: Response<Bytes>) -> Response<Bytes> {
    let mut document = json_of(&response);
    let fields = document.as_object_mut();
    match fields.and_then(|fields| fields.shift_remove("refresh_token")) {
        Some(_) => response.map(|_| document.to_string().into()),
        None => response,
    }
}

/// The body as JSON; `null` where it is none.
pub(super) fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

fn with_status(response: Response<Bytes>, status: &str) -> Response<Bytes> {
    let mut document = json_of(&response);
    if !response.status().is_success() {
        return response;
    }
    for field in ["status", "health"] {
        if document[field].is_string() {
            document[field] = json!(status);
        }
    }
    response.map(|_| document.to_string().into())
}

fn reason(status: StatusCode, reason: &str) -> Response<Bytes> {
    sent(Reply::reason(status, reason))
}

fn sent(reply: Reply) -> Response<Bytes> {
    reply.into_parts().0
}
