//! The port that a browser comes back to.

use std::io::{Read, Write};
use std::net::{IpAddr, Shutdown, TcpStream, UdpSocket};
use std::process::Command;
use std::time::Duration;

use crate::browser::Browser;
use crate::http;
use crate::served::Served;
use crate::sign_in::{FIRST, SECOND, Waiting, kept_files};
use crate::workspace::Workspace;

#[track_caller]
fn assert_closed(port: u16) {
    for address in ["127.0.0.1", "::1"] {
        assert!(TcpStream::connect((address, port)).is_err(), "{address}");
    }
}

/// An address of this machine that others can reach; nothing is sent to find it.
fn outer_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback()).then_some(address)
}

#[test]
fn it_is_on_loopback_addresses_only() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let waiting = Waiting::login(&workspace, &served.endpoint, &[]);
    let port = waiting.port();
    TcpStream::connect(("127.0.0.1", port)).unwrap();
    if let Some(address) = outer_address() {
        let limit = Duration::from_secs(5);
        let connected = TcpStream::connect_timeout(&(address, port).into(), limit);
        assert!(connected.is_err(), "{address}");
    }
    if cfg!(target_os = "linux") {
        let addresses = listening_at(port);
        assert_eq!(addresses[0], LOOPBACK_4);
        // Not every machine has IPv6.
        assert!(addresses[1..].iter().all(|address| address == LOOPBACK_6));
    }
}

/// The two as Linux writes them.
const LOOPBACK_4: &str = "0100007F";
const LOOPBACK_6: &str = "00000000000000000000000001000000";

/// The addresses that Linux knows a port to be listened on, of IPv4 first.
fn listening_at(port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let tables = tables.map(|path| std::fs::read_to_string(path).unwrap_or_default());
    let rows = tables.iter().flat_map(|table| table.lines().skip(1));
    rows.filter_map(|row| {
        let words: Vec<&str> = row.split_whitespace().collect();
        let (address, own) = words[1].split_once(':').unwrap();
        let ours = words[3] == LISTEN && own == format!("{port:04X}");
        ours.then(|| address.to_owned())
    })
    .collect()
}

#[test]
fn what_it_does_not_expect_is_told_nothing() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let waiting = Waiting::login(&workspace, &served.endpoint, &[]);
    let mut browser = Browser::default();
    let right = browser.decide(&waiting.url, FIRST, "allow");
    let query = right.query().unwrap();
    let port = waiting.port();
    for request in [
        format!("GET / HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n"),
        format!("POST /callback?{query} HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n"),
        // A page of a foreign name that leads to this machine.
        format!("GET /callback?{query} HTTP/1.1\r\nhost: evil.example:{port}\r\n\r\n"),
        format!("GET /callback?{query} HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        format!("GET /callback?{query} HTTP/1.0\r\n\r\n"),
        format!("CONNECT localhost:{port} HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n"),
        "\u{16}\u{3}\u{1}\u{2}hello".to_owned(),
        "nonsense\r\n\r\n".to_owned(),
        String::new(),
    ] {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        assert_eq!(body, "", "{request:?}");
        let refused =
            head.is_empty() || head.starts_with("HTTP/1.1 40") || head.starts_with("HTTP/1.0 40");
        assert!(refused, "{request:?}: {head}");
        assert!(!head.to_lowercase().contains("server:"), "{head}");
        assert!(!head.contains("osc"), "{head}");
    }
    assert_eq!(browser.visit(&right).unwrap().status, 200);
    waiting.end().ok();
}

#[test]
fn a_page_of_it_cannot_be_kept_framed_or_scripted() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let waiting = Waiting::login(&workspace, &served.endpoint, &[]);
    let right = Browser::default().decide(&waiting.url, FIRST, "allow");
    let wrong = waiting.callback("state=x");
    for page in [http::get(&wrong), http::get(&right)] {
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
    waiting.end().ok();
}

#[test]
fn it_is_gone_however_a_sign_in_ends() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let arguments = ["--workspace", FIRST];
    for (chosen, button, code) in [
        (FIRST, "deny", 4),
        (SECOND, "allow", 5),
        (FIRST, "allow", 0),
    ] {
        let waiting = Waiting::login(&workspace, &served.endpoint, &arguments);
        let port = waiting.port();
        let callback = Browser::default().decide(&waiting.url, chosen, button);
        http::get(&callback);
        waiting.end().exits(code);
        assert_closed(port);
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_sign_in_leaves_nothing_behind() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    for signal in ["-INT", "-TERM"] {
        let waiting = Waiting::login(&workspace, &served.endpoint, &[]);
        let port = waiting.port();
        let id = waiting.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        let run = waiting.end();
        // Ended by the signal itself, or as a shell would tell of it.
        assert!(run.code == -1 || run.code == 130, "{}", run.code);
        assert_closed(port);
        assert!(kept_files(&workspace).is_empty());
    }
}
