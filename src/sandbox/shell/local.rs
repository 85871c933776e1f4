//! The platform under its own host names, on a port of the loopback address.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::certificates::Certificates;
use super::handshake::Faces;
use super::{Shell, ShellError, certificates, connections, http, tunnel};

/// A sandbox that serves on the loopback address until this is dropped.
#[derive(Debug)]
pub struct Local {
    /// Where it listens, whatever host a connection is for.
    pub address: SocketAddr,
    /// Where it takes bare connections, each introduced by `CONNECT host:port`.
    pub tunnel: SocketAddr,
    /// The certificate of the authority to trust, in DER.
    pub authority_der: Vec<u8>,
    _serving: DropGuard,
}

/// Starts serving a sandbox over TLS on a free port of the loopback address.
///
/// Any host below `osaas.io` is served with a certificate of its own, made on demand and signed by
/// the world's authority, which is made the first time and kept with the world. Meant for
/// [`Addressing::Osc`](crate::sandbox::Addressing::Osc). Needs a tokio runtime to run in.
///
/// # Errors
///
/// When no port can be had, the certificates cannot be made, or the world cannot be kept.
pub async fn start_local(shell: Arc<Shell>) -> Result<Local, ShellError> {
    let certificates = certificates(&shell).await?;
    let authority_der = certificates.authority_der().to_vec();
    let faces = Arc::new(Faces::new(certificates)?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(ShellError::Listen)?;
    let address = listener.local_addr().map_err(ShellError::Listen)?;
    let tunnels = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(ShellError::Listen)?;
    let tunnel = tunnels.local_addr().map_err(ShellError::Listen)?;
    let stop = CancellationToken::new();
    tokio::spawn(tunnel::run(tunnels, shell.clone(), stop.clone()));
    tokio::spawn(receive(listener, faces, shell, stop.clone()));
    Ok(Local {
        address,
        tunnel,
        authority_der,
        _serving: stop.drop_guard(),
    })
}

async fn receive(
    listener: TcpListener,
    faces: Arc<Faces>,
    shell: Arc<Shell>,
    stop: CancellationToken,
) {
    let serve = |stream| {
        let (faces, shell, stop) = (Arc::clone(&faces), Arc::clone(&shell), stop.clone());
        async move {
            let greeted = stop.run_until_cancelled(faces.greet(stream, &shell)).await;
            if let Some(Some(stream)) = greeted {
                http::converse(stream, shell, stop).await;
            }
        }
    };
    connections::each(listener, &stop, serve).await;
}

/// Takes the world's authority, away from the runtime: it may wait for another process.
async fn certificates(shell: &Arc<Shell>) -> Result<Certificates, ShellError> {
    let shell = Arc::clone(shell);
    let made = tokio::task::spawn_blocking(move || Certificates::of(&shell)).await;
    made.map_err(certificates::failed)?
}
