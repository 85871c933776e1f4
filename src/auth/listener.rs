use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::AuthError;
use super::callback::{Callback, Expected};
use super::page::{self, Page};

/// How often a port that is free on one loopback address only is given up for another.
const TRIES: usize = 16;
const HEADER_LIMIT: Duration = Duration::from_secs(10);
const LAST_WORDS_LIMIT: Duration = Duration::from_secs(2);
const MOST_CONNECTIONS: usize = 64;

/// Where the browser comes back to: a port of this machine that nobody else can reach.
pub(super) struct Listener {
    sockets: Vec<TcpListener>,
    port: u16,
}

impl Listener {
    /// Listens on 127.0.0.1 and, where there is such a thing, ::1, at one and the same port:
    /// this one, or a free one. Browsers take `localhost` for either.
    ///
    /// # Errors
    /// Where the port is taken on one of them.
    pub(super) async fn bind(port: Option<u16>) -> Result<Self, AuthError> {
        for _ in 0..TRIES {
            let first = socket(Ipv4Addr::LOCALHOST.into(), port.unwrap_or(0)).await?;
            let chosen = first.local_addr().map_err(AuthError::NoListener)?.port();
            match socket(Ipv6Addr::LOCALHOST.into(), chosen).await {
                Ok(second) => return Ok(Self::of(vec![first, second], chosen)),
                Err(AuthError::PortTaken { .. }) if port.is_none() => {}
                Err(taken @ AuthError::PortTaken { .. }) => return Err(taken),
                Err(_) => return Ok(Self::of(vec![first], chosen)),
            }
        }
        Err(AuthError::NoListener(ErrorKind::AddrInUse.into()))
    }

    fn of(sockets: Vec<TcpListener>, port: u16) -> Self {
        Self { sockets, port }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Begins to answer.
    pub(super) fn serve(self, expected: Expected) -> Reception {
        let (first, heard) = oneshot::channel();
        let desk = Arc::new(Desk {
            expected,
            first: Mutex::new(Some(first)),
            turned_away: TurnedAway::default(),
        });
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(self.sockets, Arc::clone(&desk), stop.clone()));
        Reception {
            desk,
            heard,
            serving,
            stop: stop.drop_guard(),
        }
    }
}

async fn socket(address: IpAddr, port: u16) -> Result<TcpListener, AuthError> {
    let bound = TcpListener::bind((address, port)).await;
    bound.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => AuthError::PortTaken { port },
        _ => AuthError::NoListener(error),
    })
}

/// A listener at work; dropping it closes its port.
pub(super) struct Reception {
    desk: Arc<Desk>,
    heard: oneshot::Receiver<Heard>,
    serving: JoinHandle<()>,
    stop: DropGuard,
}

/// The first callback of our own request.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) callback: Callback,
    answer: oneshot::Sender<Page>,
}

/// How many requests were not the one that was waited for.
#[derive(Debug, Default)]
struct TurnedAway {
    wrong_state: AtomicU32,
    elsewhere: AtomicU32,
}

struct Desk {
    expected: Expected,
    first: Mutex<Option<oneshot::Sender<Heard>>>,
    turned_away: TurnedAway,
}

impl Reception {
    /// Waits for the callback of our own request.
    ///
    /// # Errors
    /// When it has not come within `limit`, with what came instead.
    pub(super) async fn hear(&mut self, limit: Duration) -> Result<Heard, AuthError> {
        match tokio::time::timeout(limit, &mut self.heard).await {
            Ok(Ok(heard)) => Ok(heard),
            Ok(Err(_)) | Err(_) => {
                let count = |count: &AtomicU32| count.load(Ordering::Relaxed);
                Err(AuthError::NoCallback {
                    limit,
                    wrong_state: count(&self.desk.turned_away.wrong_state),
                    elsewhere: count(&self.desk.turned_away.elsewhere),
                })
            }
        }
    }

    /// Shows the browser how it ended, and closes the port.
    pub(super) async fn close(self, heard: Heard, page: Page) {
        // A browser that went away has no use for it.
        let _ = heard.answer.send(page);
        drop(self.stop);
        let _ = tokio::time::timeout(LAST_WORDS_LIMIT, self.serving).await;
    }
}

async fn serve(sockets: Vec<TcpListener>, desk: Arc<Desk>, stop: CancellationToken) {
    let (accepted, mut streams) = mpsc::channel(1);
    let mut accepting = JoinSet::new();
    for socket in sockets {
        accepting.spawn(accept(socket, accepted.clone()));
    }
    let mut conversations = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(stream) = streams.recv(), if conversations.len() < MOST_CONNECTIONS => {
                conversations.spawn(converse(stream, Arc::clone(&desk), stop.clone()));
            }
            Some(_) = conversations.join_next() => {}
        }
    }
    accepting.shutdown().await;
    while conversations.join_next().await.is_some() {}
}

async fn accept(socket: TcpListener, accepted: mpsc::Sender<TcpStream>) {
    loop {
        match socket.accept().await {
            Ok((stream, _)) => {
                if accepted.send(stream).await.is_err() {
                    return;
                }
            }
            // Most often a client that is gone again, or too many open files for a moment.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn converse(stream: TcpStream, desk: Arc<Desk>, stop: CancellationToken) {
    let service = service_fn(|request| desk.answer(request));
    let conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    let mut conversation = pin!(conversation);
    tokio::select! {
        // How it failed concerns the browser alone.
        _ = conversation.as_mut() => return,
        () = stop.cancelled() => conversation.as_mut().graceful_shutdown(),
    }
    let _ = conversation.await;
}

impl Desk {
    async fn answer<B>(&self, request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
        let response = match self.expected.read(&request) {
            Callback::Elsewhere => {
                self.turned_away.elsewhere.fetch_add(1, Ordering::Relaxed);
                page::nothing()
            }
            Callback::WrongState => {
                self.turned_away.wrong_state.fetch_add(1, Ordering::Relaxed);
                Page::wrong_state().response()
            }
            ours => self.first(ours).await.response(),
        };
        Ok(response.map(Full::new))
    }

    /// Hands the first callback over, and waits for how it ends.
    async fn first(&self, callback: Callback) -> Page {
        let first = self.first.lock().map(|mut first| first.take());
        let Some(first) = first.unwrap_or_else(|poisoned| poisoned.into_inner().take()) else {
            return Page::second();
        };
        let (answer, ended) = oneshot::channel();
        let _ = first.send(Heard { callback, answer });
        let gone = Page::failed("osc-apply is no longer there");
        ended.await.unwrap_or(gone)
    }
}

#[cfg(test)]
mod tests;
