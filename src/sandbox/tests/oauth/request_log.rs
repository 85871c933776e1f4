use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::app::{App, encoded};
use crate::sandbox::tests::client::{VALKEY, dawn};
use crate::sandbox::{Addressing, Rules, Shell, World, serve};

const FORM: &str = "application/x-www-form-urlencoded";

async fn exchange(address: SocketAddr, request: String) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    said
}

/// A request without the headers that every one has.
fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\n\r\n")
}

/// The same with a body.
fn send(method: &str, path: &str, headers: &str, content_type: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\n{headers}content-type: {content_type}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What a served world says to these requests, and what is remembered of them.
async fn served(world: World, requests: Vec<String>) -> (Vec<String>, Vec<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let rules = Rules {
        addressing: Addressing::Prefixed {
            base: format!("http://{address}"),
        },
        ..Rules::default()
    };
    let shell = Arc::new(Shell::new(world, rules, Arc::new(dawn)));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = serve(listener, shell.clone(), async {
        let _ = stopped.await;
    });
    let serving = tokio::spawn(serving);
    let mut said = Vec::new();
    for request in requests {
        let common = format!(" HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
        let request = request.replacen(" HTTP/1.1\r\n", &common, 1);
        said.push(exchange(address, request).await);
    }
    stop.send(()).unwrap();
    serving.await.unwrap();
    (said, shell.requests())
}

#[tokio::test]
async fn requests_are_remembered_without_what_they_carry() {
    let app = App::cli();
    let form = encoded(&app.exchange("a-code"));
    let requests = vec![
        get(&format!(
            "/app/api/connect/authorize?{}",
            encoded(&app.link())
        )),
        send("POST", "/app/api/connect/token", "", FORM, &form),
    ];
    let (said, remembered) = served(World::new([1; 32]), requests).await;
    assert!(said[0].starts_with("HTTP/1.1 200 "));
    assert!(said[1].contains("invalid_grant"));
    assert_eq!(
        remembered,
        [
            "GET app /api/connect/authorize",
            "POST app /api/connect/token"
        ]
    );
}

#[tokio::test]
async fn secrets_are_remembered_and_answered_without_their_values() {
    const CANARY: &str = "canary-80";
    let mut world = World::new([1; 32]);
    let pat = world.personal_access_token(dawn(), None);
    let put = |method: &str, path: &str, body: &str| {
        let headers = format!("x-pat-jwt: Bearer {pat}\r\n");
        send(method, path, &headers, "application/json", body)
    };
    let of_service = format!("/deploy/mysecrets/{VALKEY}");
    let named = format!(r#"{{"secretName":"pw","secretData":"{CANARY}"}}"#);
    let requests = vec![
        put("POST", &of_service, &named),
        put("PUT", &format!("{of_service}/pw"), &named),
        put(
            "PUT",
            &format!("{of_service}/batch"),
            &format!(r#"{{"secrets":[{named}]}}"#),
        ),
        put("PUT", &format!("{of_service}/pw"), &named[1..]),
        put(
            "PUT",
            "/deploy/mytenantsecrets/user.a",
            &format!(r#"{{"value":"{CANARY}"}}"#),
        ),
    ];
    let (said, remembered) = served(world, requests).await;
    let statuses: Vec<&str> = said.iter().map(|it| &it[9..12]).collect();
    assert_eq!(statuses, ["201", "200", "200", "400", "200"]);
    assert_eq!(
        remembered,
        [
            "POST deploy /mysecrets/valkey-io-valkey",
            "PUT deploy /mysecrets/valkey-io-valkey/pw",
            "PUT deploy /mysecrets/valkey-io-valkey/batch",
            "PUT deploy /mysecrets/valkey-io-valkey/pw",
            "PUT deploy /mytenantsecrets/user.a",
        ]
    );
    assert!(!said.concat().contains(CANARY));
    assert!(!remembered.concat().contains(CANARY));
}
