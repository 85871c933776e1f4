//! Reading options from a request body, as Fastify's schema validation does (API notes 6.4).

use http::StatusCode;
use serde_json::Value;

use crate::sandbox::catalog::{OptionSpec, Service};
use crate::sandbox::instance::OptionValue;
use crate::sandbox::reply::Reply;

/// What is asked of one option: a value, or to have none.
pub(super) type Setting = (String, Option<OptionValue>);

/// The name and options of a create request.
///
/// Refuses with Fastify's 400 when the body is no object, lacks a mandatory option, or has a value
/// that cannot be coerced. Options the service does not know are dropped without a word.
pub(super) fn read_all(service: &Service, body: &Value) -> Result<(String, Vec<Setting>), Reply> {
    require_object(body)?;
    for option in service.options.iter().filter(|option| option.mandatory) {
        if dig(body, &option.name)?.is_none() {
            let message = format!("body must have required property '{}'", option.name);
            return Err(Reply::invalid(message));
        }
    }
    let name = body
        .get("name")
        .map_or(Ok(String::new()), |name| text(name, "name"))?;
    // To the schema, what is mandatory is there even with an empty text.
    Ok((name, read(service, body, |option| !option.mandatory)?))
}

/// The options of a change request; an empty text clears an option (API notes 6.6).
pub(super) fn read_some(service: &Service, body: &Value) -> Result<Vec<Setting>, Reply> {
    require_object(body)?;
    if let Some(name) = body.get("name") {
        text(name, "name")?;
    }
    read(service, body, |_| true)
}

/// Whether the ports are to be reachable from outside, as they are unless the body says
/// otherwise (API notes 4.2).
pub(super) fn wants_public(body: &Value) -> bool {
    body.get("publicAccess")
        .is_none_or(|value| flag(value) != Some(false))
}

/// The number of replicas asked for.
pub(super) fn read_replicas(body: &Value) -> Result<u32, Reply> {
    require_object(body)?;
    let Some(wanted) = body.get("desiredReplicas") else {
        return Err(Reply::invalid(
            "body must have required property 'desiredReplicas'",
        ));
    };
    let number = wanted.as_u64().or_else(|| wanted.as_str()?.parse().ok());
    let number = number.and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| Reply::invalid("body/desiredReplicas must be integer"))
}

fn read(
    service: &Service,
    body: &Value,
    may_have_none: impl Fn(&OptionSpec) -> bool,
) -> Result<Vec<Setting>, Reply> {
    let mut settings = Vec::new();
    for option in service.settings() {
        let Some(value) = dig(body, &option.name)? else {
            continue;
        };
        let none = is_empty(option, value) && may_have_none(option);
        let value = if none {
            None
        } else {
            Some(coerce(option, value)?)
        };
        settings.push((option.name.clone(), value));
    }
    Ok(settings)
}

/// Whether the value becomes an empty text when coerced.
fn is_empty(option: &OptionSpec, value: &Value) -> bool {
    match single(value) {
        Value::String(text) => text.is_empty(),
        Value::Null => !option.is_boolean(),
        _ => false,
    }
}

/// The value at a dotted name, which stands for nested objects.
fn dig<'b>(body: &'b Value, name: &str) -> Result<Option<&'b Value>, Reply> {
    let mut here = body;
    let mut path = String::new();
    for part in name.split('.') {
        let Some(object) = here.as_object() else {
            return Err(Reply::invalid(format!("body{path} must be object")));
        };
        let Some(next) = object.get(part) else {
            return Ok(None);
        };
        here = next;
        path = format!("{path}/{part}");
    }
    Ok(Some(here))
}

fn coerce(option: &OptionSpec, value: &Value) -> Result<OptionValue, Reply> {
    let path = option.name.replace('.', "/");
    if option.is_boolean() && value.as_str() != Some("undefined") {
        let invalid = || Reply::invalid(format!("body/{path} must be boolean"));
        return flag(value).map(OptionValue::Flag).ok_or_else(invalid);
    }
    let text = text(value, &path)?;
    // A service refused to be told what it itself answers for an option without a value.
    if text == "undefined" {
        let reason = format!("Invalid value 'undefined' for option {}", option.name);
        return Err(Reply::reason(StatusCode::BAD_REQUEST, reason));
    }
    if option.kind == "enum" && !option.enums.contains(&text) {
        let message = format!("body/{path} must be equal to one of the allowed values");
        return Err(Reply::invalid(message));
    }
    Ok(OptionValue::Text(text))
}

/// A text, coerced as ajv does with Fastify's settings.
fn text(value: &Value, path: &str) -> Result<String, Reply> {
    match single(value) {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(number) => Ok(number_text(number)),
        Value::Null => Ok(String::new()),
        _ => Err(Reply::invalid(format!("body/{path} must be string"))),
    }
}

/// A boolean, coerced as ajv does with Fastify's settings.
fn flag(value: &Value) -> Option<bool> {
    match single(value) {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text == "true" => Some(true),
        Value::String(text) if text == "false" => Some(false),
        Value::Number(number) if number.as_f64() == Some(1.0) => Some(true),
        Value::Number(number) if number.as_f64() == Some(0.0) => Some(false),
        Value::Null => Some(false),
        _ => None,
    }
}

/// An array of one stands for what is in it.
fn single(value: &Value) -> &Value {
    match value.as_array().map(Vec::as_slice) {
        Some([only]) => only,
        _ => value,
    }
}

/// JavaScript knows no difference between 5 and 5.0.
fn number_text(number: &serde_json::Number) -> String {
    let text = number.to_string();
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

fn require_object(body: &Value) -> Result<(), Reply> {
    if body.is_object() {
        Ok(())
    } else {
        Err(Reply::invalid("body must be object"))
    }
}
