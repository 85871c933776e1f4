//! A platform that answers what no OSC should, over real HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use crate::workspace::{PAIR, Run, Workspace, token};

/// Answers each request with the body of the first entry whose text its first line holds. A
/// status may stand before a body, as in `401 {}`.
pub(crate) fn answering(bodies: &'static [(&str, &str)]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            std::thread::spawn(move || answer(client, address, bodies));
        }
    });
    address
}

fn answer(mut client: TcpStream, own: SocketAddr, bodies: &[(&str, &str)]) {
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).unwrap() > 2 {
        let header = line.to_lowercase();
        let told = header.strip_prefix("content-length: ");
        length = told.map_or(length, |told| told.trim().parse().unwrap());
        line.clear();
    }
    reader.take(length).read_to_end(&mut Vec::new()).unwrap();
    let known = bodies.iter().find(|(part, _)| first.contains(part));
    let told = known.map_or("null", |(_, body)| body);
    let (status, body) = match told.split_once(' ') {
        Some((status, body)) if status.parse::<u16>().is_ok() => (status, body),
        _ => ("200", told),
    };
    let body = body.replace("HERE", &format!("http://{own}"));
    let head = format!(
        "HTTP/1.1 {status} \r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: \
         close\r\n\r\n",
        body.len()
    );
    let _ = client.write_all((head + &body).as_bytes());
}

fn run(bodies: &'static [(&str, &str)], arguments: &[&str]) -> Run {
    let workspace = Workspace::with(PAIR);
    let endpoint = format!("http://{}", answering(bodies));
    let mut command = workspace.at(&endpoint, arguments);
    command.env("OSC_ACCESS_TOKEN", token());
    Run::of(command.output().unwrap())
}

const SUBSCRIPTIONS: (&str, &str) = (
    "/mysubscriptions",
    r#"[{"serviceId":"valkey-io-valkey","apiUrl":"HERE/valkeyinstance"},
        {"serviceId":"eyevinn-app-config-svc","apiUrl":"HERE/storeinstance"}]"#,
);
const TOKENS: (&str, &str) = (
    "/servicetoken",
    r#"{"serviceId":"any","token":"t","expiry":4102444800}"#,
);
const NONE_SUSPENDED: (&str, &str) = ("/mysuspended", "[]");
/// One list is a list, the other is none.
const HALF_READABLE: &[(&str, &str)] = &[
    SUBSCRIPTIONS,
    TOKENS,
    NONE_SUSPENDED,
    ("/valkeyinstance", "[]"),
];

#[test]
fn what_could_not_be_read_is_not_taken_for_absent() {
    let plan = run(HALF_READABLE, &["plan", "--json"]).ok().json();
    assert_eq!(plan["summary"]["unreadable"], 1);
    assert_eq!(plan["summary"]["create"], 1);
    let plan = run(HALF_READABLE, &["plan"]).ok();
    assert!(plan.stdout.contains("could not be read"), "{}", plan.stdout);
}

#[test]
fn an_output_that_could_not_be_read_is_an_error_and_not_a_missing_one() {
    for arguments in [["output"].as_slice(), &["output", "store"]] {
        let run = run(HALF_READABLE, arguments).exits(1);
        assert!(
            run.stderr.contains("instances.store could not be read"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_url_from_the_platform_cannot_steer_the_terminal() {
    const STEERING: &[(&str, &str)] = &[
        SUBSCRIPTIONS,
        TOKENS,
        NONE_SUSPENDED,
        ("/valkeyinstance", "[]"),
        (
            "/storeinstance",
            r#"[{"name":"store","url":"https://a\u001b[31m.example"}]"#,
        ),
    ];
    for arguments in [
        ["output", "store"].as_slice(),
        &["output"],
        &["status"],
        &["plan"],
    ] {
        let run = run(STEERING, arguments);
        let printed = run.stdout + &run.stderr;
        assert!(!printed.contains('\u{1b}'), "{arguments:?} {printed:?}");
    }
}

#[test]
fn a_subscription_that_cannot_be_used_is_told_by_whoever_needs_it() {
    const ODD: &[(&str, &str)] = &[
        (
            "/mysubscriptions",
            r#"[{"serviceId":"valkey-io-valkey","apiUrl":"HERE/valkeyinstance"},
                {"serviceId":"eyevinn-app-config-svc"}, {"serviceId":"minio-minio"}]"#,
        ),
        TOKENS,
        NONE_SUSPENDED,
        ("/valkeyinstance", "[]"),
    ];
    let plan = run(ODD, &["plan"]).ok().stdout;
    assert!(plan.contains("no usable `apiUrl`"), "{plan}");
    assert!(plan.contains("1 to create"), "{plan}");
}

#[test]
fn a_password_that_the_platform_echoes_is_not_printed() {
    const ECHOING: &[(&str, &str)] = &[
        SUBSCRIPTIONS,
        TOKENS,
        NONE_SUSPENDED,
        (
            "/valkeyinstance",
            r#"[{"name":"queue","url":"https://q.example","Password":"hunter2hunter2"}]"#,
        ),
        ("/storeinstance", "[]"),
        (
            "/health",
            r#"{"status":"failed as hunter2hunter2 is wrong"}"#,
        ),
        ("/ports", r#"{"reason":"boom hunter2hunter2"}"#),
    ];
    for arguments in [
        ["status"].as_slice(),
        &["plan"],
        &["plan", "-vv"],
        &["plan", "--json"],
    ] {
        let run = run(ECHOING, arguments).ok();
        assert!(
            !run.stdout.contains("hunter2"),
            "{arguments:?} {}",
            run.stdout
        );
        assert!(
            !run.stderr.contains("hunter2"),
            "{arguments:?} {}",
            run.stderr
        );
    }
    let status = run(ECHOING, &["status"]).ok().stdout;
    assert!(
        status.contains("failed as (sensitive) is wrong"),
        "{status}"
    );
}

#[test]
fn a_suspended_instance_is_shown_without_its_secrets_and_steers_no_terminal() {
    const SUSPENDED: &[(&str, &str)] = &[
        SUBSCRIPTIONS,
        TOKENS,
        (
            "/mysuspended",
            r#"[{"serviceId":"valkey-io-valkey","instanceName":"queue","suspendedAt":"today\u001b[2J",
                "reason":"hunter3hunter3","parameters":{"name":"queue","Password":"hunter3hunter3"}}]"#,
        ),
        (
            "/resourcetags",
            r#"{"resources":[{"resourceType":"instance","serviceId":"valkey-io-valkey",
                "resourceId":"queue","tags":["osc-apply:pair"]}]}"#,
        ),
        ("/valkeyinstance", "[]"),
        ("/storeinstance", "[]"),
    ];
    for arguments in [
        ["status"].as_slice(),
        &["status", "--json"],
        &["plan"],
        &["plan", "-vv"],
        &["plan", "--json"],
    ] {
        let run = run(SUSPENDED, arguments).ok();
        let printed = run.stdout + &run.stderr;
        assert!(printed.contains("suspended"), "{arguments:?} {printed}");
        assert!(!printed.contains("hunter3"), "{arguments:?} {printed}");
        assert!(!printed.contains("\u{1b}[2J"), "{arguments:?} {printed:?}");
    }
}
