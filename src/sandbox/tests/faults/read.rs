use super::cache_under;
use crate::sandbox::tests::client::{Said, VALKEY};

/// What a read says under a fault; the one after it is good again.
fn read_under(fault: &str) -> Said {
    let mut client = cache_under(fault);
    let before = client.world.clone();
    let said = client.get(VALKEY, "a");
    assert_eq!(client.get(VALKEY, "a").json()["name"], "a", "{fault}");
    assert!(client.world == before, "{fault}");
    said
}

#[test]
fn a_read_can_be_answered_by_a_page_of_the_ingress() {
    for (fault, status) in [
        ("read-401", 401),
        ("read-html-404", 404),
        ("read-502", 502),
        ("read-503", 503),
        ("read-504", 504),
    ] {
        assert!(read_under(fault).is_nginx(status), "{fault}");
    }
}

#[test]
fn a_read_can_miss_its_route_or_its_instance() {
    let said = read_under("read-route-404");
    assert_eq!(said.status, 404);
    assert!(said.message().starts_with("Route GET:"));
    let said = read_under("read-absent");
    assert_eq!(
        (said.status.as_u16(), said.reason().as_str()),
        (404, "Instance not found")
    );
}

#[test]
fn a_reads_document_can_be_broken() {
    for fault in ["read-truncated", "read-garbled", "read-empty"] {
        let said = read_under(fault);
        assert_eq!(said.status, 200, "{fault}");
        assert!(said.content_type.starts_with("application/json"), "{fault}");
        assert!(
            serde_json::from_str::<serde_json::Value>(&said.text).is_err(),
            "{fault}"
        );
        assert_eq!(said.text.is_empty(), fault == "read-empty", "{fault}");
    }
}

#[test]
fn an_empty_list_cannot_be_truncated_into_a_good_one() {
    let mut client = cache_under("read-truncated:target=catalog,after=1");
    client.platform(
        "catalog",
        "DELETE",
        "/mysubscriptions/valkey-io-valkey",
        None,
    );
    assert_eq!(
        client
            .platform("catalog", "GET", "/mysubscriptions", None)
            .text,
        "[]"
    );
    assert_eq!(
        client
            .platform("catalog", "GET", "/mysubscriptions", None)
            .text,
        "["
    );
}

#[test]
fn a_success_can_hold_nothing_but_a_reason() {
    let said = read_under("read-reason");
    assert_eq!(said.status, 200);
    let document = said.json();
    assert_eq!(document.as_object().unwrap().len(), 1);
    assert!(document["reason"].is_string());
}
