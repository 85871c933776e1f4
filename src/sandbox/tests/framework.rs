use bytes::Bytes;
use http::Request;
use serde_json::json;

use super::client::{Client, Said, VALKEY};

const COLLECTION: &str = "https://api-valkey-io-valkey.auto.prod-se.osaas.io/valkeyinstance";

fn raw(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Said {
    let mut client = Client::subscribed(&[VALKEY]);
    client.create(VALKEY, json!({ "name": "a" }));
    let token = client.token(VALKEY);
    let uri = format!("{}{path}", COLLECTION.trim_end_matches("/valkeyinstance"));
    let mut request = Request::builder().method(method).uri(uri);
    request = request.header("x-jwt", format!("Bearer {token}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request.body(Bytes::from(body.to_owned())).unwrap())
}

#[test]
fn an_unknown_route_is_fastifys_404() {
    let said = raw("GET", "/nothing/here?x=1", &[], "");
    let expected = json!({
        "message": "Route GET:/nothing/here?x=1 not found",
        "error": "Not Found",
        "statusCode": 404,
    });
    assert_eq!((said.status.as_u16(), said.json()), (404, expected));
    for path in [
        "/valkeyinstance/",
        "/valkeyinstance/a/b",
        "/health/a/b",
        "/valkeyinstances",
    ] {
        let reads = raw("PUT", path, &[], "").json();
        assert_eq!(reads["statusCode"], 404, "{path}");
    }
}

#[test]
fn an_empty_body_announced_as_json_is_refused_with_400() {
    let json = [("content-type", "application/json")];
    for (method, path) in [
        ("POST", "/valkeyinstance"),
        ("PATCH", "/valkeyinstance/a"),
        ("POST", "/restart/a"),
    ] {
        let said = raw(method, path, &json, "");
        assert_eq!(
            (said.status.as_u16(), &said.json()["code"]),
            (400, &json!("FST_ERR_CTP_EMPTY_JSON_BODY"))
        );
    }
}

#[test]
fn reads_and_deletes_may_announce_json_without_a_body() {
    let json = [("content-type", "application/json")];
    assert_eq!(raw("GET", "/valkeyinstance", &json, "").status, 200);
    assert_eq!(raw("DELETE", "/valkeyinstance/a", &json, "").status, 204);
    let framed = [
        ("content-type", "application/json"),
        ("content-length", "0"),
    ];
    assert_eq!(raw("DELETE", "/valkeyinstance/a", &framed, "").status, 400);
}

#[test]
fn json_that_does_not_parse_is_refused_with_400() {
    let json = [("content-type", "application/json; charset=utf-8")];
    let said = raw("POST", "/valkeyinstance", &json, "{\"name\":");
    assert_eq!(
        (said.status.as_u16(), &said.json()["error"]),
        (400, &json!("Bad Request"))
    );
}

#[test]
fn a_body_of_another_type_is_refused_with_415() {
    for headers in [
        &[("content-type", "application/x-www-form-urlencoded")][..],
        &[],
    ] {
        let said = raw("POST", "/valkeyinstance", headers, "name=a");
        assert_eq!(said.status, 415);
        assert_eq!(said.json()["code"], "FST_ERR_CTP_INVALID_MEDIA_TYPE");
    }
}

#[test]
fn a_host_that_is_none_of_the_platforms_is_nginxs_404() {
    let request = Request::builder()
        .uri("https://nowhere.osaas.io/")
        .body(Bytes::new())
        .unwrap();
    assert!(Client::new().send(request).is_nginx(404));
}

#[test]
fn the_host_may_come_in_its_header() {
    let mut client = Client::new();
    let request = Request::builder()
        .uri("/mytenantplan")
        .header("host", "money.svc.prod.osaas.io:443")
        .header("x-pat-jwt", format!("Bearer {}", client.pat))
        .body(Bytes::new())
        .unwrap();
    assert_eq!(client.send(request).status, 200);
}
