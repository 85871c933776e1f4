use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::app::{App, encoded};
use crate::sandbox::tests::client::dawn;
use crate::sandbox::{Addressing, Rules, Shell, World, serve};

async fn exchange(address: std::net::SocketAddr, request: String) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    said
}

#[tokio::test]
async fn requests_are_remembered_without_what_they_carry() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let rules = Rules {
        addressing: Addressing::Prefixed {
            base: format!("http://{address}"),
        },
        ..Rules::default()
    };
    let shell = Arc::new(Shell::new(World::new([1; 32]), rules, Arc::new(dawn)));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = serve(listener, shell.clone(), async {
        let _ = stopped.await;
    });
    let serving = tokio::spawn(serving);
    let app = App::cli();
    let link = encoded(&app.link());
    let get = format!(
        "GET /app/api/connect/authorize?{link} HTTP/1.1\r\nhost: {address}\r\n\
         connection: close\r\n\r\n"
    );
    assert!(exchange(address, get).await.starts_with("HTTP/1.1 200 "));
    let form = encoded(&app.exchange("a-code"));
    let post = format!(
        "POST /app/api/connect/token HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    assert!(exchange(address, post).await.contains("invalid_grant"));
    assert_eq!(
        shell.requests(),
        [
            "GET app /api/connect/authorize",
            "POST app /api/connect/token"
        ]
    );
    stop.send(()).unwrap();
    serving.await.unwrap();
}
