use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::{OptionKind, OptionSpec, Pattern, Service, ServiceKind};
use crate::model::{nearest, sensitive};

const SNAPSHOT: &str = include_str!("catalog.json");
const STATELESS: &str = include_str!("stateless.txt");
const FIRST_START: &str = include_str!("first_start.txt");

/// All known services by id.
#[derive(Debug, Clone)]
pub struct Catalog {
    services: BTreeMap<String, Arc<Service>>,
}

/// The bundled catalog is damaged: this build is unusable.
#[derive(Debug, thiserror::Error)]
#[error("the bundled catalog cannot be read: {0}; install osc-apply again")]
pub struct CatalogError(#[from] serde_json::Error);

impl Catalog {
    /// The snapshot in this binary.
    ///
    /// # Errors
    /// Only in a damaged build.
    pub fn bundled() -> Result<Self, CatalogError> {
        let records: Vec<ServiceRecord> = serde_json::from_str(SNAPSHOT)?;
        let stateless: Vec<&str> = listed(STATELESS).map(|(id, _)| id).collect();
        let first_start: Vec<&str> = listed(FIRST_START).map(|(id, _)| id).collect();
        let services = records
            .into_iter()
            .map(|record| {
                let id = record.service_id.clone();
                let keeps_data = !stateless.contains(&id.as_str());
                let reads_secrets_once = first_start.contains(&id.as_str());
                let service = record.into_service(keeps_data, reads_secrets_once);
                (id, Arc::new(service))
            })
            .collect();
        Ok(Self { services })
    }

    /// The service of that exact id.
    pub fn service(&self, id: &str) -> Option<&Arc<Service>> {
        self.services.get(id)
    }

    /// The service that `wrong` most likely means.
    pub fn nearest(&self, wrong: &str) -> Option<&str> {
        nearest(wrong, self.services.keys().map(String::as_str))
    }

    /// All services in the order of their ids.
    pub fn services(&self) -> impl Iterator<Item = &Arc<Service>> {
        self.services.values()
    }
}

/// The services of a list, each with its reason.
fn listed(list: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(char::is_whitespace))
        .map(|(id, reason)| (id, reason.trim()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceRecord {
    service_id: String,
    service_type: KindRecord,
    options: Vec<OptionRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindRecord {
    Instance,
    Job,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OptionRecord {
    name: String,
    #[serde(rename = "type")]
    kind: OptionKindRecord,
    #[serde(default)]
    mandatory: bool,
    default: Option<String>,
    #[serde(default)]
    enums: Vec<String>,
    regex_validator: Option<String>,
    #[serde(default)]
    sensitive: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum OptionKindRecord {
    String,
    Boolean,
    Enum,
    List,
}

impl ServiceRecord {
    fn into_service(self, keeps_data: bool, reads_secrets_once: bool) -> Service {
        let kind = match self.service_type {
            KindRecord::Instance => ServiceKind::Instance,
            KindRecord::Job => ServiceKind::Job,
        };
        let options = self
            .options
            .into_iter()
            .filter(|option| option.name != "name")
            .map(|option| (option.name.clone(), option.into_spec()))
            .collect();
        Service {
            id: self.service_id,
            kind,
            options,
            keeps_data,
            reads_secrets_once,
        }
    }
}

impl OptionRecord {
    fn into_spec(self) -> OptionSpec {
        let kind = match self.kind {
            OptionKindRecord::String => OptionKind::Text,
            OptionKindRecord::Boolean => OptionKind::Boolean,
            OptionKindRecord::Enum => OptionKind::Enum(self.enums),
            OptionKindRecord::List => OptionKind::List,
        };
        OptionSpec {
            sensitive: self.sensitive || sensitive::name_is_sensitive(&self.name),
            name: self.name,
            kind,
            mandatory: self.mandatory,
            default: self.default,
            pattern: self.regex_validator.map(Pattern::new),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_snapshot_can_be_applied() {
        for service in Catalog::bundled().unwrap().services() {
            for option in service.options.values() {
                if let Some(pattern) = &option.pattern {
                    pattern.matches("https://example.com").unwrap();
                }
            }
        }
    }

    #[test]
    fn every_stateless_service_exists_and_says_why() {
        let catalog = Catalog::bundled().unwrap();
        for (id, reason) in listed(STATELESS) {
            assert!(
                catalog
                    .service(id)
                    .is_some_and(|service| !service.keeps_data),
                "{id}"
            );
            assert!(reason.len() > 10, "{id}");
        }
    }

    #[test]
    fn every_service_that_reads_its_secrets_once_exists_keeps_data_and_says_why() {
        let catalog = Catalog::bundled().unwrap();
        for (id, reason) in listed(FIRST_START) {
            let service = catalog.service(id).unwrap();
            assert!(service.reads_secrets_once && service.keeps_data, "{id}");
            assert!(service.options.values().any(|it| it.sensitive), "{id}");
            assert!(reason.len() > 10, "{id}");
        }
    }

    #[test]
    fn databases_and_storage_keep_data() {
        let catalog = Catalog::bundled().unwrap();
        for id in [
            "minio-minio",
            "valkey-io-valkey",
            "linuxserver-docker-mariadb",
        ] {
            assert!(catalog.service(id).unwrap().keeps_data, "{id}");
        }
    }

    #[test]
    fn secrets_are_recognised_where_the_catalog_does_not_flag_them() {
        let catalog = Catalog::bundled().unwrap();
        assert!(
            catalog
                .service("wordpress-wordpress")
                .unwrap()
                .is_sensitive("DbPassword")
        );
        assert!(
            !catalog
                .service("wordpress-wordpress")
                .unwrap()
                .is_sensitive("DbHost")
        );
    }
}
