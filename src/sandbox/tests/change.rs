use std::time::Duration;

use serde_json::json;

use super::client::{Client, POSTGRES, VALKEY};

const SCALING: &str = "eyevinn-player-analytics-worker";

fn running(service: &str, options: serde_json::Value) -> Client {
    let mut client = Client::subscribed(&[service]);
    let said = client.create(service, options);
    assert_eq!(said.status, 200, "{said:?}");
    client.wait(60);
    client
}

#[test]
fn patch_merges_is_live_at_once_and_starts_the_instance_again() {
    let body = json!({ "name": "db", "PostgresPassword": "x", "PostgresUser": "ada" });
    let mut client = running(POSTGRES, body);
    let said = client.patch(
        POSTGRES,
        "db",
        json!({ "PostgresDb": "shop", "name": "other" }),
    );
    assert_eq!(
        (said.status.as_u16(), said.after),
        (200, Duration::from_secs(1))
    );
    let document = client.get(POSTGRES, "db").json();
    assert_eq!(said.json(), document);
    assert_eq!(
        (&document["name"], &document["PostgresDb"]),
        (&json!("db"), &json!("shop"))
    );
    assert_eq!(document["PostgresUser"], "ada");
    assert_eq!(client.health(POSTGRES, "db"), "starting");
    client.wait(20);
    assert_eq!(client.health(POSTGRES, "db"), "running");
}

#[test]
fn patch_with_an_empty_text_clears_the_option() {
    let mut client = running(VALKEY, json!({ "name": "a", "Password": "x" }));
    let said = client.patch(VALKEY, "a", json!({ "Password": "" }));
    assert_eq!(said.json()["Password"], "");
    let body = json!({ "name": "db", "PostgresPassword": "x", "PostgresUser": "ada" });
    let mut client = running(POSTGRES, body);
    let said = client.patch(POSTGRES, "db", json!({ "PostgresUser": "" }));
    assert_eq!(said.json()["PostgresUser"], "undefined");
    client.patch(POSTGRES, "db", json!({ "PostgresUser": "ada" }));
    let said = client.patch(POSTGRES, "db", json!({ "PostgresUser": null }));
    assert_eq!(said.json()["PostgresUser"], "undefined");
}

#[test]
fn patch_with_the_text_undefined_is_refused_and_changes_nothing() {
    let mut client = running(VALKEY, json!({ "name": "a", "Password": "x" }));
    let said = client.patch(VALKEY, "a", json!({ "Password": "undefined" }));
    assert_eq!(said.status, 400);
    assert!(said.reason().contains("undefined"));
    assert_eq!(client.get(VALKEY, "a").json()["Password"], "x");
    assert_eq!(client.health(VALKEY, "a"), "running");
}

#[test]
fn patch_where_there_is_none_is_an_unknown_route() {
    let mut client = running("encore", json!({ "name": "a" }));
    let said = client.patch("encore", "a", json!({ "s3Region": "x" }));
    assert_eq!(said.status, 404);
    assert_eq!(said.message(), "Route PATCH:/encoreinstance/a not found");
}

#[test]
fn patch_of_what_is_not_there_is_a_404_with_a_reason() {
    let mut client = Client::subscribed(&[VALKEY]);
    let said = client.patch(VALKEY, "a", json!({ "Password": "x" }));
    assert_eq!(
        (said.status.as_u16(), said.reason().as_str()),
        (404, "Instance not found")
    );
}

#[test]
fn restart_starts_the_instance_again() {
    let mut client = running(VALKEY, json!({ "name": "a" }));
    let said = client.service(VALKEY, "POST", "/restart/a", None);
    assert_eq!((said.status.as_u16(), said.text.as_str()), (204, ""));
    assert_eq!(client.health(VALKEY, "a"), "starting");
    assert_eq!(
        client.service(VALKEY, "POST", "/restart/b", None).status,
        404
    );
}

#[test]
fn the_first_generation_cannot_restart() {
    const FIRST: &str = "eyevinn-chaos-stream-proxy";
    let mut client = running(FIRST, json!({ "name": "a" }));
    let said = client.service(FIRST, "POST", "/restart/a", None);
    assert_eq!(said.message(), "Route POST:/restart/a not found");
}

#[test]
fn replicas_can_be_read_and_set_where_there_is_a_link() {
    let mut client = Client::subscribed(&[SCALING]);
    let options: serde_json::Map<_, _> = super::client::spec(SCALING)
        .options
        .iter()
        .filter(|option| option.mandatory)
        .map(|option| (option.name.clone(), json!("a")))
        .collect();
    let document = client.create(SCALING, options.into()).json();
    let path = document["_links"]["scale"]["href"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = Some(json!({ "desiredReplicas": "3" }));
    let said = client.service(SCALING, "PUT", &path, body);
    assert_eq!(
        said.json(),
        json!({ "actualReplicas": 0, "desiredReplicas": 3 })
    );
    client.wait(20);
    let said = client.service(SCALING, "GET", &path, None);
    assert_eq!(
        said.json(),
        json!({ "actualReplicas": 3, "desiredReplicas": 3 })
    );
    let said = client.service(
        SCALING,
        "PUT",
        &path,
        Some(json!({ "desiredReplicas": -1 })),
    );
    assert_eq!(said.status, 400);
}

#[test]
fn the_newest_generation_scales_and_the_middle_one_does_not() {
    let mut client = running(VALKEY, json!({ "name": "a" }));
    assert!(client.get(VALKEY, "a").json()["_links"]["scale"].is_object());
    let mut client = running("encore", json!({ "name": "a" }));
    assert!(
        client.get("encore", "a").json()["_links"]
            .get("scale")
            .is_none()
    );
    let said = client.service("encore", "GET", "/encoreinstance/a/scale", None);
    assert_eq!(
        said.message(),
        "Route GET:/encoreinstance/a/scale not found"
    );
}
