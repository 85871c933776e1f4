//! From a request on the wire to an answer on it.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{self, Body};
use axum::extract::State;
use axum::serve::Listener;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Shell;
use crate::sandbox::answer::Answer;
use crate::sandbox::reply::Reply;

/// The longest body read, in bytes.
const LONGEST_BODY: usize = 2 * 1024 * 1024;

/// How long requests under way are waited for when serving ends.
const GRACE: Duration = Duration::from_secs(1);

/// Serves a sandbox over plain HTTP until `until` is ready.
///
/// Requests under way are then given a second to end. Meant for
/// [`Addressing::Prefixed`](crate::sandbox::Addressing::Prefixed).
///
/// # Errors
///
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    shell: Arc<Shell>,
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    run(listener, shell, until).await
}

/// Serves a sandbox over connections of any kind.
pub(super) async fn run<L>(
    listener: L,
    shell: Arc<Shell>,
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let ended = CancellationToken::new();
    let ending = ended.clone();
    let until = async move {
        until.await;
        ending.cancel();
    };
    let out_of_patience = async {
        ended.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    let router: Router = Router::new().fallback(handle).with_state(shell);
    tokio::select! {
        served = axum::serve(listener, router).with_graceful_shutdown(until).into_future() => served,
        () = out_of_patience => Ok(()),
    }
}

async fn handle(State(shell): State<Arc<Shell>>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let answer = match body::to_bytes(body, LONGEST_BODY).await {
        Ok(body) => answer(shell, Request::from_parts(head, body)).await,
        Err(_) => from_reply(Reply::fastify(
            StatusCode::PAYLOAD_TOO_LARGE,
            "FST_ERR_CTP_BODY_TOO_LARGE",
            "Request body is too large",
        )),
    };
    tokio::time::sleep(answer.after).await;
    match answer.response {
        Ok(response) => response.map(Body::from),
        Err(_) => std::future::pending().await,
    }
}

async fn answer(shell: Arc<Shell>, request: Request<Bytes>) -> Answer {
    let answered = if shell.state.may_block() {
        tokio::task::spawn_blocking(move || shell.answer(&request)).await
    } else {
        Ok(shell.answer(&request))
    };
    match answered {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => trouble(&error.to_string()),
        Err(error) => trouble(&error.to_string()),
    }
}

/// Tells of the sandbox's own trouble in the platform's shape.
fn trouble(what: &str) -> Answer {
    from_reply(Reply::reason(
        StatusCode::INTERNAL_SERVER_ERROR,
        format!("Sandbox: {what}"),
    ))
}

fn from_reply(reply: Reply) -> Answer {
    let (response, after) = reply.into_parts();
    Answer {
        response: Ok(response),
        after,
    }
}
