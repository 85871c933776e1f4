use std::collections::BTreeMap;

use http::Method;

use super::super::super::testing::{Fake, reads, reply, valkey};
use super::*;

fn instance(url: Option<&str>) -> Instance {
    Instance {
        name: "a".into(),
        id: None,
        url: url.map(str::to_owned),
        has_page: false,
        options: BTreeMap::new(),
        can_update: false,
        can_restart: false,
        links: None,
    }
}

const OWN: &str = "https://acme-a.valkey-io-valkey.auto.prod-se.osaas.io";

fn visit(path: &str) -> Visit<'_> {
    Visit {
        path,
        ..Visit::default()
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_visited_once_with_the_token_of_its_service() {
    let (fake, session) = Fake::with(|_| reply(503, "busy"));
    let (subscription, _) = valkey();
    let request = Visit {
        method: Method::HEAD,
        path: "/b?c",
        headers: HeaderMap::from_iter([(SAT_HEADER, "mine".parse().unwrap())]),
    };
    let it = instance(Some(OWN));
    let answer = reads(&session).visit(&subscription, &it, request).await;
    assert_eq!(answer.unwrap().status(), 503);
    assert_eq!(fake.lines(), ["HEAD /b"]);
    let asked = fake.asked();
    let visit = asked.last().unwrap();
    assert_eq!(visit.header("x-jwt"), Some("Bearer sat-1"));
    assert_eq!(visit.header("x-pat-jwt"), None);
}

#[tokio::test(start_paused = true)]
async fn no_token_goes_to_a_host_that_is_not_the_instances_own() {
    let (fake, session) = Fake::with(|_| reply(200, ""));
    let (subscription, _) = valkey();
    for (url, path) in [
        (None, ""),
        (Some("https://evil.example"), ""),
        (Some("https://evilosaas.io"), ""),
        (Some("http://a.osaas.io"), ""),
        (Some("https://a.osaas.io:8443"), ""),
        (Some("https://u:p@a.osaas.io"), ""),
        (Some("http://127.0.0.1:1"), ""),
        (Some("data:,"), ""),
        (Some("https://a.osaas.io"), "@evil.example/"),
        (Some("https://a.osaas.io"), ".evil.example/"),
        (Some("https://a.osaas.io"), ":8443/"),
    ] {
        let visited = reads(&session)
            .visit(&subscription, &instance(url), visit(path))
            .await;
        let error = visited.unwrap_err();
        assert_eq!(error.class, Class::Unexpected, "{url:?} {path}");
        assert_eq!(error.transport, None);
    }
    assert!(fake.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_answer_is_left() {
    let never = std::future::pending::<Result<(), TransportError>>();
    let started = tokio::time::Instant::now();
    let error = within(VISIT_LIMIT, never).await.unwrap_err();
    assert_eq!(error.kind, TransportKind::Timeout);
    assert_eq!(started.elapsed(), Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_is_replaced_once_it_has_been_good_for_a_minute() {
    let (fake, session) = Fake::with(|_| reply(401, "<html>"));
    let (subscription, _) = valkey();
    for (after, tokens) in [(0, 1), (59, 1), (2, 1), (1, 2), (30, 2)] {
        tokio::time::sleep(Duration::from_secs(after)).await;
        let it = instance(Some(OWN));
        let answer = reads(&session).visit(&subscription, &it, visit("")).await;
        assert_eq!(answer.unwrap().status(), 401);
        assert_eq!(fake.token_requests(), tokens, "after {after} s more");
    }
}

#[tokio::test(start_paused = true)]
async fn want_of_a_token_is_told_from_want_of_a_connection() {
    let (_, session) = Fake::bare(|_| {
        Err(TransportError {
            kind: TransportKind::Connect,
            message: "no".into(),
        })
    });
    let (subscription, _) = valkey();
    let it = instance(Some(OWN));
    let visited = reads(&session).visit(&subscription, &it, visit("")).await;
    let error = visited.unwrap_err();
    assert_eq!((error.class, error.transport), (Class::Transient, None));
}
