use std::time::Duration;

use super::super::testing::{Fake, LATENCY, Reply, reads, reply, service_token, valkey, writes};
use super::super::{TransportError, TransportKind};
use super::*;

const NGINX_401: &str = "<html><head><title>401 Authorization Required</title></head></html>";
const NGINX_502: &str = "<html><head><title>502 Bad Gateway</title></head></html>";

#[tokio::test(start_paused = true)]
async fn every_host_gets_its_own_credential() {
    let (fake, session) = Fake::with(|_| reply(200, "[]"));
    let (subscription, service) = valkey();
    reads(&session).subscriptions().await.unwrap();
    reads(&session)
        .instances(&subscription, &service)
        .await
        .unwrap();
    let [subscriptions, token, list] = &fake.asked()[..] else {
        panic!("three requests");
    };
    for platform in [subscriptions, token] {
        assert!(
            platform
                .header("x-pat-jwt")
                .unwrap()
                .ends_with(".canarypat")
        );
        assert_eq!(platform.header("x-jwt"), None);
    }
    assert_eq!(list.header("x-jwt"), Some("Bearer sat-1"));
    assert_eq!(list.header("x-pat-jwt"), None);
    assert_eq!(token.json()["serviceId"], "valkey-io-valkey");
    assert!(token.headers["x-pat-jwt"].is_sensitive());
    assert!(list.headers["x-jwt"].is_sensitive());
}

