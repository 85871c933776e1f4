use serde_json::json;

use crate::sandbox::Cut;
use crate::sandbox::tests::client::{Client, VALKEY};

const COLLECTION: &str = "/valkeyinstance";

fn client_under(fault: &str) -> Client {
    let mut client = Client::subscribed(&[VALKEY]);
    client.suffer([fault]);
    client
}

fn names(client: &mut Client) -> Vec<String> {
    let list = client.list(VALKEY);
    let names = list.as_array().unwrap().iter();
    names
        .map(|it| it["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_instance_behind_a_504_shows_later_and_has_its_name_meanwhile() {
    let mut client = client_under("create-504");
    assert!(client.create(VALKEY, json!({ "name": "A" })).is_nginx(504));
    client.wait(59);
    assert_eq!(client.get(VALKEY, "a").status, 404);
    assert_eq!(names(&mut client), [""; 0]);
    let again = client.create(VALKEY, json!({ "name": "a" }));
    assert_eq!(
        (again.status.as_u16(), again.reason().as_str()),
        (409, "Name is already taken")
    );
    client.wait(1);
    assert_eq!(names(&mut client), ["a"]);
}

#[test]
fn a_create_that_would_be_refused_is_refused_and_no_504() {
    let mut client = client_under("create-504");
    assert_eq!(client.create(VALKEY, json!({ "name": "-" })).status, 400);
}

#[test]
fn how_long_an_instance_is_hidden_can_be_said() {
    let mut client = client_under("create-504:for=2s");
    client.create(VALKEY, json!({ "name": "a" }));
    client.wait(2);
    assert_eq!(client.get(VALKEY, "a").status, 200);
}

#[test]
fn a_create_whose_connection_drops_took_effect_or_did_not() {
    for (fault, left) in [
        ("create-lost-before", vec![]),
        ("create-lost-after", vec!["a"]),
    ] {
        let mut client = client_under(fault);
        let body = Some(json!({ "name": "a" }));
        let said = client.try_service(VALKEY, "POST", COLLECTION, body);
        assert_eq!(said.unwrap_err(), Cut::Dropped, "{fault}");
        assert_eq!(names(&mut client), left, "{fault}");
    }
}

#[test]
fn refused_creates_say_why_and_leave_nothing() {
    for (fault, status, text) in [
        ("create-500", 500, "context deadline exceeded"),
        ("create-unavailable", 503, "ORCHESTRATOR_UNAVAILABLE"),
        ("create-auth-transient", 500, "ORCHESTRATOR_AUTH_TRANSIENT"),
        ("limit", 403, "plan"),
        ("name-taken-falsely", 409, "Name is already taken"),
        (
            "name-taken-falsely:status=500",
            500,
            "Name is already taken",
        ),
    ] {
        let mut client = client_under(fault);
        let said = client.create(VALKEY, json!({ "name": "a" }));
        assert_eq!(said.status, status, "{fault}");
        assert!(said.reason().contains(text), "{fault}");
        assert_eq!(names(&mut client), [""; 0], "{fault}");
    }
}

#[test]
fn a_name_that_is_taken_is_told_by_the_status_asked_for() {
    for status in [409, 400, 500] {
        let mut client = client_under(&format!("name-taken:status={status}"));
        assert_eq!(client.create(VALKEY, json!({ "name": "a" })).status, 200);
        let said = client.create(VALKEY, json!({ "name": "a" }));
        assert_eq!(said.status, status);
        assert_eq!(said.reason(), "Name is already taken");
        assert_eq!(client.create(VALKEY, json!({ "name": "-" })).status, 400);
    }
}
