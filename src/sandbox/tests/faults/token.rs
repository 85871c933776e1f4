use std::time::UNIX_EPOCH;

use super::cache_under;
use crate::sandbox::tests::client::{Client, Said, VALKEY, request, spec};

fn list_with(client: &mut Client, token: &str) -> Said {
    let uri = format!("https://{}/valkeyinstance", spec(VALKEY).api_host);
    client.send(request("GET", &uri, "x-jwt", token, None))
}

#[test]
fn a_short_token_says_so_and_an_expired_one_does_not() {
    for (fault, told) in [("token-short:for=5s", 5), ("token-expired:for=5s", 3600)] {
        let mut client = cache_under(fault);
        let document = client.issue_token(VALKEY).json();
        let now = client.now.duration_since(UNIX_EPOCH).unwrap().as_secs();
        assert_eq!(document["expiry"], now + told, "{fault}");
        let token = document["token"].as_str().unwrap();
        client.wait(4);
        assert_eq!(list_with(&mut client, token).status, 200, "{fault}");
        client.wait(1);
        assert!(list_with(&mut client, token).is_nginx(401), "{fault}");
    }
}

#[test]
fn a_token_is_good_for_two_seconds_however_fast_the_platform_is() {
    let mut client = cache_under("token-short");
    client.faults = client.faults.clone().scaled(f64::INFINITY);
    let document = client.issue_token(VALKEY).json();
    let now = client.now.duration_since(UNIX_EPOCH).unwrap().as_secs();
    assert_eq!(document["expiry"], now + 2);
}

#[test]
fn a_good_token_can_be_refused_once_in_two_ways() {
    let mut client = cache_under("token-refused");
    assert!(client.get(VALKEY, "a").is_nginx(401));
    assert_eq!(client.get(VALKEY, "a").status, 200);
    let mut client = cache_under("token-refused-json");
    let said = client.delete(VALKEY, "a");
    assert_eq!(said.status, 401);
    assert!(said.reason().contains("token"));
    client.wait(60);
    assert_eq!(client.get(VALKEY, "a").status, 200);
}

#[test]
fn a_good_access_token_can_be_refused_as_each_role_does_that() {
    let mut client = cache_under("pat-refused:target=catalog");
    assert_eq!(client.issue_token(VALKEY).status, 200);
    let subscriptions =
        |client: &mut Client| client.platform("catalog", "GET", "/mysubscriptions", None);
    let said = subscriptions(&mut client);
    assert_eq!(said.status, 500);
    assert_eq!(said.json()["code"], "FST_ERR_FAILED_ERROR_SERIALIZATION");
    assert_eq!(subscriptions(&mut client).status, 200);
    client.suffer(["pat-refused"]);
    let said = client.issue_token(VALKEY);
    assert_eq!(said.status, 401);
    assert!(said.reason().contains("token"));
}
