//! From a request on the wire to an answer on it, or to none.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Shell, connections};
use crate::sandbox::answer::{Answer, Cut};
use crate::sandbox::reply::Reply;

/// The longest body read, in bytes.
const LONGEST_BODY: usize = 2 * 1024 * 1024;

/// Serves a sandbox over plain HTTP until `until` is ready.
///
/// Requests under way are then given a second to end. Meant for
/// [`Addressing::Prefixed`](crate::sandbox::Addressing::Prefixed).
pub async fn serve(listener: TcpListener, shell: Arc<Shell>, until: impl Future<Output = ()>) {
    let stop = CancellationToken::new();
    let stopping = async {
        until.await;
        stop.cancel();
    };
    let serving = connections::each(listener, &stop, |stream| {
        converse(stream, Arc::clone(&shell), stop.clone())
    });
    tokio::join!(serving, stopping);
}

/// Answers the requests of a connection, until it ends or the one under way when told to stop.
pub(super) async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    shell: Arc<Shell>,
    stop: CancellationToken,
) {
    let service = service_fn(|request| respond(Arc::clone(&shell), request));
    let conversation = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut conversation = pin!(conversation);
    tokio::select! {
        // How it failed concerns the client alone.
        _ = conversation.as_mut() => return,
        () = stop.cancelled() => conversation.as_mut().graceful_shutdown(),
    }
    let _ = conversation.await;
}

/// The error closes the connection.
async fn respond(
    shell: Arc<Shell>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, &'static str> {
    let (head, body) = request.into_parts();
    let answer = match Limited::new(body, LONGEST_BODY).collect().await {
        Ok(body) => answer(&shell, Request::from_parts(head, body.to_bytes())).await,
        Err(_) => from_reply(Reply::fastify(
            StatusCode::PAYLOAD_TOO_LARGE,
            "FST_ERR_CTP_BODY_TOO_LARGE",
            "Request body is too large",
        )),
    };
    tokio::time::sleep(answer.after).await;
    match answer.response {
        Ok(response) => Ok(response.map(Full::new)),
        Err(Cut::Silent) => pending().await,
        Err(Cut::Refused | Cut::Untrusted | Cut::Dropped) => Err("the connection is cut"),
    }
}

async fn answer(shell: &Arc<Shell>, request: Request<Bytes>) -> Answer {
    let answered = shell.unblocked(move |shell| shell.answer(&request)).await;
    answered.unwrap_or_else(|trouble| {
        // The sandbox's own trouble, in the platform's shape.
        from_reply(Reply::reason(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("Sandbox: {trouble}"),
        ))
    })
}

fn from_reply(reply: Reply) -> Answer {
    let (response, after) = reply.into_parts();
    Answer::at_once(Ok(response)).later(after)
}
