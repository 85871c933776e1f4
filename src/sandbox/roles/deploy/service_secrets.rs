//! Secrets that options of a service's instances refer to (API notes 8.1).
//!
//! No answer has a value in it.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{absent, refused, require_service};
use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::reply::Reply;
use crate::sandbox::request_body;
use crate::sandbox::secrets::{SecretValue, is_name};

/// The most secrets in a batch.
const MOST: usize = 10;

/// Answers below `/mysecrets/{svc}`.
pub(super) fn answer(call: &mut Call<'_>, service: &str, rest: &[&str]) -> Outcome {
    require_service(service)?;
    match (call.method(), rest) {
        (&Method::GET, []) => Ok(list(call, service)),
        (&Method::POST, []) => create(call, service),
        (&Method::PUT, ["batch"]) => put_all(call, service),
        (&Method::PUT, [name]) => put(call, service, name),
        (&Method::DELETE, [name]) => delete(call, service, name),
        _ => Err(call.route_not_found()),
    }
}

fn list(call: &Call<'_>, service: &str) -> Reply {
    let secrets = call.world.workspace().secrets_of(service);
    let records = secrets.keys().map(|name| record(service, name));
    Reply::json(StatusCode::OK, &Value::Array(records.collect()))
}

fn create(call: &mut Call<'_>, service: &str) -> Outcome {
    let body = request_body::read(call.request)?;
    let (name, value) = named(&body)?;
    if call.rules.quirks.secret_post_refuses_existing && exists(call, service, name) {
        let reason = format!("Secret {name} already exists");
        return Err(Reply::reason(StatusCode::CONFLICT, reason));
    }
    keep(call, service, name, &value);
    Ok(Reply::json(StatusCode::CREATED, &record(service, name)))
}

fn put(call: &mut Call<'_>, service: &str, name: &str) -> Outcome {
    let body = request_body::read(call.request)?;
    let value = data(&body)?;
    require_name(name)?;
    if call.rules.quirks.secret_put_needs_existing && !exists(call, service, name) {
        return Err(no_secret(service, name));
    }
    keep(call, service, name, &value);
    Ok(Reply::json(StatusCode::OK, &record(service, name)))
}

/// All of them, or none where one is refused.
fn put_all(call: &mut Call<'_>, service: &str) -> Outcome {
    let body = request_body::read(call.request)?;
    let Some(sent) = body.get("secrets").and_then(Value::as_array) else {
        return Err(Reply::invalid("body must have required property 'secrets'"));
    };
    if sent.len() > MOST {
        return Err(refused(format!("At most {MOST} secrets in a batch")));
    }
    let secrets: Vec<_> = sent.iter().map(named).collect::<Result<_, _>>()?;
    for (name, value) in &secrets {
        keep(call, service, name, value);
    }
    let records = secrets.iter().map(|(name, _)| record(service, name));
    Ok(Reply::json(
        StatusCode::OK,
        &Value::Array(records.collect()),
    ))
}

fn delete(call: &mut Call<'_>, service: &str, name: &str) -> Outcome {
    request_body::read(call.request)?;
    if call.world.workspace_mut().remove_secret(service, name) {
        return Ok(Reply::empty());
    }
    Err(no_secret(service, name))
}

fn exists(call: &Call<'_>, service: &str, name: &str) -> bool {
    let secrets = call.world.workspace().secrets_of(service);
    secrets.contains_key(name)
}

fn keep(call: &mut Call<'_>, service: &str, name: &str, value: &SecretValue) {
    let quirks = &call.rules.quirks;
    let workspace = call.world.workspace_mut();
    workspace.keep_secret(quirks, (service, name), value);
}

fn named(body: &Value) -> Result<(&str, SecretValue), Reply> {
    let name = request_body::text(body, "secretName")?;
    let value = data(body)?;
    require_name(name)?;
    Ok((name, value))
}

fn data(body: &Value) -> Result<SecretValue, Reply> {
    request_body::text(body, "secretData").map(SecretValue::new)
}

fn require_name(name: &str) -> Result<(), Reply> {
    if is_name(name) {
        return Ok(());
    }
    Err(refused(
        "Invalid secret name: only letters, digits, dots, hyphens and underscores are allowed",
    ))
}

fn no_secret(service: &str, name: &str) -> Reply {
    absent(format!("No secret {name} of service {service}"))
}

fn record(service: &str, name: &str) -> Value {
    json!({ "serviceId": service, "secretName": name })
}
