use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::catalog::{OptionKind, Service};
use crate::model::{OptionValue, secret_reference};

/// The options of a document that the catalog knows and that are set, in canonical form.
///
/// They stand flat beside the platform's own fields, or nested where the name has dots
/// (API notes 6.3, 6.4).
pub(super) fn decode(
    fields: &Map<String, Value>,
    service: &Service,
) -> BTreeMap<String, OptionValue> {
    service
        .options
        .keys()
        .filter_map(|name| {
            let text = canonical(raw(fields, name)?)?;
            let value = OptionValue::new(text, service.is_sensitive(name));
            Some((name.clone(), value))
        })
        .collect()
}

/// The options of a suspended instance: as in a document, but an option called `url` also stands
/// under its own name, since such an instance has no address.
pub(super) fn kept(
    parameters: &Map<String, Value>,
    service: &Service,
) -> BTreeMap<String, OptionValue> {
    let mut options = decode(parameters, service);
    if service.option("url").is_some()
        && let Some(text) = parameters.get("url").and_then(canonical)
    {
        let value = OptionValue::new(text, service.is_sensitive("url"));
        options.entry("url".to_owned()).or_insert(value);
    }
    options
}

fn raw<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    // `url` is the address of the instance; an option of that name is echoed elsewhere
    // (API notes 6.11).
    if name == "url" {
        return fields.get("opts")?.get("url");
    }
    fields.get(name).or_else(|| {
        let mut steps = name.split('.');
        let outermost = fields.get(steps.next()?)?;
        steps.try_fold(outermost, |inner, step| inner.get(step))
    })
}

/// The text of a value; nothing where it stands for "unset" (API notes 6.3).
fn canonical(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if secret_reference(text).is_some() => text.trim().to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(canonical).collect();
            items.join(",")
        }
        Value::Object(_) => value.to_string(),
    };
    (!stands_for_unset(&text)).then_some(text)
}

fn stands_for_unset(text: &str) -> bool {
    matches!(text, "" | "undefined" | "null")
}

/// The body that creates an instance: `name` and the options.
pub(in crate::osc) fn creation(
    service: &Service,
    name: &str,
    options: &BTreeMap<String, OptionValue>,
) -> Value {
    let mut body = Map::new();
    body.insert("name".to_owned(), name.into());
    for (option, value) in options {
        let mandatory = service.option(option).is_some_and(|spec| spec.mandatory);
        match value.expose() {
            // To the platform an empty text is there, which is all it asks of a mandatory one.
            text if stands_for_unset(text) && mandatory => place(&mut body, option, "".into()),
            text if stands_for_unset(text) => {}
            text => place(&mut body, option, encoded(service, option, text)),
        }
    }
    Value::Object(body)
}

/// The body that changes options; an empty text clears one (API notes 14, row 12).
pub(in crate::osc) fn changes(
    service: &Service,
    options: &BTreeMap<String, Option<OptionValue>>,
) -> Value {
    let mut body = Map::new();
    for (option, value) in options {
        let text = value
            .as_ref()
            .map(OptionValue::expose)
            .filter(|text| !stands_for_unset(text))
            .unwrap_or_default();
        place(&mut body, option, encoded(service, option, text));
    }
    Value::Object(body)
}

/// Booleans go out as JSON booleans, all else as text (API notes 6.4).
fn encoded(service: &Service, option: &str, text: &str) -> Value {
    let boolean = service
        .option(option)
        .is_some_and(|spec| spec.kind == OptionKind::Boolean);
    match text {
        "true" if boolean => Value::Bool(true),
        "false" if boolean => Value::Bool(false),
        _ => text.into(),
    }
}

