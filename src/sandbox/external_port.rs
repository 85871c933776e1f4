//! Where instances that speak something else than HTTP are reached from outside
//! (API notes 6.8, 15.2).

use sha2::{Digest as _, Sha256};

use super::instance::Instance;

/// The TCP port inside of the services that have one; sorted by service id.
const INTERNAL: [(&str, u16); 9] = [
    ("atmoz-sftp", 22),
    ("birme-osc-postgresql", 5432),
    ("clickhouse-clickhouse", 9000),
    ("ferretdb-documentdb", 5432),
    ("ferretdb-ferretdb", 27017),
    ("linuxserver-docker-mariadb", 3306),
    ("neo4j-docker-neo4j", 7687),
    ("pgvector-pgvector", 5432),
    ("valkey-io-valkey", 6379),
];

/// An address outside, and the port it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExternalPort {
    /// The IPv4 address, of a block set aside for documentation.
    pub(crate) ip: String,
    /// The port there.
    pub(crate) external: u16,
    /// The port of the instance.
    pub(crate) internal: u16,
}

/// The port inside of a service's instances.
pub(crate) fn internal(service: &str) -> Option<u16> {
    let known = INTERNAL.iter().find(|(id, _)| *id == service);
    known.map(|(_, internal)| *internal)
}

/// Where an instance is reached once its port is open, if its service has one.
///
/// Follows from the names, so that it is the same from run to run; a resumed instance gets another
/// (API notes 6.8).
pub(crate) fn of(
    tenant: &str,
    service: &str,
    name: &str,
    instance: &Instance,
) -> Option<ExternalPort> {
    let internal = internal(service)?;
    let mut place = format!("{tenant}/{service}/{}", instance.place(name));
    if instance.placed() != instance.created {
        place.push_str(&instance.placed().rfc3339());
    }
    let hash = Sha256::digest(place);
    let block = if hash[0] % 2 == 0 {
        "203.0.113"
    } else {
        "198.51.100"
    };
    Some(ExternalPort {
        ip: format!("{block}.{}", 1 + u16::from(hash[1]) % 254),
        external: 10_000 + u16::from_be_bytes([hash[2], hash[3]]) % 10_000,
        internal,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::sandbox::catalog;

    #[test]
    fn the_table_names_services_that_exist() {
        for (id, _) in INTERNAL {
            assert!(catalog::find(id).is_some(), "{id}");
        }
        assert!(INTERNAL.is_sorted());
    }

    #[test]
    fn addresses_are_for_documentation_and_do_not_change() {
        let instance = Instance::new(BTreeMap::new(), true, UNIX_EPOCH.into(), &BTreeMap::new());
        let at = |name| of("sandbox", "valkey-io-valkey", name, &instance).unwrap();
        for name in ["a", "b", "c", "cache1"] {
            let port = at(name);
            assert!(port.ip.starts_with("203.0.113.") || port.ip.starts_with("198.51.100."));
            assert!((10_000..20_000).contains(&port.external));
        }
        let again = at("cache1");
        assert_eq!(
            (again.ip.as_str(), again.external),
            ("198.51.100.167", 16044)
        );
    }
}
