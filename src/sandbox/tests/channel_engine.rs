use serde_json::{Value, json};

use super::client::Client;

const CE: &str = "channel-engine";
const PLAYBACK: &str = "https://sandbox.ce.prod-se.osaas.io/channels/tv/master.m3u8";

fn with_channel() -> (Client, Value) {
    let mut client = Client::subscribed(&[CE]);
    let body = json!({
        "name": "tv", "type": "Loop", "url": "https://example.com/a.m3u8",
        "opts": { "useDemuxedAudio": true, "preroll": { "url": "https://example.com/p.m3u8" } },
    });
    let said = client.create(CE, body);
    assert_eq!(said.status, 201, "{said:?}");
    (client, said.json())
}

#[test]
fn create_answers_201_with_the_option_as_url_and_a_playback_address() {
    let (_, created) = with_channel();
    assert_eq!(
        (&created["id"], &created["name"]),
        (&json!("sandbox-tv"), &json!("tv"))
    );
    assert_eq!(created["url"], "https://example.com/a.m3u8");
    assert_eq!(created["playback"], PLAYBACK);
    assert_eq!(created["opts"]["useDemuxedAudio"], "true");
    assert_eq!(
        created["opts"]["preroll"]["url"],
        "https://example.com/p.m3u8"
    );
    assert_eq!(created["opts"]["preset"], "undefined");
}

#[test]
fn reads_have_the_playback_address_as_url_and_the_option_in_opts() {
    let (mut client, _) = with_channel();
    let read = client.get(CE, "tv").json();
    assert_eq!(
        (&read["url"], &read["opts"]["url"]),
        (&json!(PLAYBACK), &json!("https://example.com/a.m3u8"))
    );
    assert!(read.get("playback").is_none());
    assert_eq!(client.list(CE), json!([read]));
}

#[test]
fn a_channel_is_found_by_id_and_by_name() {
    let (mut client, _) = with_channel();
    assert_eq!(
        client.get(CE, "sandbox-tv").json(),
        client.get(CE, "tv").json()
    );
    assert_eq!(client.health(CE, "tv"), "starting");
    assert_eq!(client.delete(CE, "sandbox-tv").status, 204);
    client.wait(30);
    assert_eq!(client.get(CE, "tv").status, 404);
}

#[test]
fn everything_else_goes_by_name_alone() {
    let (mut client, created) = with_channel();
    assert_eq!(created["_links"]["health"]["href"], "/health/tv");
    for (method, what) in [("GET", "health"), ("GET", "logs"), ("POST", "restart")] {
        let said = client.service(CE, method, &format!("/{what}/sandbox-tv"), None);
        assert_eq!(
            (said.status.as_u16(), said.reason()),
            (404, "Instance not found".to_owned())
        );
        let said = client.service(CE, method, &format!("/{what}/tv"), None);
        assert!(said.status.is_success(), "{said:?}");
    }
}

#[test]
fn health_has_two_fields() {
    let (mut client, _) = with_channel();
    let said = client.service(CE, "GET", "/health/tv", None);
    assert_eq!(
        said.json(),
        json!({ "status": "starting", "health": "starting" })
    );
}

#[test]
fn there_is_an_update_link_but_no_such_route() {
    let (mut client, created) = with_channel();
    assert_eq!(created["_links"]["update"]["href"], "/channel/sandbox-tv");
    let said = client.patch(
        CE,
        "sandbox-tv",
        json!({ "url": "https://example.com/b.m3u8" }),
    );
    assert!(said.message().starts_with("Route PATCH:"));
}

#[test]
fn dotted_keys_sent_flat_are_dropped() {
    let mut client = Client::subscribed(&[CE]);
    let body = json!({
        "name": "tv", "type": "Loop", "url": "https://example.com/a.m3u8", "opts.preset": "HEVC",
    });
    assert_eq!(
        client.create(CE, body).json()["opts"]["preset"],
        "undefined"
    );
}

#[test]
fn a_nested_value_of_the_wrong_shape_is_fastifys_400() {
    let mut client = Client::subscribed(&[CE]);
    for (opts, message) in [
        (json!("x"), "body/opts must be object"),
        (json!({ "preroll": 5 }), "body/opts/preroll must be object"),
        (
            json!({ "preset": "VHS" }),
            "body/opts/preset must be equal to one of the allowed values",
        ),
        (
            json!({ "useVttSubtitles": "maybe" }),
            "body/opts/useVttSubtitles must be boolean",
        ),
    ] {
        let body = json!({ "name": "tv", "type": "Loop", "url": "https://x", "opts": opts });
        assert_eq!(client.create(CE, body).message(), message);
    }
}

#[test]
fn what_a_channel_plays_is_public() {
    let (mut client, _) = with_channel();
    client.wait(20);
    let request = http::Request::builder()
        .uri(PLAYBACK)
        .body(bytes::Bytes::new())
        .unwrap();
    assert_eq!(client.send(request).status, 200);
}
