use serde_json::json;

use super::cache_under;
use crate::sandbox::tests::client::{Client, POSTGRES, VALKEY};

#[test]
fn health_can_stay_starting_for_ever_or_for_a_while() {
    let mut client = cache_under("health-stuck");
    client.wait(86_400);
    assert_eq!(client.health(VALKEY, "a"), "starting");
    let mut client = cache_under("health-stuck:for=2m");
    client.wait(59);
    assert_eq!(client.health(VALKEY, "a"), "starting");
    client.wait(1);
    assert_eq!(client.health(VALKEY, "a"), "running");
    client.service(VALKEY, "POST", "/restart/a", None);
    client.wait(119);
    assert_eq!(client.health(VALKEY, "a"), "starting");
}

#[test]
fn a_failed_instance_says_why_in_a_log_of_every_form() {
    for service in [VALKEY, POSTGRES, "channel-engine", "birme-contact-form-svc"] {
        let mut client = Client::subscribed(&[service]);
        client.suffer(["health-failed"]);
        let body = json!({
            "name": "a", "PostgresPassword": "x", "type": "Loop", "url": "https://a/b.m3u8",
            "Transport": "slack", "SlackBotToken": "x", "SlackChannelId": "x",
        });
        let said = client.create(service, body);
        assert!(said.status.is_success(), "{said:?}");
        assert_eq!(client.health(service, "a"), "failed");
        let log = client.service(service, "GET", "/logs/a", None);
        assert_eq!(log.status, 200);
        assert!(log.text.contains("fatal: cannot start"), "{}", log.text);
    }
}

#[test]
fn health_can_say_something_else_for_once_or_for_a_while() {
    let mut client = cache_under("health-job-condition");
    assert_eq!(client.health(VALKEY, "a"), "SuccessCriteriaMet");
    assert_eq!(client.health(VALKEY, "a"), "running");
    let mut client = cache_under("health-unknown:for=61s");
    assert_eq!(client.health(VALKEY, "a"), "unknown");
    client.wait(1);
    assert_eq!(client.health(VALKEY, "a"), "running");
    let mut client = cache_under("health-404");
    let said = client.service(VALKEY, "GET", "/health/a", None);
    assert_eq!(
        (said.status.as_u16(), said.reason().as_str()),
        (404, "Instance not found")
    );
    assert_eq!(client.health(VALKEY, "a"), "running");
}

#[test]
fn the_health_of_what_is_not_there_is_not_made_up() {
    for fault in ["health-stuck", "health-failed", "health-unknown"] {
        let mut client = cache_under(fault);
        let said = client.service(VALKEY, "GET", "/health/b", None);
        assert_eq!(
            (said.status.as_u16(), said.reason().as_str()),
            (404, "Instance not found")
        );
    }
}
