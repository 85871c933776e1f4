use serde_json::{Value, json};

use super::client::{Client, POSTGRES, VALKEY};

const FIRST: &str = "eyevinn-chaos-stream-proxy";
const SECOND: &str = "alexbj75-food-recipe-collector-app";

fn created(service: &str, body: Value) -> Value {
    let mut client = Client::subscribed(&[service]);
    let said = client.create(service, body);
    assert_eq!(said.status, 200, "{said:?}");
    said.json()
}

fn rels(document: &Value) -> Vec<&str> {
    document["_links"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn references_are_echoed_as_text() {
    let document = created(VALKEY, json!({ "name": "a", "Password": "{{secrets.pw}}" }));
    assert_eq!(document["Password"], "{{secrets.pw}}");
}

#[test]
fn an_option_without_a_value_is_absent_undefined_or_empty_by_generation() {
    let first = created(FIRST, json!({ "name": "a" }));
    assert!(first.get("statefulmode").is_none());
    let second = created(POSTGRES, json!({ "name": "a", "PostgresPassword": "x" }));
    assert_eq!(second["PostgresUser"], "undefined");
    let third = created(VALKEY, json!({ "name": "a" }));
    assert_eq!(third["Password"], "");
}

#[test]
fn booleans_are_text_but_on_the_newest_generation() {
    let first = created(FIRST, json!({ "name": "a", "statefulmode": true }));
    assert_eq!(first["statefulmode"], "true");
    let body = json!({ "name": "a", "allowOrigin": true, "databaseUrl": "x" });
    assert_eq!(created(SECOND, body)["allowOrigin"], "true");
    let newest = "dani-garcia-vaultwarden";
    let body = json!({
        "name": "a", "adminToken": "x", "databaseUrl": "x", "signupsAllowed": "false",
    });
    assert_eq!(created(newest, body)["signupsAllowed"], false);
}

#[test]
fn the_first_generation_has_no_links() {
    let document = created(FIRST, json!({ "name": "a" }));
    assert!(document.get("_links").is_none());
}

#[test]
fn the_second_generation_links_what_it_has() {
    let document = created(POSTGRES, json!({ "name": "a", "PostgresPassword": "x" }));
    let all = [
        "self",
        "logs",
        "health",
        "ports",
        "restart",
        "update",
        "internalEndpoint",
    ];
    assert_eq!(rels(&document), all);
    let encore = created("encore", json!({ "name": "a" }));
    assert_eq!(
        rels(&encore),
        ["self", "logs", "health", "ports", "restart"]
    );
}

#[test]
fn the_newest_generation_links_scale_and_node_ports_too() {
    let document = created(VALKEY, json!({ "name": "a" }));
    let all = [
        "self",
        "logs",
        "health",
        "ports",
        "restart",
        "update",
        "scale",
        "nodePorts",
        "internalEndpoint",
    ];
    assert_eq!(rels(&document), all);
    assert_eq!(document["_links"]["self"]["href"], "/valkeyinstance/a");
    assert_eq!(document["_links"]["health"]["href"], "/health/a");
}

#[test]
fn the_address_of_an_instance_has_a_trailing_slash_on_some() {
    let document = created(VALKEY, json!({ "name": "a" }));
    assert_eq!(
        document["url"],
        "https://sandbox-a.valkey-io-valkey.auto.prod-se.osaas.io"
    );
    let document = created("encore", json!({ "name": "a" }));
    assert_eq!(
        document["url"],
        "https://sandbox-a.encore.auto.prod-se.osaas.io/"
    );
}

#[test]
fn encore_names_where_its_jobs_go() {
    let resources = &created("encore", json!({ "name": "a" }))["resources"];
    assert_eq!(resources["enqueueJob"]["method"], "POST");
    assert_eq!(
        resources["listJobs"]["url"],
        "https://sandbox-a.encore.auto.prod-se.osaas.io/encoreJobs"
    );
    assert!(resources["license"]["url"].is_string());
}

#[test]
fn public_access_is_taken_and_not_echoed() {
    let document = created(VALKEY, json!({ "name": "a", "publicAccess": false }));
    assert!(document.get("publicAccess").is_none());
}
