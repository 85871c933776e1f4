use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::model::printable;
use crate::osc::{Exchange, TransportError, conceal};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const LONGEST_WORDS: usize = 200;

/// A field of a form.
pub(super) enum Field<'a> {
    Plain(&'a str),
    Secret(&'a SecretString),
}

impl Field<'_> {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose_secret(),
        }
    }
}

/// What a server of sign-ins answers where it does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the answer.
    pub status: u16,
    /// The code of RFC 6749, such as `invalid_grant`, where the answer has one.
    pub code: Option<String>,
    /// The server's own words, printable and without the secrets that the request carried.
    pub words: Option<String>,
}

impl Refusal {
    /// Code and words, or the status where there are none.
    pub fn text(&self) -> String {
        match (&self.code, &self.words) {
            (Some(code), Some(words)) => format!("{words} ({code})"),
            (Some(text), None) | (None, Some(text)) => text.clone(),
            (None, None) => format!("HTTP {}", self.status),
        }
    }

    /// Whether the server may change its mind.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.status, 408 | 429 | 500..)
    }
}

/// Sends a form; the content type that token endpoints insist on (API notes 2.3).
pub(super) async fn post_form(
    exchange: &dyn Exchange,
    url: &Url,
    fields: &[(&str, Field<'_>)],
) -> Result<Response<Bytes>, TransportError> {
    let body = Serializer::new(String::new())
        .extend_pairs(fields.iter().map(|(name, field)| (name, field.text())))
        .finish();
    send(exchange, Method::POST, url, Some((FORM, body))).await
}

/// Sends a JSON document.
pub(super) async fn post_json(
    exchange: &dyn Exchange,
    url: &Url,
    document: &Value,
) -> Result<Response<Bytes>, TransportError> {
    let body = document.to_string();
    send(exchange, Method::POST, url, Some((JSON, body))).await
}

/// Asks for a document.
pub(super) async fn get(
    exchange: &dyn Exchange,
    url: &Url,
) -> Result<Response<Bytes>, TransportError> {
    send(exchange, Method::GET, url, None).await
}

async fn send(
    exchange: &dyn Exchange,
    method: Method,
    url: &Url,
    body: Option<(HeaderValue, String)>,
) -> Result<Response<Bytes>, TransportError> {
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = method.clone();
    // A `Url` with a host is always a URI; the error would be that of a request without one.
    *request.uri_mut() = url.as_str().parse().unwrap_or_default();
    request.headers_mut().insert(ACCEPT, JSON);
    if let Some((content_type, body)) = body {
        request.headers_mut().insert(CONTENT_TYPE, content_type);
        *request.body_mut() = body.into();
    }
    let answered = exchange.exchange(request).await;
    match &answered {
        Ok(answer) => tracing::debug!("{method} {url} -> {}", answer.status().as_u16()),
        Err(error) => tracing::debug!("{method} {url} -> {:?}", error.kind),
    }
    answered
}

/// The document of a good answer.
///
/// # Errors
/// What the server says instead, without any of `secrets`. A good status without JSON is a
/// refusal, too.
pub(super) fn document(answer: &Response<Bytes>, secrets: &[&str]) -> Result<Value, Refusal> {
    let json: Option<Value> = serde_json::from_slice(answer.body()).ok();
    match json {
        Some(json) if answer.status().is_success() => Ok(json),
        json => Err(refusal(answer.status().as_u16(), json.as_ref(), secrets)),
    }
}

fn refusal(status: u16, json: Option<&Value>, secrets: &[&str]) -> Refusal {
    let text = |name: &str| {
        let text = json?.get(name)?.as_str()?;
        Some(said(text, secrets))
    };
    // Errors of the framework behind a platform host have an `error` of their own, which is no
    // code: words with spaces (API notes 6.2).
    let code = text("error").filter(|code| !code.contains(' '));
    let words = ["error_description", "reason", "message"]
        .into_iter()
        .find_map(text);
    Refusal {
        status,
        code,
        words,
    }
}

/// What somebody else says, fit to be shown.
pub(super) fn said(text: &str, secrets: &[&str]) -> String {
    let line: String = text
        .chars()
        .map(|it| if it.is_whitespace() { ' ' } else { it })
        .collect();
    let text = conceal(&printable(&line), secrets);
    match text.char_indices().nth(LONGEST_WORDS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
