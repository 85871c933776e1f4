//! Secrets of the workspace (API notes 8.2).

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{absent, refused};
use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::reply::Reply;
use crate::sandbox::request_body;
use crate::sandbox::secrets::{SecretValue, TenantSecret, is_name};

/// Whose a secret is, by the beginning of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    User,
    Platform,
}

/// Answers below `/mytenantsecrets`.
pub(super) fn answer(call: &mut Call<'_>, rest: &[&str]) -> Outcome {
    match (call.method(), rest) {
        (&Method::GET, []) => Ok(list(call)),
        (&Method::GET, [key]) => read(call, key),
        (&Method::PUT, [key]) => put(call, key),
        (&Method::DELETE, [key]) => delete(call, key),
        _ => Err(call.route_not_found()),
    }
}

fn list(call: &Call<'_>) -> Reply {
    let secrets = call.world.workspace().tenant_secrets().iter();
    let records = secrets.map(|(key, secret)| record(key, secret));
    Reply::json(StatusCode::OK, &Value::Array(records.collect()))
}

/// The only answer with a value in it.
fn read(call: &Call<'_>, key: &str) -> Outcome {
    if call.rules.quirks.system_secrets_hidden && owner(key)? == Owner::Platform {
        return Err(forbidden("read"));
    }
    let secrets = call.world.workspace().tenant_secrets();
    let secret = secrets.get(key).ok_or_else(|| no_secret(key))?;
    let document = json!({ "key": key, "value": secret.value.expose() });
    Ok(Reply::json(StatusCode::OK, &document))
}

fn put(call: &mut Call<'_>, key: &str) -> Outcome {
    let body = request_body::read(call.request)?;
    let value = request_body::text(&body, "value")?;
    require_user(key, "written")?;
    let limit = call.rules.quirks.tenant_secret_limit;
    if let Some(limit) = limit.filter(|limit| value.len() > *limit) {
        let reason = format!("A secret can have at most {limit} bytes");
        return Err(Reply::reason(StatusCode::PAYLOAD_TOO_LARGE, reason));
    }
    let secret = TenantSecret {
        value: SecretValue::new(value),
        updated: call.now,
    };
    let reply = Reply::json(StatusCode::OK, &record(key, &secret));
    let secrets = call.world.workspace_mut().tenant_secrets_mut();
    secrets.insert(key.to_owned(), secret);
    Ok(reply)
}

fn delete(call: &mut Call<'_>, key: &str) -> Outcome {
    request_body::read(call.request)?;
    require_user(key, "deleted")?;
    let secrets = call.world.workspace_mut().tenant_secrets_mut();
    match secrets.remove(key) {
        Some(_) => Ok(Reply::empty()),
        None => Err(no_secret(key)),
    }
}

fn owner(key: &str) -> Result<Owner, Reply> {
    let (owner, name) = match key.split_once('.') {
        Some(("user", name)) => (Owner::User, name),
        Some(("system", name)) => (Owner::Platform, name),
        _ => return Err(refused("A key must begin with user. or system.")),
    };
    if is_name(name) {
        return Ok(owner);
    }
    Err(refused(
        "Invalid key: only letters, digits, dots, hyphens and underscores are allowed",
    ))
}

fn require_user(key: &str, act: &str) -> Result<(), Reply> {
    match owner(key)? {
        Owner::User => Ok(()),
        Owner::Platform => Err(forbidden(act)),
    }
}

fn forbidden(act: &str) -> Reply {
    let reason = format!("Secrets of the platform cannot be {act}");
    Reply::reason(StatusCode::FORBIDDEN, reason)
}

fn no_secret(key: &str) -> Reply {
    absent(format!("No secret with key {key}"))
}

fn record(key: &str, secret: &TenantSecret) -> Value {
    let prefix = key.split_once('.').map_or(key, |(prefix, _)| prefix);
    json!({ "key": key, "prefix": prefix, "updatedAt": secret.updated.rfc3339() })
}
