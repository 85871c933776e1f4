use std::time::Duration;

use serde_json::json;

use super::client::{Client, Said, VALKEY, request};
use crate::sandbox::World;

const SUBSCRIPTIONS: &str = "https://catalog.svc.prod.osaas.io/mysubscriptions";
const PLAN: &str = "https://money.svc.prod.osaas.io/mytenantplan";
const CACHES: &str = "https://api-valkey-io-valkey.auto.prod-se.osaas.io/valkeyinstance";

fn with(client: &mut Client, uri: &str, header: &str, token: &str) -> Said {
    client.send(request("GET", uri, header, token, None))
}

#[test]
fn a_missing_garbled_or_foreign_pat_is_a_500_at_the_catalog() {
    let mut client = Client::new();
    let foreign = World::new([1; 32]).personal_access_token(client.now, None);
    let pat = client.pat.clone();
    for (header, token) in [
        ("x-other", ""),
        ("x-pat-jwt", "abc"),
        ("x-pat-jwt", &foreign),
    ] {
        let said = with(&mut client, SUBSCRIPTIONS, header, token);
        assert_eq!(said.status, 500);
        assert_eq!(said.json()["code"], "FST_ERR_FAILED_ERROR_SERIALIZATION");
        assert!(said.message().contains("Bearer"));
    }
    // The header that is for service tokens does not do.
    assert_eq!(
        with(&mut client, SUBSCRIPTIONS, "authorization", &pat).status,
        500
    );
    assert_eq!(
        with(&mut client, SUBSCRIPTIONS, "x-pat-jwt", &pat).status,
        200
    );
}

#[test]
fn a_bad_pat_is_a_401_at_the_other_roles() {
    let mut client = Client::new();
    for role in ["token", "money", "deploy"] {
        let uri = format!("https://{role}.svc.prod.osaas.io/anything");
        let said = with(&mut client, &uri, "x-pat-jwt", "abc");
        assert_eq!(said.status, 401, "{role}");
        assert!(!said.reason().is_empty());
    }
}

#[test]
fn a_pat_with_a_lifetime_expires() {
    let mut client = Client::new();
    let hour = Some(Duration::from_secs(3600));
    let pat = client.world.personal_access_token(client.now, hour);
    client.wait(3599);
    assert_eq!(with(&mut client, PLAN, "x-pat-jwt", &pat).status, 200);
    client.wait(1);
    assert_eq!(with(&mut client, PLAN, "x-pat-jwt", &pat).status, 401);
}

#[test]
fn every_pat_has_an_id_of_its_own() {
    let mut client = Client::new();
    let again = client.world.personal_access_token(client.now, None);
    assert_ne!(client.pat, again);
}

#[test]
fn a_service_token_needs_the_subscription() {
    let mut client = Client::new();
    let body = json!({ "serviceId": VALKEY });
    let said = client.platform("token", "POST", "/servicetoken", Some(body));
    assert_eq!(said.status, 403);
    assert!(said.reason().contains(VALKEY));
}

#[test]
fn a_service_token_says_when_it_expires_and_does() {
    let mut client = Client::subscribed(&[VALKEY]);
    let body = json!({ "serviceId": VALKEY });
    let said = client
        .platform("token", "POST", "/servicetoken", Some(body))
        .json();
    assert_eq!(
        (&said["serviceId"], &said["expiry"]),
        (&json!(VALKEY), &json!(1_790_003_600))
    );
    let token = said["token"].as_str().unwrap().to_owned();
    client.wait(3599);
    assert_eq!(with(&mut client, CACHES, "x-jwt", &token).status, 200);
    assert_eq!(
        with(&mut client, CACHES, "authorization", &token).status,
        200
    );
    client.wait(1);
    assert!(with(&mut client, CACHES, "x-jwt", &token).is_nginx(401));
}

#[test]
fn the_auth_wall_refuses_what_is_no_token_of_that_service() {
    let mut client = Client::subscribed(&[VALKEY, "encore"]);
    let (other, pat) = (client.token("encore"), client.pat.clone());
    for token in ["", "abc", &other, &pat] {
        assert!(
            with(&mut client, CACHES, "x-jwt", token).is_nginx(401),
            "{token}"
        );
    }
}

#[test]
fn a_service_token_is_no_pat() {
    let mut client = Client::subscribed(&[VALKEY]);
    let token = client.token(VALKEY);
    assert_eq!(with(&mut client, PLAN, "x-pat-jwt", &token).status, 401);
}
