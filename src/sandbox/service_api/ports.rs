//! External ports of the services that speak something else than HTTP (API notes 6.8, 15.2).

use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::shown;
use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::catalog::Service;
use crate::sandbox::reply::Reply;

/// The TCP port inside of the services that have one; sorted by service id.
const TCP: [(&str, u16); 8] = [
    ("atmoz-sftp", 22),
    ("birme-osc-postgresql", 5432),
    ("clickhouse-clickhouse", 9000),
    ("ferretdb-documentdb", 5432),
    ("ferretdb-ferretdb", 27017),
    ("linuxserver-docker-mariadb", 3306),
    ("neo4j-docker-neo4j", 7687),
    ("valkey-io-valkey", 6379),
];

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

struct Port {
    ip: String,
    external: u16,
    internal: u16,
}

fn exposed(call: &Call<'_>, service: &Service, id: &str) -> Result<Option<Port>, Reply> {
    let (name, instance) = shown(call, service, id)?;
    let known = TCP.iter().find(|(id, _)| *id == service.id);
    let open = instance.has_ports(&call.rules.timing, call.now);
    let internal = known.filter(|_| open).map(|(_, internal)| *internal);
    let place = instance.place(name);
    Ok(internal.map(|internal| port(call.world.tenant(), service, &place, internal)))
}

/// An address of the blocks set aside for documentation, and a port; both follow from the names,
/// so that they are the same from run to run.
fn port(tenant: &str, service: &Service, name: &str, internal: u16) -> Port {
    let hash = Sha256::digest(format!("{tenant}/{}/{name}", service.id));
    let block = if hash[0] % 2 == 0 {
        "203.0.113"
    } else {
        "198.51.100"
    };
    let host = 1 + u16::from(hash[1]) % 254;
    let external = 10_000 + u16::from_be_bytes([hash[2], hash[3]]) % 10_000;
    Port {
        ip: format!("{block}.{host}"),
        external,
        internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::catalog;

    #[test]
    fn the_table_names_services_that_exist() {
        for (id, _) in TCP {
            assert!(catalog::find(id).is_some(), "{id}");
        }
        assert!(TCP.is_sorted());
    }

    #[test]
    fn addresses_are_for_documentation_and_do_not_change() {
        let valkey = catalog::find("valkey-io-valkey").unwrap();
        for name in ["a", "b", "c", "cache1"] {
            let port = port("sandbox", valkey, name, 6379);
            assert!(port.ip.starts_with("203.0.113.") || port.ip.starts_with("198.51.100."));
            assert!((10_000..20_000).contains(&port.external));
        }
        let again = port("sandbox", valkey, "cache1", 6379);
        assert_eq!(
            (again.ip.as_str(), again.external),
            ("198.51.100.167", 16044)
        );
    }
}