/// Puts a value where its dotted name says: `a.b` below `a` (API notes 6.4).
fn place(object: &mut Map<String, Value>, name: &str, value: Value) {
    let Some((outer, inner)) = name.split_once('.') else {
        object.insert(name.to_owned(), value);
        return;
    };
    let below = object
        .entry(outer)
        .or_insert_with(|| Value::Object(Map::new()));
    match below {
        Value::Object(below) => place(below, inner, value),
        // An option that is both a value and a group cannot be nested; better flat than lost.
        _ => {
            object.insert(name.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::testing::service;
    use super::*;

    fn decoded(id: &str, document: Value) -> BTreeMap<String, String> {
        decode(document.as_object().unwrap(), &service(id))
            .into_iter()
            .map(|(name, value)| (name, value.expose().to_owned()))
            .collect()
    }

    fn set(pairs: &[(&str, &str)]) -> BTreeMap<String, OptionValue> {
        pairs
            .iter()
            .map(|(name, text)| {
                let value = OptionValue::new((*text).to_owned(), false);
                ((*name).to_owned(), value)
            })
            .collect()
    }

    #[test]
    fn values_of_every_type_become_text() {
        let document = json!({"name": "a", "type": "Loop", "opts": {
            "useDemuxedAudio": true, "langList": ["en", "sv"], "preroll": {"duration": 5}}});
        let options = decoded("channel-engine", document);
        assert_eq!(options["type"], "Loop");
        assert_eq!(options["opts.useDemuxedAudio"], "true");
        assert_eq!(options["opts.langList"], "en,sv");
        assert_eq!(options["opts.preroll.duration"], "5");
    }

    #[test]
    fn dotted_names_are_also_found_flat() {
        let options = decoded("channel-engine", json!({"opts.preset": "HD"}));
        assert_eq!(options["opts.preset"], "HD");
    }

    #[test]
    fn every_way_of_saying_unset_is_unset() {
        for unset in [json!(null), json!(""), json!("undefined"), json!("null")] {
            let options = decoded("valkey-io-valkey", json!({"Password": unset}));
            assert!(options.is_empty());
        }
    }

    #[test]
    fn space_around_a_reference_is_dropped_and_kept_elsewhere() {
        let of = |text: &str| decoded("valkey-io-valkey", json!({"Password": text}));
        assert_eq!(of(" {{secrets.a}}\n")["Password"], "{{secrets.a}}");
        assert_eq!(of(" a ")["Password"], " a ");
    }

    #[test]
    fn an_option_called_url_is_never_read_from_the_address() {
        let document = json!({"url": "https://play", "opts": {"url": "https://src"}});
        assert_eq!(decoded("channel-engine", document)["url"], "https://src");
        assert!(!decoded("channel-engine", json!({"url": "https://play"})).contains_key("url"));
    }

    #[test]
    fn what_the_catalog_does_not_know_is_left_out() {
        let options = decoded("valkey-io-valkey", json!({"resources": {}, "other": "x"}));
        assert!(options.is_empty());
    }

    #[test]
    fn sensitive_options_are_decoded_into_the_secret_type() {
        let document = json!({"Password": "hunter2"});
        let options = decode(document.as_object().unwrap(), &service("valkey-io-valkey"));
        assert!(options["Password"].is_sensitive());
    }

    #[test]
    fn a_body_nests_dotted_names_and_types_booleans() {
        let options = set(&[
            ("opts.useDemuxedAudio", "false"),
            ("opts.preroll.duration", "5"),
            ("url", "https://src"),
            ("opts.preset", "undefined"),
        ]);
        assert_eq!(
            creation(&service("channel-engine"), "a", &options),
            json!({"name": "a", "url": "https://src",
                "opts": {"useDemuxedAudio": false, "preroll": {"duration": "5"}}})
        );
    }

    #[test]
    fn a_reference_in_a_boolean_option_stays_text() {
        let options = set(&[("opts.useDemuxedAudio", "{{secrets.a}}")]);
        let body = creation(&service("channel-engine"), "a", &options);
        assert_eq!(body["opts"]["useDemuxedAudio"], "{{secrets.a}}");
    }

    #[test]
    fn what_is_cleared_is_sent_as_empty_text() {
        let options = BTreeMap::from([
            ("Password".to_owned(), None),
            (
                "x".to_owned(),
                Some(OptionValue::new("undefined".into(), false)),
            ),
        ]);
        assert_eq!(
            changes(&service("valkey-io-valkey"), &options),
            json!({"Password": "", "x": ""})
        );
    }
}
