use serde_json::json;

use super::client::{Client, VALKEY, request};

const HOST: &str = "https://sandbox-a.valkey-io-valkey.auto.prod-se.osaas.io/";

#[test]
fn an_instance_answers_nginx_pages_until_it_runs_and_a_page_behind_the_wall_then() {
    let mut client = Client::subscribed(&[VALKEY]);
    let token = client.token(VALKEY);
    let with = |token: &str| request("GET", HOST, "authorization", token, None);
    assert!(client.send(with(&token)).is_nginx(404));
    client.create(VALKEY, json!({ "name": "a" }));
    assert!(client.send(with(&token)).is_nginx(503));
    client.wait(20);
    assert!(client.send(with("abc")).is_nginx(401));
    let said = client.send(with(&token));
    assert_eq!(
        (said.status.as_u16(), said.content_type.as_str()),
        (200, "text/html")
    );
    client.delete(VALKEY, "a");
    assert!(client.send(with(&token)).is_nginx(503));
    client.wait(30);
    assert!(client.send(with(&token)).is_nginx(404));
}
