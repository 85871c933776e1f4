//! Accepting TLS connections without letting one stop another.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

/// How long a client may take for its handshake.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait after accepting failed, as it does while all file descriptors are in use.
const PAUSE: Duration = Duration::from_millis(50);

type Connection = (TlsStream<TcpStream>, SocketAddr);

/// Hands out connections whose handshake is done.
///
/// Each handshake runs in a task of its own, so a slow or broken one holds up nobody; those that
/// fail are dropped.
pub(super) struct TlsListener {
    address: SocketAddr,
    ready: mpsc::Receiver<Connection>,
}

impl TlsListener {
    /// Starts accepting, until `stop`.
    pub(super) fn start(
        listener: TcpListener,
        address: SocketAddr,
        config: Arc<ServerConfig>,
        stop: CancellationToken,
    ) -> TlsListener {
        let (done, ready) = mpsc::channel(16);
        tokio::spawn(stop.run_until_cancelled_owned(accept(listener, config.into(), done)));
        TlsListener { address, ready }
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Connection {
        match self.ready.recv().await {
            Some(connection) => connection,
            // Nothing accepts any more; the server is about to be told to stop.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, done: mpsc::Sender<Connection>) {
    loop {
        match listener.accept().await {
            Ok((stream, from)) => {
                tokio::spawn(shake_hands(acceptor.clone(), stream, from, done.clone()));
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn shake_hands(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    from: SocketAddr,
    done: mpsc::Sender<Connection>,
) {
    if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await {
        // The only failure is that the server has ended meanwhile.
        let _ = done.send((stream, from)).await;
    }
}
