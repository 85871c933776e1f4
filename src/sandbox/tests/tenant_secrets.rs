use serde_json::json;

use super::client::{Client, Said, dawn};

const CANARY: &str = "canary-78";

fn put(client: &mut Client, key: &str, value: &str) -> Said {
    let body = json!({ "value": value });
    client.deploy("PUT", &format!("/mytenantsecrets/{key}"), Some(body))
}

fn get(client: &mut Client, key: &str) -> Said {
    client.deploy("GET", &format!("/mytenantsecrets/{key}"), None)
}

fn delete(client: &mut Client, key: &str) -> Said {
    client.deploy("DELETE", &format!("/mytenantsecrets/{key}"), None)
}

fn with_system_secret() -> Client {
    let mut client = Client::new();
    client.world.keep_system_secret(dawn(), "smtp", CANARY);
    client
}

#[test]
fn a_workspace_has_no_secrets_at_first_and_the_listing_wants_a_token() {
    let mut client = Client::new();
    let said = client.deploy("GET", "/mytenantsecrets", None);
    assert_eq!(said.json(), json!([]));
    client.pat = "no token".to_owned();
    assert_eq!(client.deploy("GET", "/mytenantsecrets", None).status, 401);
    assert_eq!(get(&mut client, "user.a").status, 401);
}

#[test]
fn a_secret_is_read_by_its_key_and_listed_without_its_value() {
    let mut client = Client::new();
    put(&mut client, "user.my-api-key", "old");
    client.wait(60);
    let put = put(&mut client, "user.my-api-key", CANARY);
    assert_eq!(put.status, 200);
    let said = get(&mut client, "user.my-api-key");
    assert_eq!(
        said.json(),
        json!({ "key": "user.my-api-key", "value": CANARY })
    );
    let listed = client.deploy("GET", "/mytenantsecrets", None);
    let expected = json!([{
        "key": "user.my-api-key", "prefix": "user", "updatedAt": "2026-09-21T14:14:20.000Z",
    }]);
    assert_eq!(listed.json(), expected);
    assert!(!put.text.contains(CANARY));
}

#[test]
fn a_deleted_secret_is_gone_and_one_that_is_not_there_is_not_found() {
    let mut client = Client::new();
    put(&mut client, "user.a", "x");
    assert_eq!(delete(&mut client, "user.a").status, 204);
    for said in [get(&mut client, "user.a"), delete(&mut client, "user.a")] {
        assert_eq!(said.status, 404);
        assert!(said.reason().contains("user.a"));
    }
    assert_eq!(get(&mut client, "no-key").status, 404);
}

#[test]
fn a_key_begins_with_its_owner_and_has_a_name() {
    let mut client = Client::new();
    for (key, why) in [
        ("a", "must begin with"),
        ("users.a", "must begin with"),
        ("user.", "Invalid key"),
        ("user.a%2Fb", "Invalid key"),
    ] {
        for said in [put(&mut client, key, CANARY), delete(&mut client, key)] {
            assert_eq!(said.status, 400, "{key}");
            assert!(said.reason().contains(why) && !said.text.contains(CANARY));
        }
    }
}

#[test]
fn a_body_without_a_value_is_refused_and_not_repeated() {
    let mut client = Client::new();
    for body in [json!({ "data": CANARY }), json!({ "value": [CANARY] })] {
        let said = client.deploy("PUT", "/mytenantsecrets/user.a", Some(body));
        assert_eq!(said.status, 400);
        assert!(said.message().starts_with("body"));
        assert!(!said.text.contains(CANARY));
    }
    assert_eq!(get(&mut client, "user.a").status, 404);
}

#[test]
fn the_platforms_own_can_be_read_but_not_touched() {
    let mut client = with_system_secret();
    for said in [
        put(&mut client, "system.smtp", "x"),
        delete(&mut client, "system.smtp"),
        put(&mut client, "system.new", "x"),
    ] {
        assert_eq!(said.status, 403);
        assert!(said.reason().contains("platform"));
    }
    assert_eq!(get(&mut client, "system.smtp").json()["value"], CANARY);
    let listed = client.deploy("GET", "/mytenantsecrets", None).json();
    assert_eq!(listed[0]["prefix"], "system");
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[test]
fn the_platforms_own_may_be_hidden() {
    let mut client = with_system_secret();
    client.rules.quirks.system_secrets_hidden = true;
    let said = get(&mut client, "system.smtp");
    assert_eq!(said.status, 403);
    assert!(said.reason().contains("cannot be read") && !said.text.contains(CANARY));
    put(&mut client, "user.a", "x");
    assert_eq!(get(&mut client, "user.a").status, 200);
}

#[test]
fn a_secret_can_be_of_any_size_unless_that_is_limited() {
    let mut client = Client::new();
    assert_eq!(put(&mut client, "user.a", &"x".repeat(1 << 20)).status, 200);
    client.rules.quirks.tenant_secret_limit = Some(8);
    assert_eq!(put(&mut client, "user.a", "12345678").status, 200);
    let said = put(&mut client, "user.a", "1234567å");
    assert_eq!(said.status, 413);
    assert!(said.reason().contains("8 bytes"));
    assert_eq!(get(&mut client, "user.a").json()["value"], "12345678");
}

#[test]
fn a_platform_may_have_no_tenant_secrets_at_all() {
    let mut client = Client::new();
    client.rules.quirks.no_tenant_secrets = true;
    for (method, path) in [
        ("GET", "/mytenantsecrets"),
        ("GET", "/mytenantsecrets/user.a"),
        ("PUT", "/mytenantsecrets/user.a"),
        ("DELETE", "/mytenantsecrets/user.a"),
    ] {
        let said = client.deploy(method, path, None);
        assert_eq!(said.message(), format!("Route {method}:{path} not found"));
    }
    let said = client.deploy("GET", "/mysuspended", None);
    assert_eq!(said.status, 200);
}
