use std::collections::BTreeMap;

use super::super::Links;
use super::super::testing::{Fake, reads, reply, service, valkey};
use super::*;

const NO_ROUTE: &str = r#"{"statusCode":404,"message":"Route GET:/health/a not found"}"#;

fn instance(links: Option<Links>) -> Instance {
    Instance {
        name: "a".into(),
        id: None,
        url: None,
        has_page: false,
        options: BTreeMap::new(),
        can_update: false,
        can_restart: false,
        links,
    }
}

#[tokio::test(start_paused = true)]
async fn subscriptions_are_read_from_the_catalog() {
    let (fake, session) = Fake::with(|_| {
        let record = r#"[{"serviceId":"a","apiUrl":"https://api-a.osaas.io/ainstance"}]"#;
        reply(200, record)
    });
    let api = reads(&session);
    assert_eq!(api.workspace(), "acme");
    assert_eq!(api.subscriptions().await.unwrap()[0].service, "a");
    assert_eq!(fake.lines(), ["GET /mysubscriptions"]);
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_list_is_an_error_and_not_empty() {
    for (body, class) in [
        ("", Class::Transient),
        ("ok", Class::Transient),
        (r#"[{"name":"a""#, Class::Transient),
        (r#"{"reason":"x"}"#, Class::Transient),
        ("<html>", Class::Transient),
        ("{}", Class::Unexpected),
        ("null", Class::Unexpected),
        (r#"[{"url":"x"}]"#, Class::Unexpected),
    ] {
        let (_, session) = Fake::with(move |_| reply(200, body));
        let (subscription, service) = valkey();
        let list = reads(&session).instances(&subscription, &service).await;
        assert_eq!(list.unwrap_err().class, class, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_absent_only_when_its_service_says_so() {
    for (status, body, class) in [
        (404, r#"{"reason":"Not found"}"#, Class::Absent),
        (404, NO_ROUTE, Class::Transient),
        (404, "<html></html>", Class::Transient),
        (200, "", Class::Transient),
        (200, r#"{"name":"b"}"#, Class::Unexpected),
    ] {
        let (_, session) = Fake::with(move |_| reply(status, body));
        let (subscription, service) = valkey();
        let read = reads(&session);
        let error = read.instance(&subscription, &service, "a").await;
        assert_eq!(error.unwrap_err().class, class, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_channel_is_found_by_name_or_by_id() {
    let (fake, session) = Fake::with(|asked| match asked.line.as_str() {
        "GET /channel/acme-a" => reply(200, r#"{"name":"a","id":"acme-a","url":"https://play"}"#),
        _ => reply(404, r#"{"reason":"Not found"}"#),
    });
    let subscription = Subscription {
        service: "channel-engine".into(),
        api_url: Url::parse("https://api-ce.prod-se.osaas.io/channel").unwrap(),
    };
    let channel = reads(&session)
        .instance(&subscription, &service("channel-engine"), "a")
        .await
        .unwrap();
    assert_eq!(channel.url.as_deref(), Some("https://play"));
    assert_eq!(fake.lines(), ["GET /channel/a", "GET /channel/acme-a"]);
}

#[tokio::test(start_paused = true)]
async fn health_ports_and_logs_are_where_the_links_say_or_beside_the_collection() {
    let linked = Links {
        health: Some("/v2/health/a".into()),
        ports: Some("/v2/ports/a".into()),
        logs: Some("/v2/logs/a".into()),
        ..Links::default()
    };
    for (links, prefix) in [(None, ""), (Some(linked), "/v2")] {
        let (fake, session) = Fake::with(|asked| match asked.line.contains("health") {
            true => reply(200, r#"{"status":"running"}"#),
            false => reply(200, "[]"),
        });
        let (api, (subscription, _), it) = (reads(&session), valkey(), instance(links));
        assert_eq!(
            api.health(&subscription, &it).await.unwrap(),
            Health::Running
        );
        assert!(api.ports(&subscription, &it).await.unwrap().is_empty());
        assert!(
            api.logs(&subscription, &it, LogRange::default())
                .await
                .unwrap()
                .is_empty()
        );
        let lines = ["health", "ports", "logs"].map(|side| format!("GET {prefix}/{side}/a"));
        assert_eq!(fake.lines(), lines);
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_without_health_is_told_from_one_that_is_starting() {
    let link = Links {
        health: Some("/health/a".into()),
        ..Links::default()
    };
    for (links, class, requests) in [
        (None, Class::Unsupported, 6),
        (Some(link), Class::Transient, 6),
        (Some(Links::default()), Class::Unsupported, 0),
    ] {
        let (fake, session) = Fake::with(|_| reply(404, NO_ROUTE));
        let (subscription, _) = valkey();
        let health = reads(&session)
            .health(&subscription, &instance(links))
            .await;
        assert_eq!(health.unwrap_err().class, class);
        assert_eq!(fake.lines().len(), requests);
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_to_another_host_is_not_followed() {
    let (fake, session) = Fake::with(|_| reply(200, r#"{"status":"running"}"#));
    let links = Links {
        health: Some("https://evil.example/health/a".into()),
        ..Links::default()
    };
    let (subscription, _) = valkey();
    let read = reads(&session);
    let error = read.health(&subscription, &instance(Some(links))).await;
    assert!(error.unwrap_err().text.contains("evil.example"));
    assert!(fake.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn passwords_of_an_instance_do_not_show_in_debug() {
    let (_, session) = Fake::with(|_| reply(200, r#"[{"name":"a","Password":"hunter2"}]"#));
    let (subscription, service) = valkey();
    let list = reads(&session).instances(&subscription, &service).await;
    assert!(!format!("{:?}", list.unwrap()).contains("hunter2"));
}

#[tokio::test(start_paused = true)]
async fn suspended_instances_are_read_from_the_deploy_manager_with_the_access_token() {
    let (fake, session) = Fake::with(|_| {
        reply(
            200,
            r#"[{"serviceId":"x","instanceName":"a","parameters":{"p":"canary"}}]"#,
        )
    });
    let all = reads(&session).suspended(&[]).await.unwrap();
    assert!(all[0].is_of("x", "a"));
    let asked = fake.asked().remove(0);
    assert_eq!(asked.line, "GET /mysuspended");
    assert!(asked.header("x-pat-jwt").is_some());
    assert_eq!(fake.token_requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_list_of_suspended_instances_is_an_error_that_shows_none_of_it() {
    for (status, body) in [
        (200, ""),
        (200, "{}"),
        (200, "null"),
        (200, r#"{"Password":"canary"}"#),
        (200, r#"[{"serviceId":"canary"}]"#),
        (200, r#"[{"instanceName":"canary","#),
        (204, ""),
        (404, r#"{"reason":"none"}"#),
        (502, "<html>"),
    ] {
        let (_, session) = Fake::with(move |_| reply(status, body));
        let error = reads(&session).suspended(&[]).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_plan_is_read_from_the_money_host_with_the_access_token() {
    let (fake, session) = Fake::with(|_| reply(200, r#"{"name":"FREE","remainingTokens":80}"#));
    let plan = reads(&session).tenant_plan().await.unwrap();
    assert_eq!((&*plan.name, plan.remaining_tokens), ("FREE", Some(80)));
    let asked = fake.asked().remove(0);
    assert_eq!(asked.line, "GET /mytenantplan");
    assert!(asked.header("x-pat-jwt").is_some());
    assert_eq!(fake.token_requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_plan_without_a_name_is_an_error_and_no_plan() {
    for body in ["", "{}", "[]", r#""FREE""#, r#"{"name":7}"#, r#"{"name":"#] {
        let (_, session) = Fake::with(move |_| reply(200, body));
        assert!(reads(&session).tenant_plan().await.is_err(), "{body}");
    }
}
