use serde_json::json;

use super::client::{Client, Said};

const MINIO: &str = "minio-minio";
const COUCHDB: &str = "apache-couchdb";
const CLICKHOUSE: &str = "clickhouse-clickhouse";
const STORE: &str = "eyevinn-app-config-svc";
const ENCORE: &str = "encore";

/// An instance whose host has long been known.
///
/// `ready` tells whether its application is; else it has just been started again and runs.
fn with(service: &str, ready: bool) -> Client {
    let mut client = Client::subscribed(&[service]);
    let body = json!({ "name": "a", "AdminPassword": "x", "RedisUrl": "redis://x" });
    assert_eq!(client.create(service, body).status, 200);
    client.wait(60);
    if !ready {
        client.rules.timing.application_after = std::time::Duration::from_secs(60);
    }
    assert_eq!(client.health(service, "a"), "running");
    client
}

fn ask(service: &str, ready: bool, path: &str) -> Said {
    with(service, ready).host(service, "a", path).unwrap()
}

fn status(service: &str, ready: bool, path: &str) -> u16 {
    ask(service, ready, path).status.as_u16()
}

#[test]
fn object_storage_refuses_strangers_in_xml_once_it_serves() {
    let said = ask(MINIO, false, "/");
    assert_eq!(
        (said.status.as_u16(), said.content_type.as_str()),
        (503, "application/xml")
    );
    assert!(
        said.text
            .contains("<Code>XMinioServerNotInitialized</Code>")
    );
    let said = ask(MINIO, true, "/bucket/a&b");
    assert_eq!(
        (said.status.as_u16(), said.content_type.as_str()),
        (403, "application/xml")
    );
    assert!(said.text.contains("<Code>AccessDenied</Code>"));
    assert!(said.text.contains("<Resource>/bucket/a&amp;b</Resource>"));
}

#[test]
fn the_health_routes_of_object_storage_are_good_too_early_but_for_a_header() {
    for path in ["/minio/health/live", "/minio/health/ready"] {
        for ready in [false, true] {
            let said = ask(MINIO, ready, path);
            assert_eq!((said.status.as_u16(), said.text.as_str()), (200, ""));
            assert_eq!(said.headers.contains_key("x-minio-server-status"), !ready);
        }
    }
}

#[test]
fn couchdb_welcomes_everybody_and_shows_its_databases_to_nobody() {
    assert_eq!(status(COUCHDB, false, "/"), 502);
    let said = ask(COUCHDB, false, "/_up");
    assert_eq!(
        (said.status.as_u16(), said.json()["status"].clone()),
        (404, json!("maintenance_mode"))
    );
    assert_eq!(ask(COUCHDB, true, "/").json()["couchdb"], "Welcome");
    assert_eq!(ask(COUCHDB, true, "/_up").json()["status"], "ok");
    let said = ask(COUCHDB, true, "/_all_dbs");
    assert_eq!(
        (said.status.as_u16(), said.json()["error"].clone()),
        (401, json!("unauthorized"))
    );
}

#[test]
fn clickhouse_answers_a_ping_and_no_query() {
    assert_eq!(status(CLICKHOUSE, false, "/ping"), 502);
    assert_eq!(ask(CLICKHOUSE, true, "/ping").text, "Ok.\n");
    assert_eq!(status(CLICKHOUSE, true, "/?query=SELECT%201"), 403);
    assert_eq!(status(CLICKHOUSE, true, "/nothing"), 404);
}

#[test]
fn the_parameter_store_does_not_know_its_routes_at_first() {
    let path = "/api/v1/config/KEY";
    let message = ask(STORE, false, path).message();
    assert_eq!(message, "Route GET:/api/v1/config/KEY not found");
    let said = ask(STORE, true, path);
    assert_eq!(said.status, 404);
    assert!(said.reason().contains("KEY"));
    assert_eq!(
        ask(STORE, true, "/api/v1/config").json()["items"],
        json!([])
    );
    assert_eq!(ask(STORE, true, "/").message(), "Route GET:/ not found");
}

#[test]
fn encore_is_down_and_then_up() {
    let said = ask(ENCORE, false, "/actuator/health");
    assert_eq!(
        (said.status.as_u16(), said.json()),
        (503, json!({ "status": "DOWN" }))
    );
    assert_eq!(
        ask(ENCORE, true, "/actuator/health").json(),
        json!({ "status": "UP" })
    );
    assert_eq!(
        ask(ENCORE, true, "/encoreJobs").json()["page"]["totalElements"],
        0
    );
    assert_eq!(status(ENCORE, false, "/encoreJobs"), 502);
    assert_eq!(ask(ENCORE, true, "/nothing").json()["path"], "/nothing");
}

#[test]
fn other_applications_are_a_page_that_is_not_there_at_first() {
    const DRAWING: &str = "excalidraw-excalidraw";
    assert_eq!(status(DRAWING, false, "/"), 502);
    assert_eq!(ask(DRAWING, true, "/").content_type, "text/html");
}
