use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::Suspended;
use super::super::conceal::{conceal, sensitive};
use super::{Malformed, array, malformed, options, text};
use crate::catalog::Service;
use crate::model::{excerpt, printable};

/// `GET /mysuspended`: an array of records (API notes 6.12). Their parameters may hold secrets
/// in clear; they are decoded for these services only.
pub(in crate::osc) fn suspended(
    answer: &Value,
    services: &[Arc<Service>],
) -> Result<Vec<Suspended>, Malformed> {
    array(answer, "suspended instances")?
        .iter()
        .map(|record| one(record, services))
        .collect()
}

fn one(record: &Value, services: &[Arc<Service>]) -> Result<Suspended, Malformed> {
    let named = |field| text(record, field).filter(|text| !text.is_empty());
    let (Some(service), Some(name)) = (named("serviceId"), named("instanceName")) else {
        return malformed("a suspended instance lacks `serviceId` or `instanceName`");
    };
    let nothing = Map::new();
    let parameters = match record.get("parameters") {
        Some(Value::Object(parameters)) => parameters,
        None | Some(Value::Null) => &nothing,
        Some(_) => return malformed("the `parameters` of a suspended instance are no object"),
    };
    let known = services.iter().find(|known| known.id == service);
    let options = known.map_or_else(Default::default, |known| options::kept(parameters, known));
    let secrets = sensitive(options.values());
    let word = |field| {
        let words = text(record, field)?.split_whitespace();
        let line = conceal(&words.collect::<Vec<_>>().join(" "), &secrets);
        let shown = excerpt(&printable(&line)).into_owned();
        (!shown.is_empty()).then_some(shown)
    };
    Ok(Suspended {
        since: word("suspendedAt"),
        reason: word("reason"),
        service: service.to_owned(),
        name: name.to_owned(),
        options,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::testing::service;
    use super::*;

    fn read(answer: &Value) -> Result<Vec<Suspended>, Malformed> {
        suspended(answer, &[Arc::new(service("valkey-io-valkey"))])
    }

    fn record(changes: &Value) -> Value {
        let mut record = json!({"serviceId": "valkey-io-valkey", "instanceName": "a",
            "suspendedAt": "2026-11-01T10:00:00Z", "reason": "idle",
            "parameters": {"name": "a", "Password": "canary7"}});
        for (field, value) in changes.as_object().unwrap() {
            record[field] = value.clone();
        }
        json!([record])
    }

    #[test]
    fn a_record_says_since_when_and_why_and_keeps_its_options_secret() {
        let one = read(&record(&json!({}))).unwrap().remove(0);
        assert!(one.is_of("valkey-io-valkey", "a"));
        assert_eq!(
            one.to_string(),
            "suspended since 2026-11-01T10:00:00Z (idle)"
        );
        assert_eq!(one.options["Password"].expose(), "canary7");
        assert_eq!(one.options.len(), 1);
        assert!(!format!("{one:?}").contains("canary"));
    }

    #[test]
    fn the_options_of_a_service_nobody_asked_about_are_not_kept() {
        let one = suspended(&record(&json!({})), &[]).unwrap().remove(0);
        assert!(one.options.is_empty());
    }

    #[test]
    fn a_reason_is_one_short_printable_line_without_the_options_values() {
        let hostile = format!("\x1b[2J bad\npassword canary7 {}", "x".repeat(900));
        let one = read(&record(&json!({"reason": hostile, "suspendedAt": 1})));
        let shown = one.unwrap().remove(0).to_string();
        assert!(
            shown.starts_with("suspended (\u{fffd}[2J bad password (sensitive) xx"),
            "{shown}"
        );
        assert!(shown.chars().count() < 90, "{shown}");
    }

    #[test]
    fn another_shape_is_an_error_that_quotes_nothing() {
        let mut wrong = vec![json!({}), json!(null), json!("[]"), json!([1])];
        for change in [
            json!({"serviceId": 1}),
            json!({"instanceName": ""}),
            json!({"parameters": "canary7"}),
            json!({"parameters": ["canary7"]}),
        ] {
            wrong.push(record(&change));
        }
        for wrong in wrong {
            let Malformed(why) = read(&wrong).unwrap_err();
            assert!(!why.contains("canary"), "{why}");
        }
    }

    #[test]
    fn a_record_without_parameters_is_one_all_the_same() {
        for parameters in [json!(null), json!({})] {
            let all = read(&record(&json!({ "parameters": parameters }))).unwrap();
            assert!(all[0].options.is_empty());
        }
    }

    #[test]
    fn the_option_url_of_a_channel_is_kept_wherever_it_stands() {
        let channel = [Arc::new(service("channel-engine"))];
        for parameters in [
            json!({"url": "https://src"}),
            json!({"opts": {"url": "https://src"}}),
        ] {
            let answer = json!([{"serviceId": "channel-engine", "instanceName": "a",
                "parameters": parameters}]);
            let all = suspended(&answer, &channel).unwrap();
            assert_eq!(all[0].options["url"].expose(), "https://src");
        }
    }
}
