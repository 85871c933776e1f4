use serde_json::Value;

use crate::manifest::read::{self, instance, output, probe, ready, removed, secret, variable};
use crate::manifest::schema;

#[test]
fn the_reader_and_the_schema_know_the_same_keys() {
    let schema: Value = serde_json::from_str(&schema().unwrap()).unwrap();
    for (at, known) in [
        ("/properties", read::KEYS),
        ("/definitions/Variable/properties", variable::KEYS),
        ("/definitions/Instance/properties", instance::KEYS),
        ("/definitions/Secret/properties", secret::KEYS),
        (
            "/definitions/Secret/properties/generate/properties",
            secret::GENERATE_KEYS,
        ),
        ("/definitions/Removed/properties", removed::KEYS),
        ("/definitions/Ready/properties", ready::KEYS),
        (
            "/definitions/Ready/properties/http/properties",
            probe::HTTP_KEYS,
        ),
        (
            "/definitions/Ready/properties/tcp/anyOf/1/properties",
            probe::TCP_KEYS,
        ),
        ("/definitions/Output/anyOf/1/properties", output::KEYS),
    ] {
        let properties = schema.pointer(at).unwrap().as_object().unwrap();
        let mut keys: Vec<&str> = properties.keys().map(String::as_str).collect();
        let mut known = known.to_vec();
        keys.sort_unstable();
        known.sort_unstable();
        assert_eq!(keys, known, "{at}");
    }
}

#[test]
fn every_key_of_the_schema_is_described() {
    let schema: Value = serde_json::from_str(&schema().unwrap()).unwrap();
    let mut open = vec![&schema];
    while let Some(value) = open.pop() {
        if let Some(properties) = value["properties"].as_object() {
            for (name, property) in properties {
                assert!(property["description"].is_string(), "{name}: {property}");
            }
        }
        if let Some(object) = value.as_object() {
            open.extend(object.values());
        } else if let Some(items) = value.as_array() {
            open.extend(items);
        }
    }
}
