use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Answers one connection and returns the request's head.
async fn serve_once(listener: TcpListener, answer: &'static str) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let head = read_head(&mut stream).await;
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    head
}

async fn read_head(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

fn get(url: &str) -> http::Request<Bytes> {
    http::Request::get(url)
        .header("x-jwt", "Bearer t")
        .body(Bytes::new())
        .unwrap()
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[tokio::test]
async fn a_request_over_loopback_is_answered() {
    let (listener, address) = listen().await;
    let answer = "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\n\
                  content-length: 2\r\n\r\n{}";
    let server = tokio::spawn(serve_once(listener, answer));
    let network = Network::new(Dialer::System, "1.2.3");
    let answer = network
        .exchange(get(&format!("http://{address}/health/a%20b")))
        .await
        .unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.body().as_ref(), b"{}");
    let head = server.await.unwrap();
    assert!(head.starts_with("GET /health/a%20b HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("user-agent: osc-apply/1.2.3\r\n"), "{head}");
    assert!(head.contains("x-jwt: Bearer t\r\n"), "{head}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (listener, address) = listen().await;
    let answer = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    tokio::spawn(serve_once(listener, answer));
    let network = Network::new(Dialer::System, "1.2.3");
    let answer = network.exchange(get(&format!("http://{address}/"))).await;
    assert_eq!(answer.unwrap().status(), 302);
}

#[tokio::test]
async fn a_host_that_takes_no_connections_is_told_from_one_that_breaks_off() {
    let network = Network::new(Dialer::System, "1.2.3");
    let (listener, address) = listen().await;
    drop(listener);
    let refused = network.exchange(get(&format!("http://{address}/"))).await;
    assert_eq!(refused.unwrap_err().kind, TransportKind::Connect);

    let (listener, address) = listen().await;
    tokio::spawn(serve_once(
        listener,
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
    ));
    let broken = network.exchange(get(&format!("http://{address}/"))).await;
    let error = broken.unwrap_err();
    assert_eq!(error.kind, TransportKind::Broken);
    assert!(!format!("{error} {error:?}").contains("Bearer t"));
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        let block = vec![b'a'; 1 << 20];
        while sent.is_ok() {
            sent = stream.write_all(&block).await;
        }
    });
    let network = Network::new(Dialer::System, "1.2.3");
    let answer = network.exchange(get(&format!("http://{address}/"))).await;
    assert_eq!(answer.unwrap_err().kind, TransportKind::TooLarge);
}

/// Takes one connection, reads a request and says nothing, or this again and again.
async fn never_end(listener: TcpListener, first: &'static [u8], then: &'static [u8]) {
    let (mut stream, _) = listener.accept().await.unwrap();
    read_head(&mut stream).await;
    stream.write_all(first).await.unwrap();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if stream.write_all(then).await.is_err() {
            break;
        }
    }
}

/// How a request to such a server ends, and after how many seconds.
async fn given_up(first: &'static [u8], then: &'static [u8]) -> (TransportKind, u64) {
    let (listener, address) = listen().await;
    tokio::spawn(never_end(listener, first, then));
    let network = Network::new(Dialer::System, "1.2.3");
    let begun = tokio::time::Instant::now();
    let answer = network.exchange(get(&format!("http://{address}/"))).await;
    (answer.unwrap_err().kind, begun.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn silence_before_and_within_an_answer_is_given_up_after_75_seconds() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{";
    for first in [&b""[..], half] {
        assert_eq!(given_up(first, b"").await, (TransportKind::Timeout, 75));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_trickles_in_is_given_up_after_90_seconds() {
    let endless = b"HTTP/1.1 200 OK\r\n\r\n";
    assert_eq!(given_up(endless, b"a").await, (TransportKind::Timeout, 90));
}

#[cfg(feature = "sandbox")]
mod dialed {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
    use tokio_rustls::TlsAcceptor;

    use super::*;

    const HOST: &str = "api-valkey-io-valkey.auto.prod-se.osaas.io";

    /// An authority (DER) and a server for [`HOST`] that it vouches for.
    fn authority() -> (Vec<u8>, TlsAcceptor) {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let der = authority
            .self_signed(&authority_key)
            .unwrap()
            .der()
            .to_vec();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([HOST.to_owned()])
            .unwrap()
            .signed_by(&key, &issuer)
            .unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        (der, TlsAcceptor::from(Arc::new(config)))
    }

    async fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
        let (stream, _) = listener.accept().await.unwrap();
        // Fails in the handshake when the client trusts another authority.
        if let Ok(mut stream) = acceptor.accept(stream).await {
            read_head(&mut stream).await;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]";
            stream.write_all(answer).await.unwrap();
        }
    }

    #[tokio::test]
    async fn every_host_leads_to_the_server_of_the_dialer() {
        let (listener, address) = listen().await;
        let (authority_der, acceptor) = authority();
        tokio::spawn(serve(listener, acceptor));
        let dialer = Dialer::Local {
            tunnel: address,
            address,
            authority_der,
        };
        let network = Network::new(dialer, "1.2.3");
        let answer = network
            .exchange(get(&format!("https://{HOST}/valkeyinstance")))
            .await;
        assert_eq!(answer.unwrap().body().as_ref(), b"[]");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_does_not_come_about_is_given_up_after_ten_seconds() {
        // The connection is taken, and neither handshake nor tunnel ever answered.
        let (listener, address) = listen().await;
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok(taken) = listener.accept().await {
                open.push(taken);
            }
        });
        let dialer = Dialer::Local {
            tunnel: address,
            address,
            authority_der: authority().0,
        };
        let network = Network::new(dialer, "1.2.3");
        let begun = tokio::time::Instant::now();
        let answer = network.exchange(get(&format!("https://{HOST}/"))).await;
        assert_eq!(answer.unwrap_err().kind, TransportKind::Timeout);
        assert_eq!(begun.elapsed().as_secs(), 10);
        let dialed = network.dial("198.51.100.7", 6379).await;
        assert_eq!(dialed.err().unwrap().kind, TransportKind::Timeout);
        assert_eq!(begun.elapsed().as_secs(), 20);
    }

    #[tokio::test]
    async fn a_server_of_another_authority_is_not_believed() {
        let (listener, address) = listen().await;
        let (_, acceptor) = authority();
        tokio::spawn(serve(listener, acceptor));
        let dialer = Dialer::Local {
            tunnel: address,
            address,
            authority_der: authority().0,
        };
        let network = Network::new(dialer, "1.2.3");
        let answer = network.exchange(get(&format!("https://{HOST}/"))).await;
        assert_eq!(answer.unwrap_err().kind, TransportKind::Tls);
    }
}
