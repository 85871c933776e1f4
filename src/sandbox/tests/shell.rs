use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tempfile::tempdir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use super::client::dawn;
use crate::sandbox::{Addressing, Folder, Local, Rules, Shell, State, Timing, World};
use crate::sandbox::{serve, start_local};

pub(super) fn immediate() -> Rules {
    Rules {
        timing: Timing::default().scaled(f64::INFINITY),
        ..Rules::default()
    }
}

fn shell(state: impl Into<State>) -> Arc<Shell> {
    Arc::new(Shell::new(state, immediate(), Arc::new(dawn)))
}

pub(super) fn pat(shell: &Shell) -> String {
    shell
        .with_world(|world| world.personal_access_token(dawn(), None))
        .unwrap()
}

fn connector(authority: &[u8]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.to_vec())).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// Sends a request as it is and reads until the server closes.
pub(super) async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &[u8],
) -> String {
    let _ = stream.write_all(request).await;
    let mut said = Vec::new();
    // Some servers close without the ceremony TLS asks for; what was said counts.
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).into_owned()
}

pub(super) async fn over_tls(local: &Local, host: &str, request: &str) -> std::io::Result<String> {
    let stream = TcpStream::connect(local.address).await?;
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let stream = connector(&local.authority_der)
        .connect(name, stream)
        .await?;
    Ok(exchange(stream, request.as_bytes()).await)
}

pub(super) fn get(host: &str, path: &str, pat: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nx-pat-jwt: Bearer {pat}\r\nConnection: close\r\n\r\n"
    )
}

pub(super) const CATALOG: &str = "catalog.svc.prod.osaas.io";

#[tokio::test]
async fn the_platform_is_reached_over_tls_under_its_own_names() {
    let shell = shell(World::new([1; 32]));
    let local = start_local(shell.clone()).await.unwrap();
    let request = get(CATALOG, "/mysubscriptions", &pat(&shell));
    let said = over_tls(&local, CATALOG, &request).await.unwrap();
    assert!(
        said.starts_with("HTTP/1.1 200 OK") && said.ends_with("\r\n\r\n[]"),
        "{said}"
    );
    let host = "money.svc.prod.osaas.io";
    let said = over_tls(&local, host, &get(host, "/mytenantplan", "abc"))
        .await
        .unwrap();
    assert!(said.starts_with("HTTP/1.1 401"), "{said}");
    assert_eq!(
        shell.requests(),
        ["GET catalog /mysubscriptions", "GET money /mytenantplan"]
    );
    assert_eq!(shell.answered(), 2);
}

#[tokio::test]
async fn hosts_that_are_not_the_platforms_get_no_certificate() {
    let local = start_local(shell(World::new([1; 32]))).await.unwrap();
    for host in ["example.com", "evilosaas.io", "127.0.0.1"] {
        assert!(over_tls(&local, host, "").await.is_err(), "{host}");
    }
}

#[tokio::test]
async fn broken_and_slow_handshakes_hold_up_nobody() {
    let shell = shell(World::new([1; 32]));
    let local = start_local(shell.clone()).await.unwrap();
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(TcpStream::connect(local.address).await.unwrap());
    }
    exchange(
        TcpStream::connect(local.address).await.unwrap(),
        b"GET / HTTP/1.1\r\n\r\n",
    )
    .await;
    let request = get(CATALOG, "/mysubscriptions", &pat(&shell));
    let said = over_tls(&local, CATALOG, &request).await.unwrap();
    assert!(said.starts_with("HTTP/1.1 200 OK"), "{said}");
}

#[tokio::test]
async fn serving_ends_when_the_handle_is_dropped() {
    let local = start_local(shell(World::new([1; 32]))).await.unwrap();
    let address = local.address;
    drop(local);
    // The port is closed once the accepting task has noticed.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_world_in_a_folder_keeps_its_authority_and_its_changes() {
    let directory = tempdir().unwrap();
    let open = || shell(Folder::open(directory.path(), || [2; 32]).unwrap());
    let (one, other) = (open(), open());
    let (first, second) = (
        start_local(one.clone()).await.unwrap(),
        start_local(other.clone()).await.unwrap(),
    );
    assert_eq!(first.authority_der, second.authority_der);
    let body = json!({ "services": ["encore"] }).to_string();
    let request = format!(
        "POST /mysubscriptions HTTP/1.1\r\nHost: {CATALOG}\r\nx-pat-jwt: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        pat(&one),
        body.len()
    );
    let said = over_tls(&first, CATALOG, &request).await.unwrap();
    assert!(said.starts_with("HTTP/1.1 200 OK"), "{said}");
    let request = get(CATALOG, "/mysubscriptions", &pat(&other));
    assert!(
        over_tls(&second, CATALOG, &request)
            .await
            .unwrap()
            .contains("encoreinstance")
    );
}

#[tokio::test]
async fn trouble_with_the_folder_is_told_as_a_500_with_the_reason() {
    let directory = tempdir().unwrap();
    let shell = shell(Folder::open(directory.path(), || [2; 32]).unwrap());
    let local = start_local(shell).await.unwrap();
    std::fs::write(directory.path().join("world.json"), "{").unwrap();
    let said = over_tls(&local, CATALOG, &get(CATALOG, "/", "abc"))
        .await
        .unwrap();
    assert!(
        said.starts_with("HTTP/1.1 500") && said.contains("sandbox reset"),
        "{said}"
    );
}

/// Serves a world under prefixes and sends it one request.
async fn over_http(request: impl FnOnce(&Shell) -> Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let addressing = Addressing::Prefixed {
        base: format!("http://{address}"),
    };
    let rules = Rules {
        addressing,
        ..immediate()
    };
    let shell = Arc::new(Shell::new(World::new([3; 32]), rules, Arc::new(dawn)));
    let request = request(&shell);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, shell, async {
        let _ = stopped.await;
    }));
    let said = exchange(TcpStream::connect(address).await.unwrap(), &request).await;
    stop.send(()).unwrap();
    serving.await.unwrap();
    said
}

#[tokio::test]
async fn a_world_is_served_over_plain_http_until_told_to_stop() {
    let said = over_http(|shell| get("localhost", "/money/mytenantplan", &pat(shell)).into_bytes());
    assert!(said.await.ends_with("{\"name\":\"FREE\"}"));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_with_413() {
    let said = over_http(|_| {
        let limit = 2 * 1024 * 1024;
        let head = format!(
            "POST /token/servicetoken HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n",
            limit + 9
        );
        [head.into_bytes(), vec![b'x'; limit + 1]].concat()
    });
    let said = said.await;
    assert!(
        said.is_empty() || said.starts_with("HTTP/1.1 413"),
        "{said}"
    );
}
