//! Bare connections to instances, each introduced by `CONNECT host:port`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Shell, converse};
use crate::sandbox::bare::{self, Dialed};

/// How long a client may take to say where it wants to go.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long an address that leads nowhere keeps silent.
const SILENCE: Duration = Duration::from_secs(300);

/// How long to wait after accepting failed, as it does while all file descriptors are in use.
const PAUSE: Duration = Duration::from_millis(50);

/// The most bytes of a head that are read.
const LONGEST_HEAD: usize = 8 * 1024;

/// Takes connections until `stop`, each in a task of its own.
pub(super) async fn run(listener: TcpListener, shell: Arc<Shell>, stop: CancellationToken) {
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => {
                let lead = lead(stream, shell.clone());
                tokio::spawn(stop.clone().run_until_cancelled_owned(lead));
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Leads a connection to where it wants to go; how it ends is the client's business.
async fn lead(mut stream: TcpStream, shell: Arc<Shell>) -> io::Result<()> {
    let Some((host, port)) = timeout(PATIENCE, destination(&mut stream)).await?? else {
        return stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    };
    match shell.dial(host, port).await {
        Dialed::Refused => stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await,
        Dialed::Silent => {
            tokio::time::sleep(SILENCE).await;
            Ok(())
        }
        Dialed::Open(conversation) => {
            let established = b"HTTP/1.1 200 Connection established\r\n\r\n";
            stream.write_all(established).await?;
            converse(stream, conversation).await
        }
    }
}

/// The host and port of a `CONNECT` head; `None` if it is none.
async fn destination(stream: &mut TcpStream) -> io::Result<Option<(String, u16)>> {
    let mut head = Vec::new();
    // Byte by byte: what follows the head already belongs to the connection.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LONGEST_HEAD {
            return Ok(None);
        }
        head.push(stream.read_u8().await?);
    }
    Ok(parse(&String::from_utf8_lossy(&head)))
}

fn parse(head: &str) -> Option<(String, u16)> {
    let target = head
        .strip_prefix("CONNECT ")?
        .split_once(" HTTP/1.1\r\n")?
        .0;
    let (host, port) = target.rsplit_once(':')?;
    Some((host.to_owned(), port.parse().ok()?))
}

impl Shell {
    /// Connects to an instance's external port; refused, too, when the world is not to be had.
    async fn dial(self: Arc<Self>, host: String, port: u16) -> Dialed {
        let dialing = move || {
            self.state
                .with(|world| bare::dial(world, &self.rules, (self.clock)(), &host, port))
        };
        let dialed = tokio::task::spawn_blocking(dialing).await;
        dialed.ok().and_then(Result::ok).unwrap_or(Dialed::Refused)
    }
}