#[tokio::test(start_paused = true)]
async fn a_service_token_serves_until_a_minute_before_its_end() {
    let (fake, session) = Fake::with(|_| reply(200, "[]"));
    let (subscription, service) = valkey();
    let api = reads(&session);
    for (wait, tokens) in [(0, 1), (530, 1), (20, 2)] {
        tokio::time::advance(Duration::from_secs(wait)).await;
        api.instances(&subscription, &service).await.unwrap();
        assert_eq!(fake.token_requests(), tokens);
    }
    assert_eq!(
        fake.asked().last().unwrap().header("x-jwt"),
        Some("Bearer sat-2")
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_token_is_asked_for_once_by_many() {
    let (fake, session) = Fake::with(|_| reply(200, "[]"));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let api = reads(&session);
        tasks.spawn(async move {
            let (subscription, service) = valkey();
            api.instances(&subscription, &service).await.unwrap();
        });
    }
    tasks.join_all().await;
    assert_eq!((fake.token_requests(), fake.lines().len()), (1, 50));
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_a_token_that_fails_fails_with_it() {
    let (fake, session) = Fake::bare(|_| reply(401, r#"{"reason":"Unauthorized"}"#));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let api = reads(&session);
        tasks.spawn(async move {
            let (subscription, service) = valkey();
            api.instances(&subscription, &service)
                .await
                .unwrap_err()
                .class
        });
    }
    let classes = tasks.join_all().await;
    assert!(classes.iter().all(|class| *class == Class::SignedOut));
    assert_eq!(fake.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn at_most_sixteen_reads_are_under_way() {
    let (_, session) = Fake::with(|_| reply(200, "[]"));
    let started = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..33 {
        let api = reads(&session);
        tasks.spawn(async move { api.subscriptions().await.unwrap() });
    }
    tasks.join_all().await;
    let rounds = started.elapsed().as_millis() / LATENCY.as_millis();
    assert_eq!(rounds, 3);
}

#[tokio::test(start_paused = true)]
async fn a_refused_service_token_is_replaced_once() {
    let (fake, session) = Fake::with(|asked| match asked.header("x-jwt") {
        Some("Bearer sat-1") => reply(401, NGINX_401),
        _ => reply(200, "[]"),
    });
    let (subscription, service) = valkey();
    let started = Instant::now();
    reads(&session)
        .instances(&subscription, &service)
        .await
        .unwrap();
    assert_eq!((fake.token_requests(), fake.lines().len()), (2, 2));
    assert!(started.elapsed() < Duration::from_millis(400));
}

#[tokio::test(start_paused = true)]
async fn a_service_token_that_is_refused_again_is_an_error() {
    let refusal = r#"{"reason":"Unauthorized"}"#;
    for (body, class, requests) in [
        (refusal, Class::SignedOut, 2),
        (NGINX_401, Class::Transient, 7),
    ] {
        let (fake, session) = Fake::with(move |_| reply(401, body));
        let (subscription, service) = valkey();
        let error = reads(&session)
            .instances(&subscription, &service)
            .await
            .unwrap_err();
        assert_eq!(error.class, class);
        assert_eq!((fake.token_requests(), fake.lines().len()), (2, requests));
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_is_asked_six_times_at_most() {
    let (fake, session) = Fake::with(|_| reply(502, NGINX_502));
    let started = Instant::now();
    let error = reads(&session).subscriptions().await.unwrap_err();
    assert_eq!(error.class, Class::Transient);
    assert_eq!(error.text, "502 Bad Gateway");
    assert_eq!(fake.lines().len(), 6);
    let waited = started.elapsed();
    assert!(waited > Duration::from_millis(11_500) && waited < Duration::from_millis(19_500));
}

#[tokio::test(start_paused = true)]
async fn a_poll_is_asked_once() {
    let (fake, session) = Fake::with(|_| reply(502, NGINX_502));
    let polled = reads(&session).polling().subscriptions().await;
    assert_eq!(polled.unwrap_err().class, Class::Transient);
    assert_eq!(fake.lines().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_repeats_only_so_often_in_all() {
    let (fake, session) = Fake::with(|_| reply(502, NGINX_502));
    for _ in 0..50 {
        reads(&session).subscriptions().await.unwrap_err();
    }
    assert_eq!(fake.lines().len(), 50 + 60);
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_question_is_waited_for_half_a_minute() {
    let (fake, session) = Fake::silent();
    let started = Instant::now();
    let error = reads(&session).polling().subscriptions().await.unwrap_err();
    assert_eq!(error.transport, Some(TransportKind::Timeout));
    assert_eq!(started.elapsed(), Duration::from_secs(30));
    assert_eq!(fake.lines().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_faster_platform_is_asked_again_sooner() {
    let (_, session) = Fake::with(|_| reply(502, NGINX_502));
    let session = Arc::try_unwrap(session).unwrap_or_else(|_| panic!("one session"));
    let session = Arc::new(session.paced(Pacing {
        speed: f64::INFINITY,
        ..Pacing::default()
    }));
    let started = Instant::now();
    reads(&session).subscriptions().await.unwrap_err();
    assert_eq!(started.elapsed(), 6 * LATENCY);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_with_500_is_replaced_once_too() {
    let refusal = r#"{"code":"FST_ERR_FAILED_ERROR_SERIALIZATION","message":"x"}"#;
    for (refusals, tokens) in [(1, 2), (9, 2)] {
        let (fake, session) = Fake::with(move |asked| match asked.turn < refusals {
            true => reply(500, refusal),
            false => reply(200, "[]"),
        });
        let (subscription, service) = valkey();
        let listed = reads(&session).instances(&subscription, &service).await;
        assert_eq!(listed.is_ok(), refusals == 1);
        assert_eq!(fake.token_requests(), tokens);
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_token_cannot_be_had_was_certainly_not_made() {
    let (_, session) = Fake::bare(|_| reply(503, ""));
    let (subscription, service) = valkey();
    let options = Default::default();
    let api = writes(&session);
    let made = api.create(&subscription, &service, "a", &options).await;
    let error = made.unwrap_err();
    assert_eq!(error.class, Class::Transient);
    assert!(!error.leaves_open());
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_on_the_way_is_asked_again() {
    let (fake, session) = Fake::with(|asked| match asked.turn {
        0 => Err(TransportError {
            kind: TransportKind::Connect,
            message: "no connection".into(),
        }),
        _ => reply(200, "[]"),
    });
    reads(&session).subscriptions().await.unwrap();
    assert_eq!(fake.lines().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_service_token_that_cannot_be_had_is_not_asked_for_sixteen_times() {
    let (fake, session) = Fake::bare(|_| reply(503, ""));
    let (subscription, service) = valkey();
    let error = reads(&session)
        .instances(&subscription, &service)
        .await
        .unwrap_err();
    assert_eq!(error.operation, "getting a token for valkey-io-valkey");
    assert_eq!(fake.asked().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_service_is_no_absent_instance() {
    let (_, session) = Fake::bare(|_| reply(404, r#"{"reason":"No such service"}"#));
    let (subscription, service) = valkey();
    let read = reads(&session);
    let error = read.instance(&subscription, &service, "a").await;
    assert_eq!(error.unwrap_err().class, Class::Refused);
}

#[tokio::test(start_paused = true)]
async fn a_change_is_repeated_only_when_the_platform_was_busy() {
    for (status, requests) in [(504, 1), (500, 1), (429, 6)] {
        let (fake, session) = Fake::with(move |_| reply(status, ""));
        writes(&session).subscribe(&["a"]).await.unwrap_err();
        assert_eq!(fake.lines().len(), requests, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_that_an_answer_asks_for_is_kept() {
    let (_, session) = Fake::with(|asked| match asked.turn {
        0 => {
            let mut busy = reply(429, "").unwrap();
            let date = "Thu, 01 Jan 1970 00:00:30 GMT";
            busy.headers_mut()
                .insert("retry-after", date.parse().unwrap());
            Ok(busy)
        }
        _ => reply(200, "[]"),
    });
    let started = Instant::now();
    reads(&session).subscriptions().await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn no_token_goes_to_a_host_that_is_not_trusted() {
    let (fake, session) = Fake::with(|_| reply(200, "[]"));
    let (mut subscription, service) = valkey();
    subscription.api_url = Url::parse("https://evil.example/valkeyinstance").unwrap();
    let error = reads(&session)
        .instances(&subscription, &service)
        .await
        .unwrap_err();
    assert!(error.text.contains("evil.example"), "{error}");
    assert!(fake.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn credentials_are_never_shown() {
    let (_, session) = Fake::bare(|asked| {
        if asked.line.ends_with("/servicetoken") {
            return service_token(0, 600);
        }
        let pat = asked.header("x-pat-jwt").or(asked.header("x-jwt")).unwrap();
        let body = json!({
            "code": "FST_ERR_FAILED_ERROR_SERIALIZATION",
            "message": format!("expected the `Bearer` format, got {pat}"),
        });
        reply(500, &body.to_string())
    });
    let (subscription, service) = valkey();
    let api = reads(&session);
    let platform = api.subscriptions().await.unwrap_err();
    let service = api.instances(&subscription, &service).await.unwrap_err();
    assert_eq!(platform.class, Class::SignedOut);
    for shown in [
        format!("{platform} {platform:?}"),
        format!("{service} {service:?}"),
        format!("{session:?} {api:?}"),
    ] {
        assert!(!shown.contains("canarypat"), "{shown}");
        assert!(!shown.contains("sat-1"), "{shown}");
    }
    assert!(platform.text.contains("Bearer (sensitive)"));
}

fn busy(seconds: &str) -> Reply {
    let mut answer = reply(429, r#"{"reason":"slow down"}"#)?;
    let wish = seconds.parse().unwrap();
    answer.headers_mut().insert(http::header::RETRY_AFTER, wish);
    Ok(answer)
}

#[tokio::test(start_paused = true)]
async fn polls_leave_a_host_alone_for_as_long_as_it_wishes() {
    let (fake, session) = Fake::with(|asked| match (asked.turn, asked.line.as_str()) {
        (0, "GET /mysubscriptions") => busy("20"),
        _ => reply(200, "[]"),
    });
    let poll = reads(&session).polling();
    let started = Instant::now();
    poll.subscriptions().await.unwrap_err();
    // Another host has wished for nothing.
    poll.suspended(&[]).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(1));
    poll.subscriptions().await.unwrap();
    let waited = started.elapsed();
    assert!(waited >= Duration::from_secs(20) && waited < Duration::from_secs(21));
    poll.subscriptions().await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(21));
    assert_eq!(fake.lines().len(), 4);
}
