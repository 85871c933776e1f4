use serde_json::{Value, json};

use super::client::{Client, POSTGRES, Said, VALKEY};

const CANARY: &str = "canary-77";

fn put(client: &mut Client, service: &str, name: &str, value: &str) -> Said {
    let body = json!({ "secretData": value });
    client.deploy("PUT", &format!("/mysecrets/{service}/{name}"), Some(body))
}

fn post(client: &mut Client, service: &str, name: &str, value: &str) -> Said {
    let body = json!({ "secretName": name, "secretData": value });
    client.deploy("POST", &format!("/mysecrets/{service}"), Some(body))
}

fn batch(client: &mut Client, names: &[String]) -> Said {
    let secret = |name| json!({ "secretName": name, "secretData": CANARY });
    let body = json!({ "secrets": names.iter().map(secret).collect::<Vec<_>>() });
    client.deploy("PUT", &format!("/mysecrets/{VALKEY}/batch"), Some(body))
}

fn names(client: &mut Client, service: &str) -> Vec<String> {
    let listed = client.deploy("GET", &format!("/mysecrets/{service}"), None);
    let listed = listed.json();
    let names = listed.as_array().unwrap().iter();
    names
        .map(|it| it["secretName"].as_str().unwrap().to_owned())
        .collect()
}

/// What an instance reads of a secret that starts now.
fn value(client: &mut Client, service: &str, name: &str) -> Option<String> {
    let body = json!({ "services": [service] });
    client.platform("catalog", "POST", "/mysubscriptions", Some(body));
    let option = if service == VALKEY {
        "Password"
    } else {
        "PostgresPassword"
    };
    let body = json!({ "name": "probe", option: format!("{{{{secrets.{name}}}}}") });
    assert_eq!(client.create(service, body).status, 200);
    let value = client.world.value_at_start(service, "probe", option);
    client.world.remove(service, "probe");
    value
}

#[test]
fn a_service_has_no_secrets_at_first_and_the_listing_wants_a_token() {
    let mut client = Client::new();
    let path = format!("/mysecrets/{VALKEY}");
    assert_eq!(client.deploy("GET", &path, None).json(), json!([]));
    client.pat = "no token".to_owned();
    assert_eq!(client.deploy("GET", &path, None).status, 401);
    assert_eq!(put(&mut client, VALKEY, "pw", "x").status, 401);
}

#[test]
fn a_secret_is_listed_by_name_and_never_shown() {
    let mut client = Client::new();
    let made = post(&mut client, VALKEY, "pw", CANARY);
    assert_eq!(made.status, 201);
    let updated = put(&mut client, VALKEY, "pw", CANARY);
    assert_eq!(updated.status, 200);
    let all = batch(&mut client, &["other".to_owned()]);
    let path = format!("/mysecrets/{VALKEY}");
    let listed = client.deploy("GET", &path, None);
    let expected = json!([
        { "serviceId": VALKEY, "secretName": "other" },
        { "serviceId": VALKEY, "secretName": "pw" },
    ]);
    assert_eq!(listed.json(), expected);
    for said in [made, updated, all, listed] {
        assert!(!said.text.contains(CANARY), "{said:?}");
    }
}

#[test]
fn a_put_creates_and_updates_unless_a_secret_must_be_there() {
    let mut client = Client::new();
    put(&mut client, VALKEY, "pw", "one");
    put(&mut client, VALKEY, "pw", "two");
    assert_eq!(value(&mut client, VALKEY, "pw").as_deref(), Some("two"));
    client.rules.quirks.secret_put_needs_existing = true;
    assert_eq!(put(&mut client, VALKEY, "pw", "three").status, 200);
    let said = put(&mut client, VALKEY, "other", CANARY);
    assert_eq!(said.status, 404);
    assert!(said.reason().contains("other") && !said.text.contains(CANARY));
    assert_eq!(names(&mut client, VALKEY), ["pw"]);
    assert_eq!(batch(&mut client, &["other".to_owned()]).status, 200);
}

#[test]
fn a_post_overwrites_unless_existing_secrets_are_refused() {
    let mut client = Client::new();
    post(&mut client, VALKEY, "pw", "one");
    assert_eq!(post(&mut client, VALKEY, "pw", "two").status, 201);
    assert_eq!(value(&mut client, VALKEY, "pw").as_deref(), Some("two"));
    client.rules.quirks.secret_post_refuses_existing = true;
    let said = post(&mut client, VALKEY, "pw", CANARY);
    assert_eq!(said.status, 409);
    assert!(said.reason().contains("already exists") && !said.text.contains(CANARY));
    assert_eq!(value(&mut client, VALKEY, "pw").as_deref(), Some("two"));
    assert_eq!(post(&mut client, VALKEY, "other", "x").status, 201);
}

