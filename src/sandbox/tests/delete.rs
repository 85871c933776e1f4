use std::time::Duration;

use serde_json::json;

use super::client::{Client, VALKEY};

fn one_cache() -> Client {
    let mut client = Client::subscribed(&[VALKEY]);
    client.create(VALKEY, json!({ "name": "a" }));
    client.wait(60);
    client
}

#[test]
fn delete_takes_a_while_and_answers_204() {
    let mut client = one_cache();
    let said = client.delete(VALKEY, "a");
    assert_eq!(
        (said.status.as_u16(), said.after),
        (204, Duration::from_secs(10))
    );
}

#[test]
fn a_deleted_instance_is_shown_for_a_while_and_then_gone() {
    let mut client = one_cache();
    client.delete(VALKEY, "a");
    client.wait(29);
    assert_eq!(client.get(VALKEY, "a").status, 200);
    assert_eq!(client.list(VALKEY).as_array().unwrap().len(), 1);
    client.wait(1);
    let said = client.get(VALKEY, "a");
    assert_eq!(
        (said.status.as_u16(), said.reason().as_str()),
        (404, "Instance not found")
    );
    assert_eq!(client.list(VALKEY), json!([]));
    assert_eq!(client.service(VALKEY, "GET", "/health/a", None).status, 404);
}

#[test]
fn the_name_stays_taken_as_long_as_the_instance_is_shown() {
    let mut client = one_cache();
    client.delete(VALKEY, "a");
    client.wait(29);
    assert_eq!(client.create(VALKEY, json!({ "name": "a" })).status, 409);
    client.wait(1);
    assert_eq!(client.create(VALKEY, json!({ "name": "a" })).status, 200);
    assert_eq!(client.health(VALKEY, "a"), "starting");
}

#[test]
fn deleting_what_is_not_there_is_a_404_with_a_reason() {
    let mut client = one_cache();
    let said = client.delete(VALKEY, "b");
    assert_eq!(
        (said.status.as_u16(), said.reason().as_str()),
        (404, "Instance not found")
    );
}

#[test]
fn deleting_again_does_not_keep_the_instance_any_longer() {
    let mut client = one_cache();
    client.delete(VALKEY, "a");
    client.wait(20);
    assert_eq!(client.delete(VALKEY, "a").status, 204);
    client.wait(10);
    assert_eq!(client.get(VALKEY, "a").status, 404);
}

#[test]
fn an_instance_on_its_way_out_cannot_be_changed() {
    let mut client = one_cache();
    client.delete(VALKEY, "a");
    assert_eq!(
        client.patch(VALKEY, "a", json!({ "Password": "x" })).status,
        404
    );
    assert_eq!(
        client.service(VALKEY, "POST", "/restart/a", None).status,
        404
    );
}

#[test]
fn what_is_gone_leaves_no_trace_in_the_world() {
    let mut client = one_cache();
    client.delete(VALKEY, "a");
    client.wait(30);
    client.create(VALKEY, json!({ "name": "b" }));
    let world = serde_json::to_value(&client.world).unwrap();
    let names: Vec<&String> = world["instances"][VALKEY]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(names, ["b"]);
}
