use super::Instance;
use crate::model::{Endpoint, Port};

/// The port a service listens on inside the cluster (API notes 15.2).
const INTERNAL_PORTS: &[(&str, u16)] = &[
    ("valkey-io-valkey", 6379),
    ("birme-osc-postgresql", 5432),
    ("linuxserver-docker-mariadb", 3306),
    ("clickhouse-clickhouse", 9000),
    ("apache-couchdb", 5984),
];

/// Where an instance can be reached, given its exposed ports.
///
/// Its address is that of the first port. An instance without any is reached by its name inside
/// the cluster (API notes 1), where the port of its service is known.
pub fn endpoint(workspace: &str, service: &str, instance: &Instance, ports: Vec<Port>) -> Endpoint {
    let external = ports
        .first()
        .map(|port| format!("{}:{}", port.ip, port.port));
    let internal = || {
        let (_, port) = INTERNAL_PORTS.iter().find(|(known, _)| *known == service)?;
        Some(format!(
            "{workspace}-{}.{service}.svc.cluster.local:{port}",
            instance.name
        ))
    };
    Endpoint {
        url: instance.url.clone(),
        address: external.or_else(internal),
        ports: Some(ports),
    }
}
