//! The token role: a personal access token buys tokens for single services (API notes 5).

use http::{Method, StatusCode};
use serde_json::json;

use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::reply::Reply;
use crate::sandbox::{catalog, credentials, request_body};

/// Answers at the token host.
pub(crate) fn answer(call: &mut Call<'_>) -> Outcome {
    credentials::personal_access_token(call)?;
    match (call.method(), call.path) {
        (&Method::POST, "/servicetoken") => service_token(call),
        _ => Err(call.route_not_found()),
    }
}

fn service_token(call: &mut Call<'_>) -> Outcome {
    let body = request_body::read(call.request)?;
    if !body.is_object() {
        return Err(Reply::invalid("body must be object"));
    }
    let Some(id) = body.get("serviceId") else {
        return Err(Reply::invalid(
            "body must have required property 'serviceId'",
        ));
    };
    let service = id.as_str().and_then(catalog::find);
    let subscribed = service.filter(|service| call.world.subscriptions().contains(&service.id));
    let Some(service) = subscribed else {
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let reason = format!("Not subscribed to service {id}");
        return Err(Reply::reason(StatusCode::FORBIDDEN, reason));
    };
    let lifetime = call.rules.timing.service_token_lifetime;
    let (token, expiry) = credentials::issue_service(call.world, service, call.now, lifetime);
    let document = json!({ "serviceId": service.id, "token": token, "expiry": expiry });
    Ok(Reply::json(StatusCode::OK, &document))
}
