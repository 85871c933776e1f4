use serde_json::json;

use super::client::{Client, POSTGRES, Said, VALKEY};

const FIRST: &str = "eyevinn-chaos-stream-proxy";

fn with(service: &str, body: serde_json::Value) -> Client {
    let mut client = Client::subscribed(&[service]);
    assert_eq!(client.create(service, body).status, 200);
    client
}

fn ask(client: &mut Client, service: &str, path: &str) -> Said {
    client.service(service, "GET", path, None)
}

#[test]
fn health_is_starting_and_then_running() {
    let mut client = with(VALKEY, json!({ "name": "a" }));
    client.wait(19);
    assert_eq!(client.health(VALKEY, "a"), "starting");
    client.wait(1);
    assert_eq!(client.health(VALKEY, "a"), "running");
}

#[test]
fn health_lists_images_on_the_newest_generation_only() {
    let mut client = with(VALKEY, json!({ "name": "a" }));
    assert!(ask(&mut client, VALKEY, "/health/a").json()["images"][0].is_string());
    let mut client = with(FIRST, json!({ "name": "a" }));
    assert_eq!(
        ask(&mut client, FIRST, "/health/a").json(),
        json!({ "status": "starting" })
    );
}

#[test]
fn two_services_have_no_health_route() {
    const SCENES: &str = "eyevinn-function-scenes";
    let mut client = with(SCENES, json!({ "name": "a" }));
    let said = ask(&mut client, SCENES, "/health/a");
    assert_eq!(said.message(), "Route GET:/health/a not found");
}

#[test]
fn ports_are_empty_at_first_and_then_the_same_for_ever() {
    let mut client = with(VALKEY, json!({ "name": "a" }));
    client.wait(24);
    assert_eq!(ask(&mut client, VALKEY, "/ports/a").json(), json!([]));
    assert_eq!(ask(&mut client, VALKEY, "/nodeports/a").json(), json!([]));
    client.wait(1);
    let ports = ask(&mut client, VALKEY, "/ports/a").json();
    assert_eq!(ports[0]["internalPort"], 6379);
    let node_ports = ask(&mut client, VALKEY, "/nodeports/a").json();
    assert_eq!(node_ports[0]["port"], ports[0]["externalPort"]);
    assert_eq!(node_ports[0]["protocol"], "TCP");
    client.service(VALKEY, "POST", "/restart/a", None);
    assert_eq!(ask(&mut client, VALKEY, "/ports/a").json(), ports);
}

#[test]
fn services_reached_by_their_address_have_no_ports() {
    let mut client = with("encore", json!({ "name": "a" }));
    client.wait(60);
    assert_eq!(ask(&mut client, "encore", "/ports/a").json(), json!([]));
    assert_eq!(ask(&mut client, "encore", "/nodeports/a").status, 404);
}

#[test]
fn an_instance_without_public_access_has_no_ports_but_an_address_inside() {
    let body = json!({ "name": "a", "PostgresPassword": "x", "publicAccess": "false" });
    let mut client = with(POSTGRES, body);
    client.wait(60);
    assert_eq!(ask(&mut client, POSTGRES, "/ports/a").json(), json!([]));
    let document = client.get(POSTGRES, "a").json();
    assert!(document.get("publicAccess").is_none());
    let link = document["_links"]["internalEndpoint"]["href"]
        .as_str()
        .unwrap();
    let expected = json!({
        "serviceDns": "sandbox-a.birme-osc-postgresql.svc.cluster.local",
        "ports": [{ "name": "tcp-5432", "port": 5432, "protocol": "TCP" }],
        "publicAccess": false,
    });
    assert_eq!(ask(&mut client, POSTGRES, link).json(), expected);
}

#[test]
fn only_services_that_can_do_without_public_access_tell_their_address_inside() {
    let mut client = with(VALKEY, json!({ "name": "a" }));
    let said = ask(&mut client, VALKEY, "/internalendpoint/a").json();
    assert_eq!(said["publicAccess"], true);
    let mut client = with("encore", json!({ "name": "a" }));
    let links = client.get("encore", "a").json()["_links"].clone();
    assert!(links.get("internalEndpoint").is_none());
    let said = ask(&mut client, "encore", "/internalendpoint/a");
    assert_eq!(said.message(), "Route GET:/internalendpoint/a not found");
}

#[test]
fn logs_tell_the_life_of_the_instance_and_no_values() {
    let mut client = with(VALKEY, json!({ "name": "a", "Password": "hunter2" }));
    client.wait(30);
    client.service(VALKEY, "POST", "/restart/a", None);
    client.wait(30);
    client.delete(VALKEY, "a");
    let said = ask(&mut client, VALKEY, "/logs/a");
    assert!(!said.text.contains("hunter2"));
    let expected = json!([
        "valkey-io-valkey a: created",
        "valkey-io-valkey a: starting again",
        "valkey-io-valkey a: up and running",
        "valkey-io-valkey a: stopping",
    ]);
    assert_eq!(said.json(), expected);
}

#[test]
fn logs_can_be_recent_and_stamped() {
    let mut client = with(VALKEY, json!({ "name": "a" }));
    client.wait(30);
    let said = ask(
        &mut client,
        VALKEY,
        "/logs/a?timestamps=true&sinceSeconds=15",
    );
    assert_eq!(
        said.json(),
        json!(["2026-09-21T14:13:40.000Z valkey-io-valkey a: up and running"])
    );
}

#[test]
fn logs_come_as_text_string_or_array_by_generation() {
    let mut client = with(FIRST, json!({ "name": "a" }));
    let said = ask(&mut client, FIRST, "/logs/a");
    assert_eq!(said.text, format!("{FIRST} a: created"));
    assert!(said.content_type.starts_with("text/plain"));
    let mut client = with("encore", json!({ "name": "a" }));
    assert_eq!(
        ask(&mut client, "encore", "/logs/a").json(),
        json!("encore a: created")
    );
}

#[test]
fn the_root_greets_and_is_verbose_on_newer_services() {
    let mut client = Client::subscribed(&[FIRST, VALKEY]);
    for service in [FIRST, VALKEY] {
        assert!(
            ask(&mut client, service, "/")
                .content_type
                .starts_with("text/plain")
        );
    }
    let said = ask(&mut client, FIRST, "/?verbose=true");
    assert!(said.content_type.starts_with("text/plain"));
    let document = ask(&mut client, VALKEY, "/?verbose=true").json();
    assert!(document["versions"]["@osaas/orchestrator"].is_string());
    assert_eq!(document["_links"]["self"]["href"], "/");
}

#[test]
fn reading_leaves_the_world_as_it_was() {
    let mut client = with(VALKEY, json!({ "name": "a" }));
    client.delete(VALKEY, "a");
    client.wait(600);
    let before = client.world.clone();
    client.list(VALKEY);
    for path in ["/valkeyinstance/a", "/health/a", "/logs/a", "/ports/a", "/"] {
        ask(&mut client, VALKEY, path);
    }
    client.platform("catalog", "GET", "/mysubscriptions", None);
    assert!(client.world == before);
}
