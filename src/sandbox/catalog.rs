//! Every service that can be run, read from the catalog's data file.

use std::sync::LazyLock;

use serde::Deserialize;

const DATA: &str = include_str!("../catalog/catalog.json");

static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| {
    let records: Vec<Record> = serde_json::from_str(DATA).unwrap_or_default();
    records.into_iter().map(Service::from).collect()
});

/// Every service, in the order of the data file.
pub(crate) fn all() -> &'static [Service] {
    &SERVICES
}

/// The service with this id.
pub(crate) fn find(id: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.id == id)
}

/// One service of the catalog and the abilities of its API.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its id, `{organisation}-{repository}` on all but a few.
    pub(crate) id: String,
    /// `instance` or `job`.
    pub(crate) kind: String,
    /// The category, where the catalog gives one.
    pub(crate) category: Option<String>,
    /// The host of its API.
    pub(crate) api_host: String,
    /// The path of its collection on that host, such as `/valkeyinstance`.
    pub(crate) collection: String,
    /// The options, `name` among them.
    pub(crate) options: Vec<OptionSpec>,
    /// Which generation of the orchestrator its API was built with.
    pub(crate) generation: Generation,
    /// Whether the API has PATCH.
    pub(crate) can_patch: bool,
    /// Whether the API can scale an instance.
    pub(crate) can_scale: bool,
}

/// The generations of service APIs (API notes 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Generation {
    /// No links, no restart, no PATCH.
    First,
    /// With links and restart, and PATCH on most.
    Second,
    /// With node ports, images in health, and booleans as booleans.
    Third,
}

/// One option as the catalog describes it (API notes 4.2).
#[derive(Debug, Deserialize)]
pub(crate) struct OptionSpec {
    /// Its name; dots mean nesting in the request body (API notes 6.4).
    pub(crate) name: String,
    /// `string`, `boolean`, `enum` or `list`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Whether a create request must have it.
    #[serde(default)]
    pub(crate) mandatory: bool,
    /// What the console fills in.
    pub(crate) default: Option<String>,
    /// The values of an `enum`.
    #[serde(default)]
    pub(crate) enums: Vec<String>,
    /// The pattern the console checks.
    #[serde(rename = "regexValidator")]
    pub(crate) pattern: Option<String>,
    /// Whether the console hides the value.
    #[serde(default)]
    pub(crate) sensitive: bool,
}

impl OptionSpec {
    /// Whether the value is a boolean.
    pub(crate) fn is_boolean(&self) -> bool {
        self.kind == "boolean"
    }
}

impl Service {
    /// Whether what it runs are jobs.
    pub(crate) fn is_job(&self) -> bool {
        self.kind == "job"
    }

    /// Whether it is the service with a document of its own (API notes 6.11).
    pub(crate) fn is_channel_engine(&self) -> bool {
        self.id == "channel-engine"
    }

    /// Whether it has the health route; two services have not (API notes 6.1).
    pub(crate) fn has_health(&self) -> bool {
        !["eyevinn-function-scenes", "eyevinn-preview-hls-service"].contains(&self.id.as_str())
    }

    /// Whether its instances have a volume, as databases, storage and parameter stores do
    /// (API notes 6.12).
    pub(crate) fn has_storage(&self) -> bool {
        matches!(self.category.as_deref(), Some("database" | "storage"))
            || self.id == "eyevinn-app-config-svc"
    }

    /// The options besides `name`.
    pub(crate) fn settings(&self) -> impl Iterator<Item = &OptionSpec> {
        self.options.iter().filter(|option| option.name != "name")
    }

    /// The repository part of the id, which the collection path and the title are made of.
    pub(crate) fn noun(&self) -> &str {
        let last = self.collection.trim_start_matches('/');
        last.strip_suffix("instance")
            .or_else(|| last.strip_suffix("job"))
            .unwrap_or(&self.id)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    service_id: String,
    service_type: String,
    category: Option<String>,
    api_url: Option<String>,
    api_path: Option<String>,
    options: Vec<OptionSpec>,
    supports_patch: Option<bool>,
    supports_scale: Option<bool>,
    generation: Option<u8>,
}

impl From<Record> for Service {
    fn from(record: Record) -> Service {
        let job = record.service_type == "job";
        let generation = match (record.generation, job) {
            (Some(1), _) => Generation::First,
            (Some(2), _) | (None, true) => Generation::Second,
            _ => Generation::Third,
        };
        let (api_host, collection) = place(&record);
        Service {
            api_host,
            collection,
            generation,
            can_patch: record
                .supports_patch
                .unwrap_or(!job && generation == Generation::Third),
            can_scale: record.supports_scale.unwrap_or(false),
            id: record.service_id,
            kind: record.service_type,
            category: record.category,
            options: record.options,
        }
    }
}

/// Host and collection path of a service's API.
///
/// The catalog says where; the few older services without an address get the regular one
/// (API notes 1).
fn place(record: &Record) -> (String, String) {
    let id = &record.service_id;
    let known = record
        .api_url
        .as_deref()
        .and_then(|url| url.strip_prefix("https://"));
    if let Some((host, path)) = known.and_then(|rest| rest.split_once('/')) {
        return (host.to_owned(), format!("/{path}"));
    }
    let noun = id.split_once('-').map_or(id.as_str(), |(_, noun)| noun);
    let path = record
        .api_path
        .clone()
        .unwrap_or_else(|| format!("/{noun}{}", record.service_type));
    (format!("api-{id}.auto.prod-se.osaas.io"), path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_data_file_is_read() {
        assert_eq!(all().len(), 197);
        assert!(all().iter().all(|service| service.collection.len() > 1));
    }

    #[test]
    fn older_services_get_the_regular_address() {
        let service = find("eyevinn-rust-image-processor").unwrap();
        assert_eq!(
            service.api_host,
            "api-eyevinn-rust-image-processor.auto.prod-se.osaas.io"
        );
        assert_eq!(service.collection, "/rust-image-processorinstance");
        assert_eq!(find("n8n-io-n8n").unwrap().collection, "/n8ninstance");
    }

    #[test]
    fn unknown_generations_are_new_for_instances_and_middling_for_jobs() {
        let instance = find("keycloak-keycloak").unwrap();
        assert_eq!(
            (instance.generation, instance.can_patch),
            (Generation::Third, true)
        );
        let job = find("eyevinn-ffmpeg-s3").unwrap();
        assert_eq!((job.generation, job.can_patch), (Generation::Second, false));
        assert!(job.collection.ends_with("job"));
    }

    #[test]
    fn the_noun_is_the_repository_part() {
        assert_eq!(
            find("birme-osc-postgresql").unwrap().noun(),
            "osc-postgresql"
        );
        assert_eq!(find("channel-engine").unwrap().noun(), "channel-engine");
    }
}
