use super::*;
use crate::catalog::Catalog;
use crate::probe::{default_level, is_known, needs_ports};

async fn reached(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Verdict {
    let far = answering(answer);
    looked("a-a", Level::Reachable, None, far).await.0
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_reachable_whatever_it_says_itself() {
    for (status, body) in [
        (200, "<h1>hello</h1>"),
        (302, ""),
        (403, "{}"),
        (404, r#"{"message":"Route GET:/ not found"}"#),
        (404, "<html><hr><center>nginx/1.27.1</center></html>"),
        (500, "oops"),
        (503, r#"{"status":"DOWN"}"#),
    ] {
        let verdict = reached(move |_| reply(status, body)).await;
        assert_eq!(verdict, Verdict::Passed, "{status} {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_gateway_says_is_not_an_answer_of_the_instance() {
    for (status, body, words) in [
        (401, nginx("401 Authorization Required"), "access rules"),
        (401, "{}".into(), "401"),
        (502, nginx("502 Bad Gateway"), "nobody to ask"),
        (503, nginx("503 Service Temporarily Unavailable"), "nobody"),
        (504, "<html></html>".into(), "nobody to ask"),
        (404, nginx("404 Not Found"), "does not know its host"),
        (404, "default backend - 404".into(), "not know its host"),
    ] {
        let shown = wrong(reached(move |_| reply(status, &body)).await);
        assert!(shown.contains(words), "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_application_with_passwords_of_its_own_is_reachable() {
    let verdict = reached(|_| {
        let mut answer = reply(401, "<html>")?;
        let value = http::HeaderValue::from_static("Basic realm=x");
        answer.headers_mut().insert("www-authenticate", value);
        Ok(answer)
    });
    assert_eq!(verdict.await, Verdict::Passed);
}

#[tokio::test(start_paused = true)]
async fn a_certificate_may_become_valid_and_a_missing_host_may_stay_so() {
    for kind in [
        TransportKind::Dns,
        TransportKind::Connect,
        TransportKind::Timeout,
        TransportKind::NoAuthorities,
    ] {
        let verdict = reached(move |_| failed(kind)).await;
        assert_eq!(verdict, Verdict::Unreachable("no way".into()), "{kind:?}");
    }
    let words = wrong(reached(|_| failed(TransportKind::Tls)).await);
    assert_eq!(words, "its certificate is not valid yet");
    assert_eq!(
        wrong(reached(|_| failed(TransportKind::Broken)).await),
        "no way"
    );
}

#[test]
fn the_level_of_an_instance_is_the_highest_that_can_be_told() {
    let (plain, paged) = (
        instance(),
        Instance {
            has_page: true,
            ..instance()
        },
    );
    let probe = Probe::Tcp { port: None };
    for (service, instance, probe, level) in [
        ("a-a", &plain, None, Level::Healthy),
        ("a-a", &paged, None, Level::Reachable),
        ("a-a", &plain, Some(&probe), Level::Usable),
        ("minio-minio", &plain, None, Level::Usable),
    ] {
        assert_eq!(default_level(service, instance, probe), level, "{service}");
    }
}

#[test]
fn ports_are_needed_for_what_is_asked_at_a_port() {
    let tcp = Probe::Tcp { port: None };
    assert!(needs_ports("valkey-io-valkey", None));
    assert!(needs_ports("minio-minio", Some(&tcp)));
    assert!(!needs_ports("minio-minio", None));
    assert!(!needs_ports("a-a", None));
}

#[test]
fn every_service_whose_question_is_known_is_in_the_catalog() {
    let catalog = Catalog::bundled().unwrap();
    let services = catalog.services();
    let known = services.filter(|service| is_known(&service.id)).count();
    assert_eq!(known, 8);
}
