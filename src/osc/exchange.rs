use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

/// The future of an exchange.
pub type Exchanging<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, TransportError>> + Send + 'a>>;

/// The future of a bare connection.
pub type Dialing<'a> =
    Pin<Box<dyn Future<Output = Result<Box<dyn Stream>, TransportError>> + Send + 'a>>;

/// The seam between asking and sending: one request out, one whole answer back.
///
/// Whoever implements it follows no redirects, repeats nothing, answers in bounded time and
/// bounds the size of an answer. Requests carry absolute URLs.
pub trait Exchange: Send + Sync {
    /// Sends a request and collects the answer, whatever its status.
    fn exchange(&self, request: http::Request<Bytes>) -> Exchanging<'_>;

    /// Opens a bare connection, for what speaks something else than HTTP.
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a>;
}

/// A bare connection.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// No answer came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// Where it went wrong.
    pub kind: TransportKind,
    /// What went wrong, without URL, headers or body.
    pub message: String,
}

/// The step of an exchange that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportKind {
    /// Nothing came in time.
    Timeout,
    /// The host's name leads nowhere.
    Dns,
    /// The host does not take connections.
    Connect,
    /// The host could not prove who it is; normal for young hosts (API notes 13.2).
    Tls,
    /// The connection broke, or what came is not HTTP.
    Broken,
    /// The answer is larger than any real one.
    TooLarge,
    /// Nothing could be sent from this machine, which has no certificates to check hosts with.
    NoAuthorities,
}
