use serde_json::{Value, json};

use super::client::{Client, VALKEY, request};
use crate::sandbox::Cut;

/// A client of a world served under prefixes, and a token for a service.
fn served(service: &str) -> (Client, String) {
    let mut client = Client::subscribed(&[VALKEY, "channel-engine"]);
    let token = client.token(service);
    (client.prefixed(), token)
}

fn create(client: &mut Client, token: &str) -> Value {
    let body = Some(json!({ "name": "cache" }));
    let path = "/svc/valkey-io-valkey/valkeyinstance";
    client
        .send(request("POST", path, "x-jwt", token, body))
        .json()
}

#[test]
fn addresses_are_complete_under_the_base() {
    let (mut client, token) = served(VALKEY);
    let pat = client.pat.clone();
    let said = client.send(request(
        "GET",
        "/catalog/mysubscriptions",
        "x-pat-jwt",
        &pat,
        None,
    ));
    let addresses: Vec<Value> = [0, 1]
        .map(|index| said.json()[index]["apiUrl"].clone())
        .into();
    assert_eq!(
        addresses[0],
        "http://127.0.0.1:7/svc/channel-engine/channel"
    );
    assert_eq!(
        addresses[1],
        "http://127.0.0.1:7/svc/valkey-io-valkey/valkeyinstance"
    );
    let document = create(&mut client, &token);
    assert_eq!(
        document["url"],
        "http://127.0.0.1:7/at/valkey-io-valkey/cache"
    );
}

#[test]
fn links_are_paths_that_can_be_followed() {
    let (mut client, token) = served(VALKEY);
    let links = create(&mut client, &token)["_links"].clone();
    assert_eq!(
        links["health"]["href"],
        "/svc/valkey-io-valkey/health/cache"
    );
    assert_eq!(
        links["self"]["href"],
        "/svc/valkey-io-valkey/valkeyinstance/cache"
    );
    for rel in ["self", "health", "ports", "nodePorts", "logs"] {
        let path = links[rel]["href"].as_str().unwrap();
        assert_eq!(
            client
                .send(request("GET", path, "x-jwt", &token, None))
                .status,
            200,
            "{rel}"
        );
    }
}

#[test]
fn an_instance_is_found_under_its_address() {
    let (mut client, token) = served(VALKEY);
    create(&mut client, &token);
    client.wait(42);
    let said = client.send(request(
        "GET",
        "/at/valkey-io-valkey/cache",
        "x-jwt",
        &token,
        None,
    ));
    assert_eq!(said.status, 200);
}

#[test]
fn a_missing_route_is_named_by_its_path_at_the_service() {
    let (mut client, token) = served(VALKEY);
    let said = client.send(request(
        "GET",
        "/svc/valkey-io-valkey/x",
        "x-jwt",
        &token,
        None,
    ));
    assert_eq!(said.message(), "Route GET:/x not found");
}

#[test]
fn a_channel_plays_under_its_address() {
    let (mut client, token) = served("channel-engine");
    let body = json!({ "name": "tv", "type": "Loop", "url": "https://example.com/a.m3u8" });
    let path = "/svc/channel-engine/channel";
    let said = client.send(request("POST", path, "x-jwt", &token, Some(body)));
    assert_eq!(
        said.json()["playback"],
        "http://127.0.0.1:7/at/channel-engine/tv/master.m3u8"
    );
}

#[test]
fn a_young_host_refuses_connections_and_has_no_certificate_to_distrust() {
    let (mut client, token) = served(VALKEY);
    create(&mut client, &token);
    let ask = || request("GET", "/at/valkey-io-valkey/cache", "x-jwt", &token, None);
    client.wait(21);
    assert_eq!(client.try_send(ask()).unwrap_err(), Cut::Refused);
    client.wait(1);
    assert_eq!(client.send(ask()).status, 200);
}
