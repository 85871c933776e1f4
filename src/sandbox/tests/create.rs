use std::time::Duration;

use serde_json::json;

use super::client::{Client, POSTGRES, VALKEY};

const CONTACT_FORM: &str = "birme-contact-form-svc";

#[test]
fn create_answers_200_with_the_document_after_a_while() {
    let mut client = Client::subscribed(&[VALKEY]);
    let said = client.create(VALKEY, json!({ "name": "cache1", "Password": "s3cret" }));
    assert_eq!(
        (said.status.as_u16(), said.after),
        (200, Duration::from_secs(2))
    );
    let document = said.json();
    assert_eq!(
        (&document["name"], &document["Password"]),
        (&json!("cache1"), &json!("s3cret"))
    );
    assert_eq!(client.get(VALKEY, "cache1").json(), document);
    assert_eq!(client.list(VALKEY), json!([document]));
}

#[test]
fn a_name_is_lowered_and_stripped() {
    let mut client = Client::subscribed(&[VALKEY]);
    let said = client.create(VALKEY, json!({ "name": "My_Cache" }));
    assert_eq!(said.json()["name"], "mycache");
    assert_eq!(client.get(VALKEY, "mycache").status, 200);
    assert_eq!(client.get(VALKEY, "My_Cache").status, 404);
}

#[test]
fn a_name_of_which_nothing_is_left_is_refused_with_400() {
    let mut client = Client::subscribed(&[VALKEY]);
    let said = client.create(VALKEY, json!({ "name": "-_-" }));
    assert_eq!(said.status, 400);
    assert!(said.reason().contains("name"));
}

#[test]
fn a_name_taken_is_refused_with_409() {
    let mut client = Client::subscribed(&[VALKEY]);
    client.create(VALKEY, json!({ "name": "cache1" }));
    let said = client.create(VALKEY, json!({ "name": "CACHE1" }));
    assert_eq!(
        (said.status.as_u16(), said.reason().as_str()),
        (409, "Name is already taken")
    );
    assert_eq!(said.after, Duration::ZERO);
}

#[test]
fn a_name_may_be_used_once_for_each_service() {
    let mut client = Client::subscribed(&[VALKEY, POSTGRES]);
    client.create(VALKEY, json!({ "name": "shop" }));
    let said = client.create(POSTGRES, json!({ "name": "shop", "PostgresPassword": "x" }));
    assert_eq!(said.status, 200);
}

#[test]
fn a_missing_mandatory_option_is_fastifys_400() {
    let mut client = Client::subscribed(&[POSTGRES]);
    for (body, missing) in [
        (json!({}), "name"),
        (json!({ "name": "db" }), "PostgresPassword"),
    ] {
        let said = client.create(POSTGRES, body);
        assert_eq!(
            (said.status.as_u16(), &said.json()["code"]),
            (400, &json!("FST_ERR_VALIDATION"))
        );
        assert_eq!(
            said.message(),
            format!("body must have required property '{missing}'")
        );
    }
    assert_eq!(client.list(POSTGRES), json!([]));
}

#[test]
fn a_body_that_is_no_object_is_fastifys_400() {
    let mut client = Client::subscribed(&[VALKEY]);
    for body in [json!([]), json!("name"), json!(null)] {
        assert_eq!(client.create(VALKEY, body).message(), "body must be object");
    }
    let said = client.service(VALKEY, "POST", "/valkeyinstance", None);
    assert_eq!(said.message(), "body must be object");
}

#[test]
fn values_are_coerced_to_text_where_fastify_does() {
    let mut client = Client::subscribed(&[VALKEY]);
    let cases = [
        (json!(5), "5"),
        (json!(5.0), "5"),
        (json!(true), "true"),
        (json!(["a"]), "a"),
    ];
    for (index, (sent, echoed)) in cases.into_iter().enumerate() {
        let name = format!("cache{index}");
        let said = client.create(VALKEY, json!({ "name": name, "Password": sent }));
        assert_eq!(said.json()["Password"], echoed);
    }
    let said = client.create(VALKEY, json!({ "name": "bad", "Password": { "a": 1 } }));
    assert_eq!(
        (said.status.as_u16(), said.message().as_str()),
        (400, "body/Password must be string")
    );
}

#[test]
fn a_boolean_option_takes_a_boolean_or_its_text_only() {
    const UI: &str = "grafana-grafana";
    let mut client = Client::subscribed(&[UI]);
    for (name, value) in [("a", json!(true)), ("b", json!("true")), ("c", json!(1))] {
        let said = client.create(UI, json!({ "name": name, "AnonymousEnabled": value }));
        assert_eq!(said.status, 200, "{said:?}");
        assert_eq!(said.json()["AnonymousEnabled"], "true");
    }
    let said = client.create(UI, json!({ "name": "d", "AnonymousEnabled": "maybe" }));
    assert_eq!(said.message(), "body/AnonymousEnabled must be boolean");
}

#[test]
fn a_value_outside_the_enumeration_is_fastifys_400() {
    let mut client = Client::subscribed(&[CONTACT_FORM]);
    let said = client.create(
        CONTACT_FORM,
        json!({ "name": "form", "Transport": "pigeon" }),
    );
    assert_eq!(said.status, 400);
    assert_eq!(
        said.message(),
        "body/Transport must be equal to one of the allowed values"
    );
    let said = client.create(
        CONTACT_FORM,
        json!({ "name": "form", "Transport": "dummy" }),
    );
    assert_eq!(said.status, 200);
}

#[test]
fn unknown_options_are_dropped_without_a_word() {
    let mut client = Client::subscribed(&[VALKEY]);
    let said = client.create(VALKEY, json!({ "name": "cache1", "Colour": "red" }));
    assert_eq!(said.status, 200);
    assert!(said.json().get("Colour").is_none());
}

#[test]
fn the_text_undefined_is_refused_with_400() {
    let mut client = Client::subscribed(&[VALKEY, "grafana-grafana"]);
    let said = client.create(VALKEY, json!({ "name": "cache1", "Password": "undefined" }));
    assert_eq!(said.status, 400);
    assert!(said.reason().contains("Password"));
    let body = json!({ "name": "g", "AnonymousEnabled": "undefined" });
    let said = client.create("grafana-grafana", body);
    assert!(said.reason().contains("AnonymousEnabled"));
}

#[test]
fn jobs_are_created_in_a_collection_that_ends_in_job() {
    const JOB: &str = "eyevinn-ffmpeg-s3";
    let mut client = Client::subscribed(&[JOB]);
    let body = json!({ "name": "encode", "cmdLineArgs": "-i a b" });
    let said = client.service(JOB, "POST", "/ffmpeg-s3job", Some(body));
    assert_eq!(
        (said.status.as_u16(), &said.json()["status"]),
        (200, &json!("Running"))
    );
    client.wait(20);
    assert_eq!(client.get(JOB, "encode").json()["status"], "Complete");
    assert_eq!(client.health(JOB, "encode"), "SuccessCriteriaMet");
    assert_eq!(
        client.service(JOB, "POST", "/restart/encode", None).status,
        404
    );
    assert_eq!(client.patch(JOB, "encode", json!({})).status, 404);
}
