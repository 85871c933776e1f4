use serde_json::{Value, json};

use super::cache_under;
use crate::sandbox::Cut;
use crate::sandbox::tests::client::{Client, VALKEY};

/// What is sent, and whether it took effect.
type Change = (
    &'static str,
    &'static str,
    Option<Value>,
    fn(&mut Client) -> bool,
);

fn changes() -> [Change; 4] {
    [
        (
            "POST",
            "/valkeyinstance",
            Some(json!({ "name": "b" })),
            |client| client.get(VALKEY, "b").status == 200,
        ),
        (
            "PATCH",
            "/valkeyinstance/a",
            Some(json!({ "Password": "new" })),
            |client| client.get(VALKEY, "a").json()["Password"] == "new",
        ),
        ("POST", "/restart/a", None, |client| {
            client.health(VALKEY, "a") == "starting"
        }),
        ("DELETE", "/valkeyinstance/a", None, |client| {
            client.wait(60);
            client.get(VALKEY, "a").status == 404
        }),
    ]
}

#[test]
fn a_change_without_an_answer_took_effect_or_did_not() {
    for (fault, effect, cut) in [
        ("drop-before", false, Cut::Dropped),
        ("drop-after", true, Cut::Dropped),
        ("hang", false, Cut::Silent),
        ("hang-after", true, Cut::Silent),
    ] {
        for (method, path, body, took_effect) in changes() {
            let mut client = cache_under(fault);
            let said = client.try_service(VALKEY, method, path, body);
            assert_eq!(said.unwrap_err(), cut, "{fault} {method} {path}");
            assert_eq!(took_effect(&mut client), effect, "{fault} {method} {path}");
        }
    }
}

#[test]
fn a_change_behind_a_gateway_timeout_took_effect() {
    for (method, path, body, took_effect) in changes() {
        let mut client = cache_under("gateway-timeout");
        assert!(client.service(VALKEY, method, path, body).is_nginx(504));
        assert!(took_effect(&mut client), "{method} {path}");
    }
}

#[test]
fn a_change_can_be_refused_with_what_was_sent() {
    for (method, path, body, took_effect) in changes() {
        let mut client = cache_under("change-echo");
        let sent = body.as_ref().map(Value::to_string).unwrap_or_default();
        let said = client.service(VALKEY, method, path, body);
        let reason = format!("Cannot process this: {sent}");
        assert_eq!(
            (said.status.as_u16(), &said.json()["reason"]),
            (400, &json!(reason))
        );
        assert!(!took_effect(&mut client), "{method} {path}");
    }
}

#[test]
fn subscribing_is_a_change_and_asking_for_a_token_is_none() {
    let mut client = Client::new();
    client.suffer(["gateway-timeout"]);
    assert_eq!(client.issue_token(VALKEY).status, 403);
    let body = Some(json!({ "services": [VALKEY] }));
    assert!(
        client
            .platform("catalog", "POST", "/mysubscriptions", body)
            .is_nginx(504)
    );
    assert_eq!(client.issue_token(VALKEY).status, 200);
}

#[test]
fn a_patch_or_restart_can_be_answered_and_ignored() {
    let mut client = cache_under("patch-ignored");
    let said = client.patch(VALKEY, "a", json!({ "Password": "new" }));
    assert_eq!(
        (said.status.as_u16(), &said.json()["Password"]),
        (200, &json!("new"))
    );
    assert_eq!(client.get(VALKEY, "a").json()["Password"], "old");
    assert_eq!(client.health(VALKEY, "a"), "running");
    let mut client = cache_under("restart-ignored");
    assert_eq!(
        client.service(VALKEY, "POST", "/restart/a", None).status,
        204
    );
    assert_eq!(client.health(VALKEY, "a"), "running");
}

#[test]
fn a_deleted_instance_can_linger_and_have_its_name() {
    let mut client = cache_under("delete-lingers:for=45s");
    assert_eq!(client.delete(VALKEY, "a").status, 204);
    client.wait(74);
    assert_eq!(client.get(VALKEY, "a").status, 200);
    assert_eq!(client.create(VALKEY, json!({ "name": "a" })).status, 409);
    client.wait(1);
    assert_eq!(client.get(VALKEY, "a").status, 404);
    assert_eq!(client.create(VALKEY, json!({ "name": "a" })).status, 200);
    client.wait(1);
    assert_eq!(client.get(VALKEY, "a").status, 200);
}
