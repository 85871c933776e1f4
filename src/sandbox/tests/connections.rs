//! Connections that come to no good, over real sockets.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use rustls::CertificateError;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::client::{Client, VALKEY, dawn};
use super::shell::{CATALOG, exchange, get, immediate, over_tls, pat};
use crate::sandbox::{Addressing, Faults, Local, Rules, Shell, serve, start_local};

const HOST: &str = "sandbox-a.valkey-io-valkey.auto.prod-se.osaas.io";

/// A served world that holds one cache.
async fn local_under(fault: &str) -> (Arc<Shell>, Local) {
    let mut client = Client::subscribed(&[VALKEY]);
    client.create(VALKEY, json!({ "name": "a" }));
    let faults = Faults::new([fault.parse().unwrap()], 0);
    let shell = Shell::new(client.world, immediate(), Arc::new(dawn)).with_faults(faults);
    let shell = Arc::new(shell);
    let local = start_local(Arc::clone(&shell)).await.unwrap();
    (shell, local)
}

async fn subscriptions(shell: &Shell, local: &Local) -> String {
    let request = get(CATALOG, "/mysubscriptions", &pat(shell));
    over_tls(local, CATALOG, &request).await.unwrap()
}

#[tokio::test]
async fn a_dropped_connection_ends_without_a_byte() {
    let (shell, local) = local_under("drop-after").await;
    let request = get(CATALOG, "/mysubscriptions/valkey-io-valkey", &pat(&shell));
    let request = request.replacen("GET", "DELETE", 1);
    assert_eq!(over_tls(&local, CATALOG, &request).await.unwrap(), "");
    assert!(subscriptions(&shell, &local).await.ends_with("\r\n\r\n[]"));
}

#[tokio::test]
async fn a_silent_connection_stays_open_and_holds_up_nobody() {
    let (shell, local) = local_under("hang").await;
    let silence = timeout(Duration::from_millis(200), subscriptions(&shell, &local));
    assert!(silence.await.is_err());
    assert!(
        subscriptions(&shell, &local)
            .await
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn a_refused_connection_ends_before_its_handshake_does() {
    let (_, local) = local_under("endpoint-unreachable:count=1").await;
    let refused = over_tls(&local, HOST, "").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::UnexpectedEof);
    let said = over_tls(&local, HOST, &get(HOST, "/", "abc")).await;
    assert!(said.unwrap().starts_with("HTTP/1.1 401"));
}

#[tokio::test]
async fn an_untrusted_connection_shows_a_certificate_of_an_unknown_issuer() {
    let (_, local) = local_under("endpoint-untrusted:count=1").await;
    let untrusted = over_tls(&local, HOST, "").await.unwrap_err();
    let cause = untrusted.get_ref().and_then(|it| it.downcast_ref());
    assert_eq!(
        cause,
        Some(&rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer
        ))
    );
    let said = over_tls(&local, HOST, &get(HOST, "/", "abc")).await;
    assert!(said.unwrap().starts_with("HTTP/1.1 401"));
}

#[tokio::test]
async fn other_hosts_have_nothing_to_do_with_a_young_one() {
    let (shell, local) = local_under("endpoint-untrusted").await;
    assert!(
        subscriptions(&shell, &local)
            .await
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn plain_connections_are_dropped_too_and_serving_ends_while_one_is_silent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let base = format!("http://{address}");
    let rules = Rules {
        addressing: Addressing::Prefixed { base },
        ..immediate()
    };
    let faults = ["drop-before", "hang"].map(|fault| fault.parse().unwrap());
    let client = Client::new();
    let shell = Shell::new(client.world, rules, Arc::new(dawn)).with_faults(Faults::new(faults, 0));
    let shell = Arc::new(shell);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, Arc::clone(&shell), async {
        let _ = stopped.await;
    }));
    let request = get("localhost", "/money/mytenantplan", &client.pat);
    let dropped = request.replacen("GET", "POST", 1);
    let stream = TcpStream::connect(address).await.unwrap();
    assert_eq!(exchange(stream, dropped.as_bytes()).await, "");
    let stream = TcpStream::connect(address).await.unwrap();
    let silent = tokio::spawn(async move { exchange(stream, request.as_bytes()).await });
    while shell.answered() < 2 {
        tokio::task::yield_now().await;
    }
    stop.send(()).unwrap();
    serving.await.unwrap();
    assert_eq!(silent.await.unwrap(), "");
}
