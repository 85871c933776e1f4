use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use osc_apply::osc::{TransportError, TransportKind};
use osc_apply::sandbox::Cut;

/// What happens instead of, or before, an ordinary answer.
#[derive(Clone)]
pub(crate) enum Then {
    /// This answer; nothing takes effect.
    Answer(u16, &'static str, String),
    /// The request takes effect, the answer is another one.
    TakenButAnswer(u16, &'static str, String),
    /// No answer.
    Broken,
    /// The connection ends without an answer, before or after the request took effect.
    Cut(Cut, Taken),
    /// A gateway gives up; the request takes effect so much later (API notes 13.3).
    Later(Duration),
    /// The request takes effect, its answer comes so much later.
    Slow(Duration),
    /// The request takes effect, half of its answer comes.
    Garbled,
    /// 429, with so many seconds of `Retry-After`; nothing takes effect.
    Busy(Option<u64>),
    /// A refusal that quotes the whole request, credentials and all.
    Echo(u16),
    /// Somebody else sends these requests to a service first: method, service, path, body.
    SomebodyElse(Vec<(&'static str, String)>),
    /// A bug.
    Panic,
    /// The status and JSON that this comes to.
    Call(Arc<dyn Fn() -> (u16, String) + Send + Sync>),
    /// This is done first.
    Do(Arc<dyn Fn() + Send + Sync>),
}

/// Whether a request takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Yes,
    No,
    /// After its answer.
    Later(Duration),
}

impl Then {
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::Answer(status, "application/json", body.to_owned())
    }

    pub(crate) fn reason(status: u16, reason: &str) -> Self {
        Self::json(status, &format!(r#"{{"reason":"{reason}"}}"#))
    }

    pub(crate) fn html(status: u16) -> Self {
        Self::Answer(status, "text/html", PAGE.to_owned())
    }

    pub(crate) fn lost(status: u16) -> Self {
        Self::TakenButAnswer(status, "text/html", PAGE.to_owned())
    }

    pub(crate) fn health(status: &str) -> Self {
        Self::json(200, &format!(r#"{{"status":"{status}"}}"#))
    }

    /// Whether the request takes effect, and what comes back instead of the platform's answer.
    pub(super) fn course(self, request: &http::Request<Bytes>) -> Course {
        let soon = Duration::from_millis(20);
        let (taken, after, end) = match self {
            Self::Answer(status, kind, body) => {
                (Taken::No, soon, End::With(reply(status, kind, &body)))
            }
            Self::Call(answer) => {
                let (status, body) = answer();
                (
                    Taken::No,
                    soon,
                    End::With(reply(status, "application/json", &body)),
                )
            }
            Self::TakenButAnswer(status, kind, body) => {
                (Taken::Yes, soon, End::With(reply(status, kind, &body)))
            }
            Self::Broken => (Taken::No, 1500 * soon, End::Error(timeout())),
            Self::Cut(Cut::Silent, taken) => (taken, 4500 * soon, End::Error(timeout())),
            Self::Cut(cut, taken) => (taken, soon, End::Error(cut_off(cut))),
            Self::Later(later) => (
                Taken::Later(later),
                1500 * soon,
                End::With(reply(504, "text/html", PAGE)),
            ),
            Self::Slow(after) => (Taken::Yes, after, End::Honest),
            Self::Garbled => (Taken::Yes, soon, End::Half),
            Self::Busy(seconds) => (Taken::No, soon, End::With(busy(seconds))),
            Self::Echo(status) => (Taken::No, soon, End::With(echo(status, request))),
            Self::SomebodyElse(_) | Self::Panic | Self::Do(_) => (Taken::Yes, soon, End::Honest),
        };
        Course { taken, after, end }
    }
}

/// The course of one exchange.
pub(super) struct Course {
    pub(super) taken: Taken,
    /// At least so long until the end.
    pub(super) after: Duration,
    pub(super) end: End,
}

/// What comes back.
pub(super) enum End {
    /// The platform's own answer.
    Honest,
    /// Half of it.
    Half,
    /// This one.
    With(http::Response<Bytes>),
    Error(TransportError),
}

impl Course {
    pub(super) fn undisturbed() -> Self {
        Self {
            taken: Taken::Yes,
            after: Duration::from_millis(20),
            end: End::Honest,
        }
    }
}

const PAGE: &str = "<html><head><title>nginx</title></head><body>nginx</body></html>";

/// What a client with the limits of the real one makes of a connection without an answer.
pub(super) fn cut_off(cut: Cut) -> TransportError {
    let (kind, message) = match cut {
        Cut::Refused => (TransportKind::Connect, "connection refused"),
        Cut::Untrusted => (TransportKind::Tls, "invalid peer certificate"),
        Cut::Dropped => (TransportKind::Broken, "the connection broke"),
        Cut::Silent => return timeout(),
    };
    TransportError {
        kind,
        message: message.to_owned(),
    }
}

fn timeout() -> TransportError {
    TransportError {
        kind: TransportKind::Timeout,
        message: "no answer in time".to_owned(),
    }
}

fn busy(seconds: Option<u64>) -> http::Response<Bytes> {
    let mut answer = reply(429, "application/json", r#"{"reason":"slow down"}"#);
    if let Some(seconds) = seconds {
        answer.headers_mut().insert("retry-after", seconds.into());
    }
    answer
}

fn echo(status: u16, request: &http::Request<Bytes>) -> http::Response<Bytes> {
    let body = String::from_utf8_lossy(request.body());
    let headers: Vec<&str> = request
        .headers()
        .values()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let reason = format!("cannot process {body} with {headers:?}");
    let text = serde_json::json!({ "reason": reason }).to_string();
    reply(status, "application/json", &text)
}

fn reply(status: u16, kind: &str, body: &str) -> http::Response<Bytes> {
    http::Response::builder()
        .status(status)
        .header("content-type", kind)
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}
