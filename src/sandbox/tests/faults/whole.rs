use std::time::Duration;

use super::cache_under;
use crate::sandbox::tests::client::VALKEY;

#[test]
fn too_many_requests_say_when_to_come_back_or_do_not() {
    for (fault, retry_after) in [("rate-limit", ""), ("rate-limit:retry-after=7", "7")] {
        let mut client = cache_under(fault);
        let said = client.delete(VALKEY, "a");
        assert_eq!(said.status, 429);
        let asked_for = said.headers.get("retry-after");
        assert_eq!(asked_for.map_or("", |it| it.to_str().unwrap()), retry_after);
        client.wait(60);
        assert_eq!(client.get(VALKEY, "a").status, 200);
    }
}

#[test]
fn a_slow_answer_is_the_usual_one_later() {
    let mut client = cache_under("slow:for=7s");
    let said = client.delete(VALKEY, "a");
    assert_eq!(
        (said.status.as_u16(), said.after),
        (204, Duration::from_secs(17))
    );
}

#[test]
fn maintenance_is_everywhere_from_the_first_request_on() {
    let mut client = cache_under("maintenance:for=30s");
    client.wait(1000);
    assert!(client.get(VALKEY, "a").is_nginx(503));
    client.wait(29);
    assert!(client.issue_token(VALKEY).is_nginx(503));
    let catalog = client.platform("catalog", "GET", "/mysubscriptions", None);
    assert!(catalog.is_nginx(503));
    client.wait(1);
    assert_eq!(client.get(VALKEY, "a").status, 200);
}
