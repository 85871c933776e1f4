//! Answers in the styles OSC has: its own JSON, Fastify's errors, nginx's pages (API notes 6.2).

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

const JSON: &str = "application/json; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html";

/// An answer that is still small enough to be an error value.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    content_type: Option<&'static str>,
    headers: Vec<(&'static str, Cow<'static, str>)>,
    body: Bytes,
    after: Duration,
}

impl Reply {
    /// A JSON document.
    pub(crate) fn json(status: StatusCode, document: &Value) -> Reply {
        Reply::new(status, Some(JSON), document.to_string())
    }

    /// Plain text.
    pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Reply {
        Reply::new(status, Some(TEXT), text.into())
    }

    /// A body of another type; without one, of none.
    pub(crate) fn typed(
        status: StatusCode,
        content_type: &'static str,
        body: impl Into<String>,
    ) -> Reply {
        let content_type = Some(content_type).filter(|it| !it.is_empty());
        Reply::new(status, content_type, body.into())
    }

    /// A small HTML page.
    pub(crate) fn page(text: &str) -> Reply {
        let page = format!("<!doctype html>\n<title>{text}</title>\n<p>{text}</p>\n");
        Reply::new(StatusCode::OK, Some(HTML), page)
    }

    /// Done, and nothing to say.
    pub(crate) fn empty() -> Reply {
        Reply::new(StatusCode::NO_CONTENT, None, String::new())
    }

    /// A refusal in the platform's own shape, `{reason}`.
    pub(crate) fn reason(status: StatusCode, reason: impl Into<String>) -> Reply {
        Reply::json(status, &json!({ "reason": reason.into() }))
    }

    /// An error of the framework, `{statusCode, code, error, message}`.
    pub(crate) fn fastify(status: StatusCode, code: &str, message: impl Into<String>) -> Reply {
        let document = json!({
            "statusCode": status.as_u16(),
            "code": code,
            "error": status.canonical_reason().unwrap_or_default(),
            "message": message.into(),
        });
        Reply::json(status, &document)
    }

    /// A body that does not fit the schema of its route.
    pub(crate) fn invalid(message: impl Into<String>) -> Reply {
        Reply::fastify(StatusCode::BAD_REQUEST, "FST_ERR_VALIDATION", message)
    }

    /// A route that does not exist; `url` is path and query.
    pub(crate) fn route_not_found(method: &str, url: &str) -> Reply {
        let document = json!({
            "message": format!("Route {method}:{url} not found"),
            "error": "Not Found",
            "statusCode": 404,
        });
        Reply::json(StatusCode::NOT_FOUND, &document)
    }

    /// A page of the ingress in front of everything.
    pub(crate) fn nginx(status: StatusCode) -> Reply {
        let title = match status {
            // nginx has words of its own for these two.
            StatusCode::UNAUTHORIZED => "401 Authorization Required".to_owned(),
            StatusCode::SERVICE_UNAVAILABLE => "503 Service Temporarily Unavailable".to_owned(),
            other => other.to_string(),
        };
        let page = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
             <center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n\
             </body>\r\n</html>\r\n"
        );
        Reply::new(status, Some(HTML), page)
    }

    /// The same answer, sent only after a while.
    pub(crate) fn after(self, after: Duration) -> Reply {
        Reply { after, ..self }
    }

    /// The same answer with a header, its name in lower case, in place of one of that name.
    ///
    /// A value that no header can have leaves it out.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }

    /// The response, and how long to wait before sending it.
    pub(crate) fn into_parts(self) -> (Response<Bytes>, Duration) {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        if let Some(content_type) = self.content_type {
            let value = HeaderValue::from_static(content_type);
            response.headers_mut().insert(header::CONTENT_TYPE, value);
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        (response, self.after)
    }

    fn new(status: StatusCode, content_type: Option<&'static str>, body: String) -> Reply {
        Reply {
            status,
            content_type,
            headers: Vec::new(),
            body: Bytes::from(body),
            after: Duration::ZERO,
        }
    }
}
