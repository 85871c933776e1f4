use serde_json::json;

use crate::sandbox::Cut;
use crate::sandbox::tests::client::{Client, Said, VALKEY, request};

fn visit(client: &mut Client, name: &str) -> Result<Said, Cut> {
    let host = format!("https://sandbox-{name}.valkey-io-valkey.auto.prod-se.osaas.io/");
    let token = client.token(VALKEY);
    client.try_send(request("GET", &host, "x-jwt", &token, None))
}

fn created_under(fault: &str) -> Client {
    let mut client = Client::subscribed(&[VALKEY]);
    client.suffer([fault]);
    client.create(VALKEY, json!({ "name": "a" }));
    client
}

#[test]
fn a_young_host_can_be_out_of_reach_or_not_to_be_trusted_for_longer() {
    for (fault, cut) in [
        ("endpoint-unreachable:for=5m", Cut::Refused),
        ("endpoint-untrusted:for=5m", Cut::Untrusted),
    ] {
        let mut client = created_under(fault);
        client.wait(299);
        assert_eq!(visit(&mut client, "a").unwrap_err(), cut, "{fault}");
        client.wait(1);
        assert_eq!(visit(&mut client, "a").unwrap().status, 200, "{fault}");
    }
}

#[test]
fn a_young_host_can_refuse_good_tokens_for_longer() {
    let mut client = created_under("endpoint-401:for=5m");
    client.wait(299);
    assert!(visit(&mut client, "a").unwrap().is_nginx(401));
    client.wait(1);
    assert_eq!(visit(&mut client, "a").unwrap().status, 200);
}

#[test]
fn how_many_connections_meet_trouble_can_be_said_instead() {
    let mut client = created_under("endpoint-untrusted:count=2");
    client.wait(300);
    assert_eq!(visit(&mut client, "a").unwrap_err(), Cut::Untrusted);
    assert_eq!(visit(&mut client, "a").unwrap_err(), Cut::Untrusted);
    assert_eq!(visit(&mut client, "a").unwrap().status, 200);
}
