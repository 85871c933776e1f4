//! The catalog role: what the workspace is subscribed to (API notes 4).

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::sandbox::addressing::Addressing;
use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::catalog::{self, OptionSpec, Service};
use crate::sandbox::reply::Reply;
use crate::sandbox::{credentials, request_body};

/// Answers at the catalog host.
pub(crate) fn answer(call: &mut Call<'_>) -> Outcome {
    credentials::personal_access_token_at_catalog(call)?;
    match (call.method(), call.segments().as_slice()) {
        (&Method::GET, ["mysubscriptions"]) => Ok(list(call)),
        (&Method::POST, ["mysubscriptions"]) => subscribe(call),
        (&Method::DELETE, ["mysubscriptions", id]) => unsubscribe(call, id),
        _ => Err(call.route_not_found()),
    }
}

fn list(call: &Call<'_>) -> Reply {
    let services = call
        .world
        .subscriptions()
        .iter()
        .filter_map(|id| catalog::find(id));
    let records = services
        .map(|service| record(service, &call.rules.addressing))
        .collect();
    Reply::json(StatusCode::OK, &Value::Array(records))
}

fn subscribe(call: &mut Call<'_>) -> Outcome {
    let body = request_body::read(call.request)?;
    let Some(wanted) = body.get("services").and_then(Value::as_array) else {
        return Err(Reply::invalid(
            "body must have required property 'services'",
        ));
    };
    let mut services = Vec::new();
    for id in wanted {
        let Some(service) = id.as_str().and_then(catalog::find) else {
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            return Err(Reply::reason(
                StatusCode::NOT_FOUND,
                format!("No such service: {id}"),
            ));
        };
        services.push(service.id.as_str());
    }
    for id in &services {
        call.world.subscribe(id);
    }
    let document = json!({ "teamId": call.world.tenant(), "services": services });
    Ok(Reply::json(StatusCode::OK, &document))
}

/// Ends a subscription, instances or not: whether OSC refuses then is unknown (API notes 4.3).
fn unsubscribe(call: &mut Call<'_>, id: &str) -> Outcome {
    request_body::read(call.request)?;
    if call.world.unsubscribe(id) {
        return Ok(Reply::empty());
    }
    Err(Reply::reason(
        StatusCode::NOT_FOUND,
        format!("Not subscribed to service {id}"),
    ))
}

/// The full record of a service (API notes 4.1).
fn record(service: &Service, addressing: &Addressing) -> Value {
    let names: Vec<&str> = service
        .options
        .iter()
        .map(|option| option.name.as_str())
        .collect();
    let mut record = json!({
        "serviceId": service.id,
        "apiUrl": addressing.api_url(service),
        "serviceType": service.kind,
        "status": "PUBLISHED",
        "serviceInstanceOptions": service.options.iter().map(descriptor).collect::<Vec<_>>(),
        "availableServiceInstanceOptions": names,
        "serviceAssociations": {},
        "serviceMetadata": metadata(service),
    });
    if let Some(publisher) = publisher(service) {
        record["tenantId"] = json!(publisher);
    }
    record
}

/// The description of an option (API notes 4.2).
fn descriptor(option: &OptionSpec) -> Value {
    let mut fields = Map::new();
    fields.insert("name".to_owned(), json!(option.name));
    fields.insert("label".to_owned(), json!(option.name));
    fields.insert("description".to_owned(), json!(""));
    fields.insert("type".to_owned(), json!(option.kind));
    fields.insert("mandatory".to_owned(), json!(option.mandatory));
    if !option.enums.is_empty() {
        fields.insert("enums".to_owned(), json!(option.enums));
    }
    if let Some(default) = &option.default {
        fields.insert("default".to_owned(), json!(default));
    }
    if let Some(pattern) = &option.pattern {
        fields.insert("regexValidator".to_owned(), json!(pattern));
    }
    if option.sensitive {
        fields.insert("sensitive".to_owned(), json!(true));
    }
    Value::Object(fields)
}

fn metadata(service: &Service) -> Value {
    let words = service
        .noun()
        .split('-')
        .map(capitalised)
        .collect::<Vec<_>>();
    let company = service.id.strip_suffix(service.noun()).unwrap_or_default();
    json!({
        "title": words.join(" "),
        "description": "",
        "companyName": company.trim_end_matches('-'),
        "category": service.category,
        "instanceNoun": service.noun(),
        "subscriptionFee": { "currencyCode": "USD", "value": 0 },
        "excludeFromFree": false,
        "keywords": [],
    })
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The publisher's tenant, which a few records carry and which is not the caller's
/// (API notes 4.1).
fn publisher(service: &Service) -> Option<&'static str> {
    service.id.starts_with("birme-").then_some("birme")
}
