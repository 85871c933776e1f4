use serde_json::{Map, Value, json};

use super::client::{Client, spec};
use crate::sandbox::catalog;

/// A value for each mandatory option.
fn least(service: &str) -> Value {
    let mandatory = spec(service)
        .options
        .iter()
        .filter(|option| option.mandatory);
    let values = mandatory.map(|option| {
        let value = option.enums.first().map_or("a", String::as_str);
        let value = if option.is_boolean() {
            json!(true)
        } else {
            json!(value)
        };
        (option.name.clone(), value)
    });
    Value::Object(values.collect::<Map<_, _>>())
}

#[test]
fn every_service_runs_from_create_to_delete_and_its_links_lead_somewhere() {
    for service in catalog::all() {
        let id = service.id.as_str();
        let mut client = Client::subscribed(&[id]);
        let created = client.create(id, least(id));
        assert!(created.status.is_success(), "{id}: {created:?}");
        assert_eq!(created.json()["name"], "a", "{id}");
        client.wait(60);
        let read = client.get(id, "a").json();
        assert_eq!(client.list(id), json!([read]), "{id}");
        let links = read["_links"].as_object().into_iter().flatten();
        for (rel, link) in links.filter(|(rel, _)| *rel != "restart") {
            let href = link["href"].as_str().unwrap();
            assert_eq!(
                client.service(id, "GET", href, None).status,
                200,
                "{id}: {rel}"
            );
        }
        assert_eq!(client.delete(id, "a").status, 204, "{id}");
        client.wait(30);
        assert_eq!(client.list(id), json!([]), "{id}");
    }
}
