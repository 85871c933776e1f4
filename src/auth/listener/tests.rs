use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::pkce::State;
use super::*;

const LIMIT: Duration = Duration::from_secs(300);

fn expected(port: u16) -> Expected {
    Expected {
        port,
        state: State::of([0; 32]),
        issuer: None,
        needs_issuer: false,
    }
}

fn right(port: u16) -> String {
    let state = "A".repeat(43);
    format!("GET /callback?code=c&state={state} HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n")
}

async fn said(address: IpAddr, port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect((address, port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = stream.read(&mut answer).await.unwrap();
    String::from_utf8(answer[..length].to_vec()).unwrap()
}

async fn at_work() -> (Reception, u16) {
    let listener = Listener::bind(None).await.unwrap();
    let port = listener.port();
    (listener.serve(expected(port)), port)
}

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[tokio::test]
async fn both_loopback_addresses_answer_at_one_port() {
    let (_reception, port) = at_work().await;
    for address in [V4, IpAddr::V6(Ipv6Addr::LOCALHOST)] {
        let request = format!("GET / HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n");
        let answer = said(address, port, &request).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
        assert!(answer.contains("content-length: 0"), "{answer}");
        assert!(!answer.to_lowercase().contains("server:"), "{answer}");
    }
}

#[tokio::test]
async fn the_wait_goes_on_until_the_right_state_comes() {
    let (mut reception, port) = at_work().await;
    let wrong = right(port).replace("AAA", "BBB");
    let answer = said(V4, port, &wrong).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let browser = tokio::spawn(async move { said(V4, port, &right(port)).await });
    let heard = reception.hear(LIMIT).await.unwrap();
    assert!(matches!(heard.callback, Callback::Code(_)));
    // A second callback, while the first is being dealt with.
    let second = said(V4, port, &right(port)).await;
    assert!(second.starts_with("HTTP/1.1 409"), "{second}");
    reception.close(heard, Page::done("acme", "prod")).await;
    let page = browser.await.unwrap();
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("acme"), "{page}");
    let refused = TcpStream::connect((V4, port)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind((V4, 0)).await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Listener::bind(Some(port)).await.err().unwrap();
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_wait_ends_and_says_what_came_instead() {
    let desk = Arc::new(Desk {
        expected: expected(1),
        first: Mutex::new(None),
        turned_away: TurnedAway::default(),
    });
    for target in ["/", "/favicon.ico", "/callback?state=x"] {
        let request = Request::get(target).header("host", "localhost:1").body(());
        desk.answer(request.unwrap()).await.unwrap();
    }
    let (_first, heard) = oneshot::channel();
    let mut reception = Reception {
        desk,
        heard,
        serving: tokio::spawn(async {}),
        stop: CancellationToken::new().drop_guard(),
    };
    let words = reception.hear(LIMIT).await.unwrap_err().to_string();
    assert!(words.contains("5 minutes"), "{words}");
    assert!(words.contains("1 callback of another"), "{words}");
    assert!(words.contains("2 requests"), "{words}");
}

#[tokio::test]
async fn a_reception_that_is_dropped_closes_its_port() {
    let (reception, port) = at_work().await;
    let Reception { serving, stop, .. } = reception;
    drop(stop);
    serving.await.unwrap();
    let refused = TcpStream::connect((V4, port)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);
}
