use serde_json::{Value, json};

use super::cache_under;
use crate::sandbox::tests::client::{Client, VALKEY};

fn ports(client: &mut Client) -> Value {
    client.service(VALKEY, "GET", "/ports/a", None).json()
}

#[test]
fn ports_can_come_late() {
    let mut client = cache_under("ports-late:for=100s");
    client.wait(39);
    assert_eq!(ports(&mut client), json!([]));
    client.wait(1);
    assert_eq!(ports(&mut client)[0]["internalPort"], 6379);
}

#[test]
fn an_instance_can_move_to_another_address_and_stays_there() {
    let mut client = cache_under("ports-change:after=1");
    let first = ports(&mut client);
    let second = ports(&mut client);
    let address = |ports: &Value| {
        (
            ports[0]["externalIp"].clone(),
            ports[0]["externalPort"].clone(),
        )
    };
    assert_ne!(address(&first), address(&second));
    assert_eq!(second[0]["internalPort"], 6379);
    assert_eq!(ports(&mut client), second);
    client.suffer([]);
    assert_eq!(ports(&mut client), second);
}
