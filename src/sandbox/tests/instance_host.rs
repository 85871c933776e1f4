use serde_json::json;

use super::client::{Client, VALKEY, request, spec};
use crate::sandbox::{Cut, instance_host};

const DRAWING: &str = "excalidraw-excalidraw";
const PAGE: &str = "/some/page";

fn created() -> Client {
    let mut client = Client::subscribed(&[VALKEY]);
    client.create(VALKEY, json!({ "name": "a" }));
    client
}

/// What becomes of a request for a page: a cut, or a status.
fn meets(client: &mut Client, path: &str) -> Result<u16, Cut> {
    let said = client.host(VALKEY, "a", path);
    said.map(|said| said.status.as_u16())
}

#[test]
fn a_young_host_is_unreachable_then_untrusted_then_walled_and_then_open() {
    let mut client = created();
    let steps = [
        (0, Err(Cut::Refused)),
        (21, Err(Cut::Refused)),
        (22, Err(Cut::Untrusted)),
        (27, Err(Cut::Untrusted)),
        (28, Ok(401)),
        (41, Ok(401)),
        (42, Ok(200)),
    ];
    let mut passed = 0;
    for (at, expected) in steps {
        client.wait(at - passed);
        passed = at;
        assert_eq!(meets(&mut client, PAGE), expected, "after {at} s");
    }
}

#[test]
fn the_root_answers_before_the_rest_does() {
    let mut client = created();
    client.wait(28);
    assert_eq!(meets(&mut client, "/"), Ok(200));
    assert!(client.host(VALKEY, "a", PAGE).unwrap().is_nginx(401));
}

#[test]
fn a_host_that_is_known_stays_reachable_through_a_restart() {
    let mut client = created();
    client.wait(60);
    client.service(VALKEY, "POST", "/restart/a", None);
    assert!(client.host(VALKEY, "a", PAGE).unwrap().is_nginx(503));
    client.wait(20);
    assert!(client.host(VALKEY, "a", PAGE).unwrap().is_nginx(502));
    client.wait(8);
    assert_eq!(meets(&mut client, PAGE), Ok(200));
}

#[test]
fn a_host_is_young_again_after_a_resume() {
    let mut client = created();
    client.wait(60);
    client
        .world
        .suspend(&client.rules, client.now, VALKEY, "a", None);
    let body = json!({ "services": [VALKEY] });
    client.platform("catalog", "POST", "/mysubscriptions", Some(body));
    assert_eq!(meets(&mut client, PAGE), Ok(404));
    let path = format!("/mysuspended/{VALKEY}/a/resume");
    client.platform("deploy", "POST", &path, None);
    client.wait(30 + 21);
    assert_eq!(meets(&mut client, PAGE), Err(Cut::Refused));
    client.wait(21);
    assert_eq!(meets(&mut client, PAGE), Ok(200));
}

#[test]
fn an_open_host_wants_a_token_of_its_service() {
    let mut client = created();
    client.wait(60);
    let uri = "https://sandbox-a.valkey-io-valkey.auto.prod-se.osaas.io/";
    let said = client.send(request("GET", uri, "authorization", "abc", None));
    assert!(said.is_nginx(401));
    let token = client.token(VALKEY);
    let said = client.send(request("GET", uri, "authorization", &token, None));
    assert_eq!(said.content_type, "text/html");
}

#[test]
fn a_host_ends_with_its_instance() {
    let mut client = created();
    client.wait(60);
    client.delete(VALKEY, "a");
    assert_eq!(meets(&mut client, "/"), Ok(503));
    client.wait(30);
    assert_eq!(meets(&mut client, "/"), Ok(404));
}

#[test]
fn without_waiting_there_are_no_windows() {
    let mut client = created();
    client.rules.timing = client.rules.timing.scaled(f64::INFINITY);
    assert_eq!(meets(&mut client, PAGE), Ok(200));
}

#[test]
fn jobs_channels_and_strangers_have_no_windows() {
    let client = created();
    let window = |service: &str, name: &str| {
        let now = client.now.into();
        instance_host::window(&client.world, &client.rules, now, spec(service), name)
    };
    assert_eq!(window(VALKEY, "a"), Some(Cut::Refused));
    assert_eq!(window(VALKEY, "b"), None);
    assert_eq!(window("channel-engine", "a"), None);
}

#[test]
fn the_pages_a_document_names_are_there() {
    let mut named = Vec::new();
    for service in [DRAWING, "encore", "eyevinn-app-config-svc", VALKEY] {
        let mut client = Client::subscribed(&[service]);
        let said = client.create(service, json!({ "name": "a", "RedisUrl": "redis://x" }));
        client.wait(60);
        for kind in ["app", "apiDocs"] {
            let Some(url) = said.json()["resources"][kind]["url"]
                .as_str()
                .map(str::to_owned)
            else {
                continue;
            };
            let token = client.token(service);
            let said = client.send(request("GET", &url, "x-jwt", &token, None));
            assert_eq!(
                (said.status.as_u16(), said.content_type.as_str()),
                (200, "text/html")
            );
            named.push((service, kind));
        }
    }
    let expected = [
        (DRAWING, "app"),
        ("encore", "apiDocs"),
        ("eyevinn-app-config-svc", "apiDocs"),
    ];
    assert_eq!(named, expected);
}
