use std::time::Duration;

use serde_json::{Value, json};

use super::app::{App, ask, encoded, tokens};
use super::browser::{Browser, returned};
use crate::sandbox::tests::client::{Client, VALKEY, dawn, request, spec};
use crate::sandbox::{Cut, Dialed, dial};

const HOST: &str = "https://sandbox-two-cache.valkey-io-valkey.auto.prod-se.osaas.io/";

/// The same account, signed in to this workspace.
fn signed_in(client: &mut Client, workspace: &str) -> String {
    let app = App::cli();
    let mut browser = Browser::default();
    let mut form = browser.sign_in(client, &encoded(&app.link()));
    form.insert("workspace".to_owned(), workspace.to_owned());
    form.insert("decision".to_owned(), "allow".to_owned());
    let code = returned(&browser.submit(client, &form)).1["code"].clone();
    tokens(&ask(client, "token", &app.exchange(&code))).access
}

/// A client that acts in the second workspace, where it is subscribed to a service.
fn in_second() -> Client {
    let mut client = Client::new();
    client.pat = signed_in(&mut client, "sandbox-two");
    let body = json!({ "services": [VALKEY] });
    let said = client.platform("catalog", "POST", "/mysubscriptions", Some(body));
    assert_eq!(said.json()["teamId"], "sandbox-two");
    client
}

fn plan(client: &mut Client) -> Value {
    client
        .platform("money", "GET", "/mytenantplan", None)
        .json()
}

#[test]
fn each_workspace_is_on_a_plan_of_its_own() {
    let mut client = Client::new();
    assert_eq!(plan(&mut client), json!({ "name": "FREE" }));
    client.pat = signed_in(&mut client, "sandbox");
    assert_eq!(plan(&mut client), json!({ "name": "FREE" }));
    client.pat = signed_in(&mut client, "sandbox-two");
    assert_eq!(plan(&mut client), json!({ "name": "PERSONAL" }));
}

#[test]
fn nothing_of_one_workspace_is_seen_in_the_other() {
    let mut client = in_second();
    let second = client.pat.clone();
    let made = client.create(VALKEY, json!({ "name": "cache" })).json();
    assert_eq!(made["url"], HOST.trim_end_matches('/'));
    client.wait(60);
    client.pat = client.world.personal_access_token(client.now, None);
    assert_eq!(client.world.tenant(), "sandbox");
    let subscriptions = client.platform("catalog", "GET", "/mysubscriptions", None);
    assert_eq!(subscriptions.json(), json!([]));
    assert_eq!(client.issue_token(VALKEY).status, 403);
    let body = json!({ "services": [VALKEY] });
    client.platform("catalog", "POST", "/mysubscriptions", Some(body));
    assert_eq!(client.list(VALKEY), json!([]));
    assert_eq!(client.get(VALKEY, "cache").status, 404);
    client.create(VALKEY, json!({ "name": "cache" }));
    client.delete(VALKEY, "cache");
    client.pat = second;
    client.wait(60);
    assert_eq!(client.list(VALKEY).as_array().unwrap().len(), 1);
}

#[test]
fn a_service_token_is_good_in_its_workspace_only() {
    let mut client = in_second();
    client.create(VALKEY, json!({ "name": "cache" }));
    client.wait(60);
    let own = client.token(VALKEY);
    client.pat = client.world.personal_access_token(client.now, None);
    let body = json!({ "services": [VALKEY] });
    client.platform("catalog", "POST", "/mysubscriptions", Some(body));
    let foreign = client.token(VALKEY);
    let said = client.send(request("GET", HOST, "x-jwt", &own, None));
    assert_eq!(said.status, 200);
    let said = client.send(request("GET", HOST, "x-jwt", &foreign, None));
    assert!(said.is_nginx(401));
}

#[test]
fn an_instance_of_the_second_workspace_is_young_suspended_and_dialled_as_any() {
    let mut client = in_second();
    client.create(VALKEY, json!({ "name": "cache" }));
    let token = client.token(VALKEY);
    let ask = || request("GET", HOST, "x-jwt", &token, None);
    assert_eq!(client.try_send(ask()).unwrap_err(), Cut::Refused);
    client.wait(60);
    let ports = client.service(VALKEY, "GET", "/ports/cache", None).json();
    let (host, port) = (
        ports[0]["externalIp"].as_str().unwrap(),
        ports[0]["externalPort"].as_u64().unwrap() as u16,
    );
    let dialed = dial(&client.world, &client.rules, client.now, host, port);
    assert!(matches!(dialed, Dialed::Open(_)));
    let (rules, now) = (client.rules.clone(), client.now);
    assert!(client.world.suspend(&rules, now, VALKEY, "cache", None));
    let suspended = client
        .platform("deploy", "GET", "/mysuspended", None)
        .json();
    assert_eq!(suspended[0]["instanceName"], "cache");
}

#[test]
fn under_prefixes_an_address_leads_to_whoever_has_a_token_or_else_the_instance() {
    let mut client = in_second();
    let token = client.token(VALKEY);
    client.create(VALKEY, json!({ "name": "cache" }));
    client.wait(60);
    let mut client = client.prefixed();
    let at = "/at/valkey-io-valkey/cache";
    let said = client.send(request("GET", at, "x-jwt", &token, None));
    assert_eq!(said.status, 200);
    let said = client.send(request("GET", at, "x-jwt", "abc", None));
    assert!(said.is_nginx(401));
    let path = format!("/svc/{VALKEY}{}", spec(VALKEY).collection);
    let list = client.send(request("GET", &path, "x-jwt", &token, None));
    assert_eq!(list.json()[0]["name"], "cache");
}

#[test]
fn a_world_from_before_there_were_two_opens_and_has_both() {
    let old = json!({
        "format": 1,
        "key": "KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKio=",
        "tenant": "sandbox",
        "user": "sandbox",
        "plan": "FREE",
        "personal_access_tokens": 1,
        "subscriptions": [VALKEY],
        "instances": { VALKEY: { "cache": {
            "options": { "name": "cache" },
            "created": 1_789_999_000_000u64,
            "started": 1_789_999_000_000u64,
        } } },
    });
    let mut client = Client::new();
    client.world = serde_json::from_value(old).unwrap();
    assert_eq!(client.list(VALKEY)[0]["name"], "cache");
    client.pat = signed_in(&mut client, "sandbox-two");
    assert_eq!(plan(&mut client), json!({ "name": "PERSONAL" }));
    let hour = Some(Duration::from_secs(3600));
    client.world.personal_access_token(dawn(), hour);
}
