//! What meets a new connection: a handshake, the wrong certificate, or nothing (API notes 13.2).

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::server::Acceptor;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::certificates::{self, Certificates};
use super::{Shell, ShellError};
use crate::sandbox::answer::Cut;

/// How long a client may take for each half of its handshake, and how long silence is kept.
const PATIENCE: Duration = Duration::from_secs(10);

/// The two faces a host can show.
pub(super) struct Faces {
    trusted: Arc<ServerConfig>,
    untrusted: Arc<ServerConfig>,
}

impl Faces {
    /// Of the world's own authority, and of one that nobody knows.
    pub(super) fn new(own: Certificates) -> Result<Faces, ShellError> {
        Ok(Faces {
            trusted: config(own)?,
            untrusted: config(Certificates::of_nobody()?)?,
        })
    }

    /// Shakes hands as is right for the host that is asked for now; nothing where that fails.
    pub(super) async fn greet(
        &self,
        stream: TcpStream,
        shell: &Arc<Shell>,
    ) -> Option<TlsStream<TcpStream>> {
        let hello = LazyConfigAcceptor::new(Acceptor::default(), stream);
        let hello = timeout(PATIENCE, hello).await.ok()?.ok()?;
        let host = hello.client_hello().server_name()?.to_owned();
        let cut = shell.unblocked(move |shell| shell.connection(&host));
        // Trouble with the world is told when it is asked something.
        let config = match cut.await.unwrap_or_default() {
            None => &self.trusted,
            Some(Cut::Untrusted) => &self.untrusted,
            Some(Cut::Refused | Cut::Dropped) => return None,
            Some(Cut::Silent) => {
                sleep(PATIENCE).await;
                return None;
            }
        };
        let shaken = hello.into_stream(Arc::clone(config));
        timeout(PATIENCE, shaken).await.ok()?.ok()
    }
}

fn config(certificates: Certificates) -> Result<Arc<ServerConfig>, ShellError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(certificates::failed)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
