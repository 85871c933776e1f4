use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::CONNECT_LIMIT;
use crate::model::printable;
use crate::osc::{Dialer, Stream, TransportError, TransportKind};

/// The longest answer of a tunnel that is read.
const LONGEST_HEAD: usize = 1024;

/// Opens a bare connection; the name is resolved and the connection made within the same limit as
/// for a request.
pub(super) async fn dial(
    dialer: &Dialer,
    host: &str,
    port: u16,
) -> Result<Box<dyn Stream>, TransportError> {
    let connecting = async {
        match dialer {
            Dialer::System => straight(host, port).await,
            Dialer::Local { tunnel, .. } => through(*tunnel, host, port).await,
        }
    };
    let stream = tokio::time::timeout(CONNECT_LIMIT, connecting)
        .await
        .map_err(|_| failure(TransportKind::Timeout, "no connection in time"))??;
    Ok(Box::new(stream))
}

async fn straight(host: &str, port: u16) -> Result<TcpStream, TransportError> {
    let found = tokio::net::lookup_host((host, port)).await;
    let addresses: Vec<SocketAddr> = found
        .map_err(|error| failure(TransportKind::Dns, &error.to_string()))?
        .collect();
    connect(&addresses).await
}

async fn through(tunnel: SocketAddr, host: &str, port: u16) -> Result<TcpStream, TransportError> {
    let mut stream = connect(&[tunnel]).await?;
    let broken = |error: std::io::Error| failure(TransportKind::Broken, &error.to_string());
    let request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    let mut head = Vec::new();
    // Byte by byte: what follows the head already belongs to the connection.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LONGEST_HEAD {
            return Err(failure(TransportKind::Broken, "the tunnel makes no sense"));
        }
        head.push(stream.read_u8().await.map_err(broken)?);
    }
    match head.starts_with(b"HTTP/1.1 200 ") {
        true => Ok(stream),
        false => Err(failure(TransportKind::Connect, "connection refused")),
    }
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, TransportError> {
    let connected = TcpStream::connect(addresses).await;
    connected.map_err(|error| failure(TransportKind::Connect, &error.to_string()))
}

fn failure(kind: TransportKind, why: &str) -> TransportError {
    let what = match kind {
        TransportKind::Dns => "the host's name leads nowhere",
        TransportKind::Connect => "no connection to the host",
        _ => "the connection broke",
    };
    TransportError {
        kind,
        message: format!("{what}: {}", printable(why)),
    }
}
