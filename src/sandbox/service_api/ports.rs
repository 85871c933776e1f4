//! Where instances that speak something else than HTTP are reached (API notes 6.8, 15.2).

use http::StatusCode;
use serde_json::{Value, json};

use super::shown;
use crate::sandbox::addressing::Addressing;
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

/// The port that a service's instances listen on inside the cluster, for those services that can
/// do without public access (API notes 6.5, 15.2).
pub(super) fn inside(service: &Service) -> Option<u16> {
    match service.id.as_str() {
        "apache-couchdb" => Some(5984),
        "birme-osc-postgresql"
        | "clickhouse-clickhouse"
        | "linuxserver-docker-mariadb"
        | "valkey-io-valkey" => external_port::internal(&service.id),
        _ => None,
    }
}

/// `GET /internalendpoint/{id}`: where to reach the instance from inside the cluster. No
/// specification has the route; clients find it by its link (API notes 6.1, 6.5).
pub(super) fn internal_endpoint(call: &Call<'_>, service: &Service, id: &str) -> Outcome {
    let (name, instance) = shown(call, service, id)?;
    let ports = inside(service)
        .map(|port| json!({ "name": format!("tcp-{port}"), "port": port, "protocol": "TCP" }));
    let tenant = call.world.tenant();
    let document = json!({
        "serviceDns": format!("{tenant}-{name}.{}.svc.cluster.local", service.id),
        "ports": Vec::from_iter(ports),
        "publicAccess": instance.public,
    });
    Ok(Reply::json(StatusCode::OK, &document))
}

fn exposed(call: &Call<'_>, service: &Service, id: &str) -> Result<Option<ExternalPort>, Reply> {
    let (name, instance) = shown(call, service, id)?;
    let open = instance.has_ports(&call.rules.timing, call.now);
    let port = external_port::of(call.world.tenant(), &service.id, name, instance).filter(|_| open);
    Ok(port.map(|port| match &call.rules.addressing {
        Addressing::Osc => port,
        // Served over HTTP alone, nothing leads to it; a client learns that at once here.
        Addressing::Prefixed { .. } => ExternalPort {
            ip: "127.0.0.1".to_owned(),
            ..port
        },
    }))
}
