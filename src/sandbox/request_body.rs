//! How Fastify reads a request's body before a handler sees it (API notes 3, 6.2).

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use serde_json::Value;

use super::reply::Reply;

/// The body as JSON; `null` when there is none.
///
/// Refuses with Fastify's own errors: an empty body announced as JSON, JSON that does not parse,
/// a content type it has no parser for. A DELETE is read only when it says how long its body is.
pub(crate) fn read(request: &Request<Bytes>) -> Result<Value, Reply> {
    let headers = request.headers();
    let framed = headers.contains_key(header::CONTENT_LENGTH)
        || headers.contains_key(header::TRANSFER_ENCODING);
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .map(|value| value.as_bytes());
    if request.method() == Method::DELETE && !(framed && content_type.is_some()) {
        return Ok(Value::Null);
    }
    let Some(content_type) = content_type else {
        return if request.body().is_empty() {
            Ok(Value::Null)
        } else {
            Err(unsupported(""))
        };
    };
    let content_type = String::from_utf8_lossy(content_type);
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => json(request.body()),
        "text/plain" => Ok(Value::String(
            String::from_utf8_lossy(request.body()).into_owned(),
        )),
        _ => Err(unsupported(&content_type)),
    }
}

/// The text a body has under a name, else the refusal that its schema makes; that never shows what
/// was sent.
pub(crate) fn text<'b>(body: &'b Value, name: &str) -> Result<&'b str, Reply> {
    match body.get(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Reply::invalid(format!("body/{name} must be string"))),
        None => Err(Reply::invalid(format!(
            "body must have required property '{name}'"
        ))),
    }
}

fn json(body: &Bytes) -> Result<Value, Reply> {
    if body.is_empty() {
        return Err(Reply::fastify(
            StatusCode::BAD_REQUEST,
            "FST_ERR_CTP_EMPTY_JSON_BODY",
            "Body cannot be empty when content-type is set to 'application/json'",
        ));
    }
    serde_json::from_slice(body).map_err(|_| {
        Reply::fastify(
            StatusCode::BAD_REQUEST,
            "FST_ERR_CTP_INVALID_JSON_BODY",
            "Body is not valid JSON but content-type is set to 'application/json'",
        )
    })
}

/// The refusal of a content type there is no parser for.
pub(crate) fn unsupported(content_type: &str) -> Reply {
    Reply::fastify(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "FST_ERR_CTP_INVALID_MEDIA_TYPE",
        format!("Unsupported Media Type: {content_type}"),
    )
}
