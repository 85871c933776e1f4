use http::{Method, StatusCode};
use serde_json::Value;

use super::Class;
use super::body::Body;

/// What kind of place was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A host of the platform itself.
    Platform,
    /// The same, at a route that not every platform has: tags and secrets (API notes 6.13, 8).
    Optional,
    /// The same for a secret that is read: an answer may quote it, so that none is.
    Kept,
    /// The collection of a service's instances.
    Collection,
    /// Anything else of a service API.
    Instance,
    /// The log of an instance, which may be any text.
    Log,
}

impl Place {
    fn is_of_the_platform(self) -> bool {
        matches!(self, Self::Platform | Self::Optional | Self::Kept)
    }

    /// Whether not every platform has the route.
    pub(super) fn is_optional(self) -> bool {
        matches!(self, Self::Optional | Self::Kept)
    }
}

/// What is known of an answer besides its body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer<'a> {
    pub(super) place: Place,
    pub(super) method: &'a Method,
    pub(super) status: StatusCode,
}

/// An answer that is not the one hoped for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rejection {
    /// What it means.
    pub(super) class: Class,
    /// Its words as they came: not shortened, and secrets may be in them.
    pub(super) text: String,
    /// Whether the framework said that it has no such route.
    pub(super) no_such_route: bool,
}

/// What an answer means: the one place that looks at status, kind and text of a failure.
///
/// The shapes are those of the API notes 3 (authentication), 6.2 (service APIs), 13.4 (what
/// passes) and 14. Where they leave doubt, nothing is taken for absent.
pub(super) fn classify(answer: Answer<'_>, body: &Body) -> Result<(), Rejection> {
    let class = match answer.status.as_u16() {
        200..=299 => match class_of_success(answer, body) {
            None => return Ok(()),
            Some(class) => class,
        },
        400..=599 => class_of_failure(answer, body),
        // Redirects are not followed: the answer would be another host's.
        _ => Class::Unexpected,
    };
    let text = match body {
        _ if answer.place == Place::Kept => String::new(),
        // Half a document may hold passwords in clear.
        Body::Text(_) if answer.status.is_success() => "it is not JSON".to_owned(),
        body => body.words(),
    };
    Err(Rejection {
        class,
        text,
        no_such_route: is_missing_route(body),
    })
}

/// A success may be a page of something in between, or a refusal in disguise (API notes 6.2). What
/// is only asked is asked again then, as when the answer is cut or garbled.
fn class_of_success(answer: Answer<'_>, body: &Body) -> Option<Class> {
    let asks = answer.method == Method::GET && answer.place != Place::Log;
    match body {
        Body::Html { .. } | Body::Empty | Body::Text(_) if asks => Some(Class::Transient),
        Body::Json(Value::Object(fields)) if asks => {
            let only_refuses = fields.len() == 1 && fields.contains_key("reason");
            only_refuses.then_some(Class::Transient)
        }
        Body::Html { .. } => Some(Class::Unexpected),
        Body::Json(Value::Object(fields)) => {
            let a_result = fields.contains_key("name") || fields.contains_key("serviceId");
            (fields.contains_key("reason") && !a_result).then_some(Class::Refused)
        }
        _ => None,
    }
}

fn class_of_failure(answer: Answer<'_>, body: &Body) -> Class {
    let creates = answer.place == Place::Collection && answer.method == Method::POST;
    match answer.status.as_u16() {
        // In front of a service API stands an nginx that says so while it is being set up.
        401 if !answer.place.is_of_the_platform() && body.is_html() => Class::Transient,
        401 => Class::SignedOut,
        _ if says_unavailable(body) => Class::Transient,
        408 | 429 | 502 | 503 | 504 => Class::Transient,
        402 => Class::Limit,
        404 => class_of_not_found(answer, body),
        405 | 501 => Class::Unsupported,
        500 if is_about_the_token(body) => Class::SignedOut,
        400..=500 if says_taken(body) => Class::Conflict,
        403 if creates => Class::Limit,
        409 => Class::Conflict,
        400..=499 => Class::Refused,
        _ if body.is_html() || says(body, &["context deadline exceeded"]) => Class::Transient,
        _ => Class::Unexpected,
    }
}

/// 404 has many senders; only the service itself knows that an instance is not there.
fn class_of_not_found(answer: Answer<'_>, body: &Body) -> Class {
    let reads = answer.method == Method::GET;
    let optional = answer.place.is_optional();
    let said = match body {
        // Reads flap like this for seconds (API notes 13.4). For an optional route several such
        // answers decide, see `retry::Attempts`.
        _ if is_missing_route(body) && (reads || optional) => return Class::Transient,
        _ if is_missing_route(body) => return Class::Unsupported,
        Body::Html { .. } | Body::Empty => return Class::Transient,
        Body::Json(Value::Object(_)) => body.field("reason").is_some(),
        Body::Json(Value::String(text)) | Body::Text(text) if is_of_a_gateway(text) => {
            return Class::Transient;
        }
        // Only some service APIs say it in a bare text.
        Body::Json(Value::String(text)) | Body::Text(text) => is_short(text) && !optional,
        Body::Json(_) => false,
    };
    match answer.place {
        _ if !said => Class::Unexpected,
        // A collection is there even when it is empty: what is missing is something else.
        Place::Collection if reads => Class::Unexpected,
        Place::Collection => Class::Refused,
        Place::Platform | Place::Optional | Place::Kept | Place::Instance | Place::Log => {
            Class::Absent
        }
    }
}

/// Fastify's `Route GET:/x not found`: the service is starting, or has no such operation.
fn is_missing_route(body: &Body) -> bool {
    let words = body.words();
    words.starts_with("Route ") && words.ends_with(" not found")
}

/// The plain 404 texts of ingresses, which know nothing about instances.
fn is_of_a_gateway(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("default backend") || text.contains("page not found")
}

fn is_short(text: &str) -> bool {
    text.len() <= 200 && text.trim().lines().count() == 1
}

/// A refused token comes as 500, because the error has no form that Fastify may send
/// (API notes 3).
fn is_about_the_token(body: &Body) -> bool {
    body.field("code") == Some("FST_ERR_FAILED_ERROR_SERIALIZATION") || says(body, &["bearer"])
}

fn says_taken(body: &Body) -> bool {
    says(body, &["already taken", "already exists"])
}

fn says_unavailable(body: &Body) -> bool {
    const CODES: [&str; 2] = ["orchestrator_unavailable", "orchestrator_auth_transient"];
    says(body, &CODES)
        || body
            .field("code")
            .is_some_and(|code| CODES.contains(&code.to_lowercase().as_str()))
}

fn says(body: &Body, lower_case: &[&str]) -> bool {
    let words = body.words().to_lowercase();
    !body.is_html() && lower_case.iter().any(|text| words.contains(text))
}

#[cfg(test)]
mod tests;
