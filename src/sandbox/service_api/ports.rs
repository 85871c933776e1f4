//! External ports of the services that speak something else than HTTP (API notes 6.8, 15.2).

use http::StatusCode;
use serde_json::{Value, json};

use super::shown;
use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::catalog::Service;
use crate::sandbox::external_port::{self, ExternalPort};
use crate::sandbox::reply::Reply;

/// `GET /ports/{id}`: where to reach the instance from outside; empty at first, and for ever where
/// nothing is exposed.
pub(super) fn external(call: &Call<'_>, service: &Service, id: &str) -> Outcome {
    let port = exposed(call, service, id)?.map(|port| {
        json!({
            "externalIp": port.ip,
            "externalPort": port.external,
            "internalPort": port.internal,
        })
    });
    Ok(Reply::json(
        StatusCode::OK,
        &Value::Array(port.into_iter().collect()),
    ))
}

/// `GET /nodeports/{id}`: the same as seen by the newest generation.
pub(super) fn node(call: &Call<'_>, service: &Service, id: &str) -> Outcome {
    let port = exposed(call, service, id)?.map(|port| {
        json!({
            "name": format!("tcp-{}", port.internal),
            "protocol": "TCP",
            "port": port.external,
            "ip": port.ip,
        })
    });
    Ok(Reply::json(
        StatusCode::OK,
        &Value::Array(port.into_iter().collect()),
    ))
}

fn exposed(call: &Call<'_>, service: &Service, id: &str) -> Result<Option<ExternalPort>, Reply> {
    let (name, instance) = shown(call, service, id)?;
    let open = instance.has_ports(&call.rules.timing, call.now);
    let port = external_port::of(call.world, &service.id, name, instance);
    Ok(port.filter(|_| open))
}
