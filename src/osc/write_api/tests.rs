use std::time::Duration;

use super::super::testing::{Asked, Fake, reply, valkey, writes};
use super::super::{Links, Suspended, TransportError, TransportKind};
use super::*;

const DOCUMENT: &str = r#"{"name":"a","url":"https://acme-a.example/"}"#;

fn instance(id: Option<&str>, links: Option<Links>) -> Instance {
    Instance {
        name: "a".into(),
        id: id.map(str::to_owned),
        url: None,
        has_page: false,
        options: BTreeMap::new(),
        can_update: true,
        can_restart: false,
        links,
    }
}

fn password() -> BTreeMap<String, OptionValue> {
    let value = OptionValue::new("hunter2&\"".into(), true);
    BTreeMap::from([("Password".to_owned(), value)])
}

#[tokio::test(start_paused = true)]
async fn a_subscription_is_asked_for_in_one_request() {
    let (fake, session) = Fake::with(|_| reply(200, r#"{"teamId":"t","services":["a","b"]}"#));
    writes(&session).subscribe(&["a", "b"]).await.unwrap();
    assert_eq!(fake.lines(), ["POST /mysubscriptions"]);
    assert_eq!(fake.asked()[0].json(), json!({"services": ["a", "b"]}));
}

#[tokio::test(start_paused = true)]
async fn a_create_sends_name_and_options_and_returns_the_instance() {
    let (fake, session) = Fake::with(|_| reply(201, DOCUMENT));
    let (subscription, service) = valkey();
    let created = writes(&session)
        .create(&subscription, &service, "a", &password())
        .await
        .unwrap();
    assert_eq!(created.url.as_deref(), Some("https://acme-a.example"));
    let request = fake.asked().pop().unwrap();
    assert_eq!(request.line, "POST /valkeyinstance");
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(
        request.json(),
        json!({"name": "a", "Password": "hunter2&\""})
    );
}

#[tokio::test(start_paused = true)]
async fn a_create_that_times_out_is_not_repeated() {
    let (fake, session) = Fake::with(|_| reply(504, "<html>"));
    let (subscription, service) = valkey();
    let api = writes(&session);
    let created = api.create(&subscription, &service, "a", &password()).await;
    assert_eq!(created.unwrap_err().class, Class::Transient);
    assert_eq!(fake.lines().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn secrets_that_an_error_echoes_are_taken_out() {
    let (_, session) = Fake::with(|asked| {
        let body = json!({ "reason": format!("bad: {} hunter2&\"", asked.body) });
        reply(400, &body.to_string())
    });
    let (subscription, service) = valkey();
    let api = writes(&session);
    let created = api.create(&subscription, &service, "a", &password()).await;
    let error = created.unwrap_err();
    assert_eq!(
        error.text,
        r#"bad: {"name":"a","Password":"(sensitive)"} (sensitive)"#
    );
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[tokio::test(start_paused = true)]
async fn an_update_goes_to_its_link_and_clears_with_empty_text() {
    let (fake, session) = Fake::with(|_| reply(200, DOCUMENT));
    let links = Links {
        update: Some("/valkeyinstance/a".into()),
        ..Links::default()
    };
    let (subscription, service) = valkey();
    let options = BTreeMap::from([("Password".to_owned(), None)]);
    writes(&session)
        .update(
            &subscription,
            &service,
            &instance(None, Some(links)),
            &options,
        )
        .await
        .unwrap();
    assert_eq!(fake.lines(), ["PATCH /valkeyinstance/a"]);
    assert_eq!(fake.asked()[1].json(), json!({"Password": ""}));
}

#[tokio::test(start_paused = true)]
async fn what_an_instance_does_not_offer_is_not_tried() {
    let (fake, session) = Fake::with(|_| reply(200, DOCUMENT));
    let (subscription, service) = valkey();
    let (api, it) = (writes(&session), instance(None, None));
    let update = api
        .update(&subscription, &service, &it, &BTreeMap::new())
        .await;
    assert_eq!(update.unwrap_err().class, Class::Unsupported);
    assert!(fake.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_restart_goes_to_its_link_without_a_body_and_is_repeated() {
    let (fake, session) = Fake::with(|asked| match asked.turn {
        0 => reply(502, "<html>"),
        _ => reply(204, ""),
    });
    let links = Links {
        restart: Some("/again/a".into()),
        ..Links::default()
    };
    let (subscription, _) = valkey();
    let api = writes(&session);
    let linked = instance(None, Some(links));
    api.restart(&subscription, &linked).await.unwrap();
    assert_eq!(fake.lines(), ["POST /again/a", "POST /again/a"]);
    for request in &fake.asked()[1..] {
        assert_eq!(request.header("content-type"), None);
        assert!(request.header("x-jwt").is_some() && request.body.is_empty());
    }
    for links in [None, Some(Links::default())] {
        let restarted = api.restart(&subscription, &instance(None, links)).await;
        assert_eq!(restarted.unwrap_err().class, Class::Unsupported);
    }
    assert_eq!(fake.lines().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_body_has_no_content_type() {
    let (fake, session) = Fake::with(|_| reply(204, ""));
    let (subscription, _) = valkey();
    let (api, it) = (writes(&session), instance(None, None));
    api.delete(&subscription, &it).await.unwrap();
    assert_eq!(fake.lines(), ["DELETE /valkeyinstance/a"]);
    for request in &fake.asked()[1..] {
        assert_eq!(request.header("content-type"), None);
        assert!(request.body.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn deleting_what_is_not_there_is_done() {
    let (fake, session) = Fake::with(|_| reply(404, r#"{"reason":"Not found"}"#));
    let (subscription, _) = valkey();
    let it = instance(Some("acme-a"), None);
    writes(&session).delete(&subscription, &it).await.unwrap();
    assert_eq!(
        fake.lines(),
        ["DELETE /valkeyinstance/acme-a", "DELETE /valkeyinstance/a"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_a_gateway_answers_is_not_done() {
    let (_, session) = Fake::with(|_| reply(404, "<html>"));
    let (subscription, _) = valkey();
    let deleted = writes(&session)
        .delete(&subscription, &instance(None, None))
        .await;
    assert_eq!(deleted.unwrap_err().class, Class::Transient);
}

fn suspended() -> Suspended {
    Suspended {
        service: "valkey-io-valkey".into(),
        name: "a".into(),
        since: None,
        reason: None,
        options: password(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_suspended_instance_is_resumed_or_removed_by_its_record() {
    let (fake, session) = Fake::with(|_| reply(200, r#"{"serviceId":"x","resumedAt":"now"}"#));
    writes(&session).resume(&suspended()).await.unwrap();
    let api = writes(&session);
    api.discard_suspended(&suspended()).await.unwrap();
    let record = "/mysuspended/valkey-io-valkey/a";
    assert_eq!(
        fake.lines(),
        [format!("POST {record}/resume"), format!("DELETE {record}")]
    );
    for asked in fake.asked() {
        assert_eq!(asked.body, "");
        assert_eq!(asked.header("content-type"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_is_not_there_is_removed_and_cannot_be_resumed() {
    let (_, session) = Fake::with(|_| reply(404, r#"{"reason":"Not found"}"#));
    let api = writes(&session);
    api.discard_suspended(&suspended()).await.unwrap();
    let error = api.resume(&suspended()).await.unwrap_err();
    assert_eq!((error.class, error.leaves_open()), (Class::Absent, false));
}

#[tokio::test(start_paused = true)]
async fn a_resume_is_sent_once_whatever_the_answer_and_no_error_holds_its_options() {
    for (status, body) in [
        (504, "<html>".to_owned()),
        (500, json!({"message": "no"}).to_string()),
        (400, json!({"reason": "bad hunter2&\""}).to_string()),
    ] {
        let (fake, session) = Fake::with(move |_| reply(status, &body));
        let error = writes(&session).resume(&suspended()).await.unwrap_err();
        assert_eq!(error.leaves_open(), status >= 500);
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        assert_eq!(fake.lines().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_and_a_deletion_are_repeated_and_a_create_is_not() {
    let busy = |asked: &Asked| match asked.turn {
        0 => reply(503, "<html>"),
        1 => Err(TransportError {
            kind: TransportKind::Broken,
            message: "gone".to_owned(),
        }),
        _ => reply(200, DOCUMENT),
    };
    let (fake, session) = Fake::with(busy);
    let (subscription, service) = valkey();
    let links = Links {
        update: Some("/valkeyinstance/a".to_owned()),
        ..Links::default()
    };
    let (api, it) = (writes(&session), instance(None, Some(links)));
    let nothing = BTreeMap::new();
    let updated = api.update(&subscription, &service, &it, &nothing).await;
    updated.unwrap();
    api.delete(&subscription, &it).await.unwrap();
    let created = api.create(&subscription, &service, "a", &password()).await;
    assert_eq!(created.unwrap_err().class, Class::Transient);
    let mut expected = vec!["PATCH /valkeyinstance/a"; 3];
    expected.extend(["DELETE /valkeyinstance/a"; 3]);
    expected.push("POST /valkeyinstance");
    assert_eq!(fake.lines(), expected);
}

#[tokio::test(start_paused = true)]
async fn once_a_run_is_stopped_no_change_is_attempted_again() {
    let (fake, session) = Fake::with(|_| reply(429, r#"{"reason":"slow down"}"#));
    let (subscription, service) = valkey();
    let api = writes(&session);
    let stop = CancellationToken::new();
    api.stop_with(&stop);
    let nothing = BTreeMap::new();
    let create = api.create(&subscription, &service, "a", &nothing);
    let interrupt = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stop.cancel();
        tokio::time::Instant::now()
    };
    let (created, interrupted) = tokio::join!(create, interrupt);
    assert_eq!(created.unwrap_err().status, Some(429));
    assert!(interrupted.elapsed() < Duration::from_millis(1));
    // Not even a first pause is begun, and questions are still repeated.
    api.delete(&subscription, &instance(None, None))
        .await
        .unwrap_err();
    let changes = ["POST /valkeyinstance", "DELETE /valkeyinstance/a"];
    assert_eq!(fake.lines(), changes);
    api.reads().suspended(&[]).await.unwrap_err();
    assert_eq!(fake.lines().len(), 2 + 6);
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_attempt_may_have_done_stays_open_whatever_the_last_one_says() {
    let (_, session) = Fake::with(|asked| match asked.turn {
        0 => reply(504, "<html>"),
        _ => reply(400, r#"{"reason":"not today"}"#),
    });
    let (subscription, _) = valkey();
    let (api, it) = (writes(&session), instance(None, None));
    let error = api.delete(&subscription, &it).await.unwrap_err();
    assert_eq!((error.class, error.status), (Class::Refused, Some(400)));
    assert!(error.leaves_open() && !error.was_not_sent());
}
