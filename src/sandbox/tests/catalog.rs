use serde_json::{Value, json};

use super::client::{Client, POSTGRES, VALKEY};
use crate::sandbox::catalog;

#[test]
fn a_new_workspace_is_subscribed_to_nothing() {
    let said = Client::new().platform("catalog", "GET", "/mysubscriptions", None);
    assert_eq!((said.status.as_u16(), said.json()), (200, json!([])));
}

#[test]
fn subscribing_is_idempotent_and_answers_with_team_and_services() {
    let mut client = Client::new();
    for _ in 0..2 {
        let body = json!({ "services": [VALKEY] });
        let said = client.platform("catalog", "POST", "/mysubscriptions", Some(body));
        assert_eq!(
            said.json(),
            json!({ "teamId": "sandbox", "services": [VALKEY] })
        );
    }
    let list = client
        .platform("catalog", "GET", "/mysubscriptions", None)
        .json();
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[test]
fn an_unknown_service_is_refused_and_nothing_subscribed() {
    let mut client = Client::new();
    let body = json!({ "services": [VALKEY, "no-such-service"] });
    let said = client.platform("catalog", "POST", "/mysubscriptions", Some(body));
    assert_eq!(said.status, 404);
    assert!(said.reason().contains("no-such-service"));
    let list = client
        .platform("catalog", "GET", "/mysubscriptions", None)
        .json();
    assert_eq!(list, json!([]));
}

#[test]
fn a_subscription_can_be_ended_once() {
    let mut client = Client::subscribed(&[VALKEY]);
    let path = format!("/mysubscriptions/{VALKEY}");
    let body = Some(json!({ "services": [VALKEY] }));
    assert_eq!(
        client
            .platform("catalog", "DELETE", &path, body.clone())
            .status,
        204
    );
    assert_eq!(
        client.platform("catalog", "DELETE", &path, body).status,
        404
    );
}

#[test]
fn a_record_describes_the_service_and_its_options() {
    let mut client = Client::subscribed(&[VALKEY]);
    let list = client
        .platform("catalog", "GET", "/mysubscriptions", None)
        .json();
    let record = &list[0];
    assert_eq!(record["serviceId"], VALKEY);
    assert_eq!(
        record["apiUrl"],
        "https://api-valkey-io-valkey.auto.prod-se.osaas.io/valkeyinstance"
    );
    assert_eq!(
        (&record["serviceType"], &record["status"]),
        (&json!("instance"), &json!("PUBLISHED"))
    );
    assert_eq!(
        record["availableServiceInstanceOptions"],
        json!(["name", "Password"])
    );
    assert_eq!(record["serviceMetadata"]["category"], "database");
    assert_eq!(record["serviceMetadata"]["companyName"], "valkey-io");
    assert_eq!(record["serviceMetadata"]["title"], "Valkey");
    let name = &record["serviceInstanceOptions"][0];
    assert_eq!(
        (&name["name"], &name["mandatory"]),
        (&json!("name"), &json!(true))
    );
    assert_eq!(name["regexValidator"], "^\\w+$");
    assert!(record.get("tenantId").is_none());
}

#[test]
fn a_few_records_carry_their_publishers_tenant() {
    let mut client = Client::subscribed(&[POSTGRES]);
    let list = client
        .platform("catalog", "GET", "/mysubscriptions", None)
        .json();
    assert_eq!(list[0]["tenantId"], "birme");
}

#[test]
fn the_whole_catalog_can_be_subscribed_to_and_listed() {
    let every: Vec<&str> = catalog::all()
        .iter()
        .map(|service| service.id.as_str())
        .collect();
    let mut client = Client::subscribed(&every);
    let list = client
        .platform("catalog", "GET", "/mysubscriptions", None)
        .json();
    let addresses: Vec<&Value> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["apiUrl"])
        .collect();
    assert_eq!(addresses.len(), 197);
    assert!(
        addresses
            .iter()
            .all(|url| url.as_str().unwrap().starts_with("https://api-"))
    );
}

#[test]
fn the_workspace_is_on_a_plan() {
    let said = Client::new().platform("money", "GET", "/mytenantplan", None);
    assert_eq!(said.json(), json!({ "name": "FREE" }));
}
