//! The instances that are suspended (API notes 6.12).

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::instance::Instance;
use crate::sandbox::reply::Reply;
use crate::sandbox::suspension::Suspension;
use crate::sandbox::{catalog, request_body, service_api};

/// Answers below `/mysuspended`.
pub(super) fn answer(call: &mut Call<'_>, rest: &[&str]) -> Outcome {
    match (call.method(), rest) {
        (&Method::GET, []) => Ok(list(call)),
        (&Method::DELETE, [service, name]) => discard(call, service, name),
        (&Method::POST, [service, name, "resume"]) => resume(call, service, name),
        _ => Err(call.route_not_found()),
    }
}

fn list(call: &Call<'_>) -> Reply {
    let suspended = call.world.suspended(call.now);
    let records = suspended.map(|(service, name, instance, suspension)| {
        let mut record = json!({
            "serviceId": service,
            "instanceName": name,
            "suspendedAt": suspension.at.rfc3339(),
            "parameters": parameters(service, name, instance),
        });
        if let Some(reason) = &suspension.reason {
            record["reason"] = json!(reason);
        }
        record
    });
    Reply::json(StatusCode::OK, &Value::Array(records.collect()))
}

fn parameters(service: &str, name: &str, instance: &Instance) -> Value {
    let service = catalog::find(service);
    service.map_or_else(
        || json!({}),
        |service| service_api::parameters(service, name, instance),
    )
}

/// Places an instance anew: at another address, without its volume.
///
/// It is listed until it is back. Where a record was left behind, asking again removes it.
fn resume(call: &mut Call<'_>, service: &str, name: &str) -> Outcome {
    request_body::read(call.request)?;
    let now = call.now;
    let takes = call.rules.timing.resume_takes;
    let record_left = call.rules.quirks.resume_leaves_record;
    let secrets = call.world.workspace().secrets_of(service);
    let instance = recorded(call, service, name)?;
    let back = instance.resume(now.plus(takes), record_left, &secrets);
    call.world.subscribe(service);
    call.world
        .change_records(call.rules, now, (service, name), back);
    let document = json!({
        "serviceId": service,
        "instanceName": name,
        "tenantId": call.world.tenant(),
        "resumedAt": back.rfc3339(),
    });
    Ok(Reply::json(StatusCode::OK, &document).after(back.since(now)))
}

/// Forgets a suspended instance, which frees its name; of one that is back only the record.
fn discard(call: &mut Call<'_>, service: &str, name: &str) -> Outcome {
    request_body::read(call.request)?;
    let (now, takes) = (call.now, call.rules.timing.delete_takes);
    let instance = recorded(call, service, name)?;
    let suspension = instance.suspension.as_mut();
    match suspension.and_then(|suspension| suspension.resumed.as_mut()) {
        Some(resumed) if resumed.at <= now => resumed.record_left = false,
        _ => call.world.remove(service, name),
    }
    call.world
        .change_records(call.rules, now, (service, name), now.plus(takes));
    let message = format!("Suspended instance {name} of {service} deleted");
    Ok(Reply::json(StatusCode::OK, &json!({ "message": message })).after(takes))
}

/// The instance behind a record.
fn recorded<'c>(
    call: &'c mut Call<'_>,
    service: &str,
    name: &str,
) -> Result<&'c mut Instance, Reply> {
    let now = call.now;
    let is_listed = |suspension: &Suspension| suspension.is_listed(now);
    let found = call.world.instance_mut(service, name);
    found
        .filter(|instance| instance.suspension.as_ref().is_some_and(is_listed))
        .ok_or_else(|| {
            let reason = format!("No suspended instance {name} of service {service}");
            Reply::reason(StatusCode::NOT_FOUND, reason)
        })
}