#[test]
fn a_batch_has_ten_secrets_at_most_and_eleven_are_refused_as_a_whole() {
    let mut client = Client::new();
    let all: Vec<String> = (10..21).map(|number| format!("s{number}")).collect();
    let said = batch(&mut client, &all);
    assert_eq!(said.status, 400);
    assert!(said.reason().contains("At most 10"));
    assert!(names(&mut client, VALKEY).is_empty());
    put(&mut client, VALKEY, "s10", "before");
    assert_eq!(batch(&mut client, &all[..10]).status, 200);
    assert_eq!(names(&mut client, VALKEY), all[..10]);
    assert_eq!(value(&mut client, VALKEY, "s10").as_deref(), Some(CANARY));
    assert_eq!(batch(&mut client, &[]).json(), json!([]));
}

#[test]
fn a_batch_with_one_that_is_refused_keeps_none() {
    let mut client = Client::new();
    let said = batch(&mut client, &["fine".to_owned(), "not fine".to_owned()]);
    assert_eq!(said.status, 400);
    assert!(said.reason().contains("Invalid secret name"));
    assert!(names(&mut client, VALKEY).is_empty());
}

#[test]
fn a_name_has_letters_digits_dots_hyphens_and_underscores() {
    let mut client = Client::new();
    assert_eq!(put(&mut client, VALKEY, "My.own-pw_1", "x").status, 200);
    for name in ["", "a%20b", "a~b", "a{b"] {
        let said = post(&mut client, VALKEY, name, CANARY);
        assert_eq!(said.status, 400, "{name}");
        assert!(said.reason().contains("Invalid secret name"));
    }
    let said = put(&mut client, VALKEY, "a%20b", "x");
    assert_eq!(said.status, 400);
    assert!(said.reason().contains("Invalid secret name"));
}

#[test]
fn a_body_that_is_not_as_it_should_be_is_refused_and_not_repeated() {
    let mut client = Client::new();
    let refused = |client: &mut Client, method, path: &str, body: Value| {
        let said = client.deploy(method, &format!("/mysecrets/{VALKEY}{path}"), Some(body));
        assert_eq!(said.status, 400);
        assert!(!said.text.contains(CANARY), "{said:?}");
        said.message()
    };
    let name = "body must have required property 'secretName'";
    let body = json!({ "secretData": CANARY });
    assert_eq!(refused(&mut client, "POST", "", body), name);
    let data = "body must have required property 'secretData'";
    let body = json!({ "secretName": "a", "data": CANARY });
    assert_eq!(refused(&mut client, "POST", "", body), data);
    assert_eq!(refused(&mut client, "PUT", "/a", json!(CANARY)), data);
    let body = json!({ "secretData": [CANARY] });
    let message = refused(&mut client, "PUT", "/a", body);
    assert_eq!(message, "body/secretData must be string");
    let all = "body must have required property 'secrets'";
    let body = json!({ "secrets": CANARY });
    assert_eq!(refused(&mut client, "PUT", "/batch", body), all);
    let body = json!({ "secrets": [CANARY] });
    assert_eq!(refused(&mut client, "PUT", "/batch", body), name);
    assert!(names(&mut client, VALKEY).is_empty());
}

#[test]
fn a_deleted_secret_is_gone_and_one_that_is_not_there_is_not_found() {
    let mut client = Client::new();
    put(&mut client, VALKEY, "pw", "x");
    let path = format!("/mysecrets/{VALKEY}/pw");
    assert_eq!(client.deploy("DELETE", &path, None).status, 204);
    assert!(names(&mut client, VALKEY).is_empty());
    assert!(client.world == Client::new().world);
    let said = client.deploy("DELETE", &path, None);
    assert_eq!(said.status, 404);
    assert!(said.reason().contains("pw"));
}

#[test]
fn there_are_no_secrets_of_a_service_that_is_none() {
    let mut client = Client::new();
    let said = put(&mut client, "no-such-service", "pw", "x");
    assert_eq!(said.status, 404);
    assert_eq!(said.reason(), "No such service: no-such-service");
    let said = client.deploy("PATCH", &format!("/mysecrets/{VALKEY}/pw"), None);
    assert!(said.message().starts_with("Route PATCH:"));
    let said = client.deploy("GET", "/mysecrets", None);
    assert!(said.message().starts_with("Route GET:"));
}

#[test]
fn a_name_in_two_services_is_two_secrets_unless_names_collide() {
    for collide in [false, true] {
        let mut client = Client::new();
        client.rules.quirks.secret_names_collide = collide;
        put(&mut client, VALKEY, "pw", "of valkey");
        assert!(names(&mut client, POSTGRES).is_empty());
        put(&mut client, POSTGRES, "pw", "of postgresql");
        let found = value(&mut client, VALKEY, "pw").unwrap();
        let expected = if collide {
            "of postgresql"
        } else {
            "of valkey"
        };
        assert_eq!(found, expected);
        assert_eq!(
            value(&mut client, POSTGRES, "pw").as_deref(),
            Some("of postgresql")
        );
    }
}
