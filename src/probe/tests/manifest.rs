use super::*;
use crate::model::{HttpProbe, OptionValue};

fn http(status: std::ops::RangeInclusive<u16>, body: Option<&str>) -> Probe {
    let secret = OptionValue::new("Bearer hunter2".into(), true);
    Probe::Http(HttpProbe {
        path: "/ready?key=hunter2".into(),
        method: "POST".into(),
        statuses: vec![204..=204, status],
        body: body.map(str::to_owned),
        headers: vec![("Authorization".into(), secret)],
    })
}

async fn used(probe: &Probe, status: u16, body: &'static str) -> Verdict {
    let far = answering(move |request| {
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri().path(), "/ready");
        assert_eq!(request.headers()["authorization"], "Bearer hunter2");
        assert_eq!(request.headers()["x-jwt"], "Bearer sat");
        assert!(!format!("{request:?}").contains("Bearer hunter2"));
        reply(status, body)
    });
    looked("minio-minio", Level::Usable, Some(probe), far)
        .await
        .0
}

#[tokio::test(start_paused = true)]
async fn the_manifest_says_which_answer_counts() {
    for (probe, status, body, passes) in [
        (http(200..=299, None), 204, "", true),
        (http(200..=299, None), 299, "", true),
        (http(200..=299, None), 300, "", false),
        (http(401..=401, None), 401, "no", true),
        (http(200..=200, Some("ok")), 200, "all ok", true),
        (http(200..=200, Some("ok")), 200, "no", false),
        (http(200..=200, Some("ok")), 500, "ok", false),
    ] {
        let verdict = used(&probe, status, body).await;
        assert_eq!(verdict == Verdict::Passed, passes, "{status} {body}");
        assert!(!format!("{verdict:?}").contains("hunter2"), "{verdict:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_gateway_says_does_not_count_even_with_the_right_status() {
    let page: &'static str = nginx("401 Authorization Required").leak();
    wrong(used(&http(401..=401, None), 401, page).await);
}

#[tokio::test(start_paused = true)]
async fn a_port_that_takes_connections_is_enough_where_the_manifest_says_so() {
    for (inside, asked) in [
        (None, "198.51.100.7:9001"),
        (Some(6379), "198.51.100.7:6380"),
    ] {
        let probe = Probe::Tcp { port: inside };
        let far = saying(AtPort::Says(b""));
        let seen = looked("a-a", Level::Usable, Some(&probe), far).await;
        assert_eq!(seen, (Verdict::Passed, vec![asked.to_owned()]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_port_that_is_not_exposed_or_refuses_is_unreachable() {
    let probe = Probe::Tcp { port: Some(80) };
    let far = saying(AtPort::Says(b""));
    let (verdict, asked) = looked("a-a", Level::Usable, Some(&probe), far).await;
    assert_eq!(
        verdict,
        Verdict::Unreachable("it does not expose port 80".into())
    );
    assert!(asked.is_empty());

    let probe = Probe::Tcp { port: None };
    let far = saying(AtPort::Refuses);
    let (verdict, _) = looked("a-a", Level::Usable, Some(&probe), far).await;
    assert_eq!(verdict, Verdict::Unreachable("no way".into()));
}
