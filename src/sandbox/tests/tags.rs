use serde_json::{Value, json};

use super::client::{Client, Said, VALKEY};

const CACHE: &str = "instance/valkey-io-valkey/cache";

fn put(client: &mut Client, resource: &str, tags: &[&str]) -> Said {
    let body = json!({ "tags": tags });
    client.deploy("PUT", &format!("/resourcetags/{resource}"), Some(body))
}

fn remove(client: &mut Client, resource: &str) -> Said {
    client.deploy("DELETE", &format!("/resourcetags/{resource}"), None)
}

fn listed(client: &mut Client, query: &str) -> Vec<Value> {
    let said = client.deploy("GET", &format!("/resourcetags{query}"), None);
    said.json()["resources"].as_array().unwrap().clone()
}

/// The ids of what is listed.
fn ids(client: &mut Client, query: &str) -> Vec<String> {
    let listed = listed(client, query);
    let ids = listed.iter().map(|it| it["resourceId"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

fn tags_of_cache(client: &mut Client) -> Value {
    let listed = listed(client, "");
    listed.first().map_or(Value::Null, |it| it["tags"].clone())
}

#[test]
fn nothing_has_tags_at_first_and_the_listing_wants_a_token() {
    let mut client = Client::new();
    let said = client.deploy("GET", "/resourcetags", None);
    assert_eq!(said.json(), json!({ "resources": [] }));
    let said = client.deploy("GET", "/resourcetags/tags", None);
    assert_eq!(said.json(), json!({ "tags": [] }));
    client.pat = "no token".to_owned();
    assert_eq!(client.deploy("GET", "/resourcetags", None).status, 401);
}

#[test]
fn tags_are_trimmed_and_replaced_as_a_whole() {
    let mut client = Client::new();
    put(&mut client, CACHE, &["old"]);
    client.wait(60);
    let said = put(&mut client, CACHE, &[" one ", "two"]);
    let expected = json!({
        "resourceType": "instance",
        "serviceId": VALKEY,
        "resourceId": "cache",
        "tags": ["one", "two"],
        "updatedAt": "2026-09-21T14:14:20.000Z",
    });
    assert_eq!((said.status.as_u16(), said.json()), (200, expected.clone()));
    assert_eq!(listed(&mut client, ""), [expected]);
}

#[test]
fn apps_and_pages_are_tagged_by_id() {
    let mut client = Client::new();
    for resource in ["myapp/a1", "mypage/a1"] {
        assert_eq!(put(&mut client, resource, &["mine"]).status, 200);
    }
    let listed = listed(&mut client, "");
    let kinds: Vec<_> = listed.iter().map(|it| &it["resourceType"]).collect();
    assert_eq!(kinds, ["myapp", "mypage"]);
    assert!(listed.iter().all(|it| it.get("serviceId").is_none()));
}

#[test]
fn the_listing_can_be_narrowed_by_kind_and_by_tag_in_whichever_case() {
    let mut client = Client::new();
    put(&mut client, CACHE, &["Stack:a b", "x"]);
    put(&mut client, "myapp/a1", &["x"]);
    assert_eq!(ids(&mut client, ""), ["cache", "a1"]);
    assert_eq!(ids(&mut client, "?resourceType=myapp"), ["a1"]);
    assert_eq!(ids(&mut client, "?tag=stack%3AA+b"), ["cache"]);
    assert_eq!(ids(&mut client, "?tag=X&resourceType=instance"), ["cache"]);
    for nothing in ["?tag=stack", "?tag=", "?resourceType=mypage"] {
        assert!(ids(&mut client, nothing).is_empty(), "{nothing}");
    }
}

#[test]
fn tags_in_use_are_counted_without_regard_to_case() {
    let mut client = Client::new();
    put(&mut client, CACHE, &["Mine", "b"]);
    put(&mut client, "myapp/a1", &["mine"]);
    let said = client.deploy("GET", "/resourcetags/tags", None);
    let expected = json!({
        "tags": [{ "tag": "b", "count": 1 }, { "tag": "Mine", "count": 2 }],
    });
    assert_eq!(said.json(), expected);
}

#[test]
fn all_tags_are_removed_by_a_delete_or_by_none_in_their_place() {
    let mut client = Client::new();
    put(&mut client, CACHE, &["a", "b"]);
    for _ in 0..2 {
        assert_eq!(remove(&mut client, CACHE).status, 204);
        assert!(listed(&mut client, "").is_empty());
    }
    put(&mut client, CACHE, &["a", "b"]);
    assert_eq!(put(&mut client, CACHE, &[]).json()["tags"], json!([]));
    assert!(listed(&mut client, "").is_empty());
}

#[test]
fn tags_that_are_too_many_too_long_empty_or_double_are_refused_and_nothing_is_kept() {
    let mut client = Client::new();
    let many: Vec<String> = (0..21).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(put(&mut client, CACHE, &many[..20]).status, 200);
    let longest = "å".repeat(64);
    assert_eq!(
        put(&mut client, CACHE, &[&format!(" {longest} ")]).status,
        200
    );
    let too_long = "a".repeat(65);
    for (refused, why) in [
        (many, "At most 20 tags"),
        (vec!["fine", &too_long], "1 to 64"),
        (vec![" "], "1 to 64"),
        (vec!["Mine", "b", " mine "], "Duplicate tag: mine"),
    ] {
        let said = put(&mut client, CACHE, &refused);
        assert_eq!(said.status, 400);
        assert!(said.reason().contains(why), "{said:?}");
        assert_eq!(tags_of_cache(&mut client), json!([longest]));
    }
}

#[test]
fn a_body_without_tags_is_refused_by_the_framework() {
    let mut client = Client::new();
    for body in [
        json!({}),
        json!([]),
        json!({ "tags": "a" }),
        json!({ "tags": [1] }),
    ] {
        let path = format!("/resourcetags/{CACHE}");
        let said = client.deploy("PUT", &path, Some(body));
        assert_eq!(said.status, 400);
        assert!(said.message().starts_with("body"), "{said:?}");
    }
}

#[test]
fn what_is_no_resource_cannot_be_tagged() {
    let mut client = Client::new();
    let said = put(&mut client, "instance/no-such-service/a", &["x"]);
    assert_eq!(
        (said.status.as_u16(), said.reason()),
        (404, "No such service: no-such-service".to_owned())
    );
    for nowhere in ["bucket/a", "myapp/", "instance/valkey-io-valkey", "tags"] {
        let said = put(&mut client, nowhere, &["x"]);
        assert!(said.message().starts_with("Route PUT:"), "{nowhere}");
    }
    let said = client.deploy("POST", &format!("/resourcetags/{CACHE}"), None);
    assert!(said.message().starts_with("Route POST:"));
}

#[test]
fn tags_outlive_their_instance_and_a_namesake_inherits_them() {
    let mut client = Client::subscribed(&[VALKEY]);
    client.create(VALKEY, json!({ "name": "cache" }));
    put(&mut client, CACHE, &["mine"]);
    client.wait(60);
    let (rules, now) = (&client.rules, client.now);
    assert!(client.world.suspend(rules, now, VALKEY, "cache", None));
    assert_eq!(tags_of_cache(&mut client), json!(["mine"]));
    let path = format!("/mysuspended/{VALKEY}/cache/resume");
    client.deploy("POST", &path, None);
    client.wait(120);
    client.delete(VALKEY, "cache");
    client.wait(60);
    assert_eq!(client.get(VALKEY, "cache").status, 404);
    assert_eq!(tags_of_cache(&mut client), json!(["mine"]));
    client.create(VALKEY, json!({ "name": "cache" }));
    assert_eq!(tags_of_cache(&mut client), json!(["mine"]));
}

#[test]
fn an_instance_that_is_not_there_can_be_tagged_unless_told_otherwise() {
    let mut client = Client::subscribed(&[VALKEY]);
    assert_eq!(put(&mut client, CACHE, &["early"]).status, 200);
    client.rules.quirks.tags_need_instance = true;
    let said = put(&mut client, CACHE, &["late"]);
    assert_eq!(said.status, 404);
    assert!(said.reason().contains("cache"));
    assert_eq!(tags_of_cache(&mut client), json!(["early"]));
    assert_eq!(put(&mut client, "myapp/a1", &["x"]).status, 200);
    client.create(VALKEY, json!({ "name": "cache" }));
    assert_eq!(put(&mut client, CACHE, &["now"]).status, 200);
    let (rules, now) = (&client.rules, client.now);
    assert!(client.world.suspend(rules, now, VALKEY, "cache", None));
    assert_eq!(put(&mut client, CACHE, &["now"]).status, 200);
    client.deploy("DELETE", &format!("/mysuspended/{VALKEY}/cache"), None);
    assert_eq!(put(&mut client, CACHE, &["late"]).status, 404);
    assert_eq!(remove(&mut client, CACHE).status, 204);
}

#[test]
fn a_platform_may_have_no_tags_at_all() {
    let mut client = Client::new();
    client.rules.quirks.no_tags = true;
    for (method, path) in [
        ("GET", "/resourcetags".to_owned()),
        ("GET", "/resourcetags/tags".to_owned()),
        ("PUT", format!("/resourcetags/{CACHE}")),
        ("DELETE", format!("/resourcetags/{CACHE}")),
    ] {
        let said = client.deploy(method, &path, None);
        assert_eq!(said.message(), format!("Route {method}:{path} not found"));
    }
}
