use std::collections::BTreeSet;

use serde_json::Value;

use super::super::Tagged;
use super::{Malformed, malformed, text};

/// `GET /resourcetags`: the tags of instances; other kinds of resources are left out
/// (API notes 6.13).
pub(in crate::osc) fn tags(answer: &Value) -> Result<Vec<Tagged>, Malformed> {
    let Some(records) = answer.get("resources").and_then(Value::as_array) else {
        return malformed("the list of tags has no array `resources`");
    };
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for record in records {
        let Some(tagged) = instance(record)? else {
            continue;
        };
        // One of the two could hide the tag of another stack.
        if !seen.insert((tagged.service.clone(), tagged.name.clone())) {
            return malformed("the list of tags names an instance twice");
        }
        all.push(tagged);
    }
    Ok(all)
}

fn instance(record: &Value) -> Result<Option<Tagged>, Malformed> {
    match text(record, "resourceType") {
        Some(kind) if kind.eq_ignore_ascii_case("instance") => {}
        Some(_) => return Ok(None),
        None => return malformed("a record of tags has no `resourceType`"),
    }
    let named = |field| text(record, field).filter(|text| !text.is_empty());
    let (Some(service), Some(name)) = (named("serviceId"), named("resourceId")) else {
        return malformed("a record of tags lacks `serviceId` or `resourceId`");
    };
    let tags = record.get("tags").and_then(Value::as_array);
    let tags: Option<Vec<String>> = tags.and_then(|tags| {
        let texts = tags.iter().map(|tag| tag.as_str().map(str::to_owned));
        texts.collect()
    });
    let Some(tags) = tags else {
        return malformed("the `tags` of an instance are no array of texts");
    };
    Ok(Some(Tagged {
        service: service.to_owned(),
        name: name.to_owned(),
        tags,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(changes: &Value) -> Value {
        let mut record = json!({"resourceType": "instance", "serviceId": "valkey-io-valkey",
            "resourceId": "a", "tags": ["one", "Two"], "updatedAt": "2026-11-01T10:00:00Z"});
        for (field, value) in changes.as_object().unwrap() {
            record[field] = value.clone();
        }
        record
    }

    #[test]
    fn tags_of_instances_are_read_and_those_of_other_things_are_not() {
        let app = json!({"resourceType": "myapp", "resourceId": "a", "tags": []});
        let answer = json!({"resources": [app, record(&json!({}))]});
        let tagged = Tagged {
            service: "valkey-io-valkey".to_owned(),
            name: "a".to_owned(),
            tags: vec!["one".to_owned(), "Two".to_owned()],
        };
        assert_eq!(tags(&answer), Ok(vec![tagged]));
        assert_eq!(tags(&json!({"resources": []})), Ok(Vec::new()));
    }

    #[test]
    fn another_shape_is_an_error_and_never_no_tags() {
        let mut wrong = vec![
            json!(null),
            json!([]),
            json!({}),
            json!({"resources": {}}),
            json!({"resources": ["a"]}),
            json!({"resources": [record(&json!({})), record(&json!({"tags": []}))]}),
        ];
        for change in [
            json!({"resourceType": null}),
            json!({"serviceId": null}),
            json!({"serviceId": ""}),
            json!({"resourceId": 1}),
            json!({"tags": null}),
            json!({"tags": "one"}),
            json!({"tags": ["one", 2]}),
        ] {
            wrong.push(json!({"resources": [record(&change)]}));
        }
        for wrong in wrong {
            assert!(tags(&wrong).is_err(), "{wrong}");
        }
    }
}
