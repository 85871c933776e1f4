use std::sync::Arc;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::client::{Client, VALKEY};
use crate::sandbox::{Local, Shell, start_local};

/// A sandbox with a cache, started again just now or running for long; and its address.
async fn serving(restarted: bool) -> (Local, String) {
    let mut client = Client::subscribed(&[VALKEY]);
    client.create(VALKEY, json!({ "name": "a" }));
    client.wait(60);
    let ports = client.service(VALKEY, "GET", "/ports/a", None).json();
    let ip = ports[0]["externalIp"].as_str().unwrap();
    let address = format!("{ip}:{}", ports[0]["externalPort"]);
    if restarted {
        client.service(VALKEY, "POST", "/restart/a", None);
    }
    let now = client.now;
    let shell = Shell::new(client.world, client.rules, Arc::new(move || now));
    (start_local(Arc::new(shell)).await.unwrap(), address)
}

/// Sends this and reads until the other side closes.
async fn send(local: &Local, what: &str) -> String {
    let mut stream = TcpStream::connect(local.tunnel).await.unwrap();
    stream.write_all(what.as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    said
}

#[tokio::test]
async fn a_tunnel_leads_to_an_instance_even_for_those_in_a_hurry() {
    let (local, address) = serving(false).await;
    let hurried = format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n\r\nPING\r\nQUIT\r\n");
    let said = send(&local, &hurried).await;
    assert_eq!(
        said,
        "HTTP/1.1 200 Connection established\r\n\r\n+PONG\r\n+OK\r\n"
    );
}

#[tokio::test]
async fn what_is_no_connect_is_refused() {
    let (local, _) = serving(false).await;
    let nonsense = [
        "GET / HTTP/1.1\r\n\r\n",
        "CONNECT nowhere HTTP/1.1\r\n\r\n",
        "CONNECT nowhere:99999 HTTP/1.1\r\n\r\n",
    ];
    for head in nonsense {
        assert!(
            send(&local, head).await.starts_with("HTTP/1.1 400 "),
            "{head}"
        );
    }
}

#[tokio::test]
async fn an_instance_that_does_not_listen_is_a_bad_gateway() {
    let (local, address) = serving(true).await;
    let said = send(&local, &format!("CONNECT {address} HTTP/1.1\r\n\r\n")).await;
    assert!(said.starts_with("HTTP/1.1 502 "), "{said}");
}
