//! What belongs to an instance: its licence, its pages, its documentation (API notes 6.3).

use serde_json::{Value, json};

use crate::sandbox::catalog::Service;

/// Services whose instances have a page for people, and where.
const APP: [(&str, &str); 26] = [
    ("apache-airflow", ""),
    ("apache-couchdb", "/_utils"),
    ("chatwoot-chatwoot", ""),
    ("datarhei-restreamer", "/ui"),
    ("docusealco-docuseal", ""),
    ("ether-etherpad-lite", ""),
    ("excalidraw-excalidraw", ""),
    ("eyevinn-encore-ui", ""),
    ("eyevinn-open-live-studio", ""),
    ("go-gitea-gitea", ""),
    ("grafana-grafana", ""),
    ("jgraph-drawio", ""),
    ("keycloak-keycloak", "/admin"),
    ("knadh-listmonk", ""),
    ("louislam-uptime-kuma", ""),
    ("matomo-org-matomo", ""),
    ("n8n-io-n8n", ""),
    ("nextcloud-server", ""),
    ("owncast-owncast", ""),
    ("penpot-penpot", ""),
    ("tryghost-ghost", "/ghost"),
    ("umami-software-umami", ""),
    ("unleash-unleash", ""),
    ("usememos-memos", ""),
    ("wordpress-wordpress", "/wp-admin"),
    ("xwiki-xwiki-platform", ""),
];

/// Services whose instances have a page that documents their API, and where.
const API_DOCS: [(&str, &str); 4] = [
    ("encore", "/swagger-ui/index.html"),
    ("eyevinn-app-config-svc", "/api/docs"),
    ("eyevinn-intercom-manager", "/api/docs"),
    ("eyevinn-tams-gateway", "/docs"),
];

/// The `resources` of the instance at this address.
pub(super) fn of(service: &Service, url: &str) -> Value {
    let licence = format!("https://docs.osaas.io/licenses/{}", service.id);
    let mut resources = json!({ "license": { "url": licence } });
    for (kind, table) in [("app", APP.as_slice()), ("apiDocs", &API_DOCS)] {
        if let Some((_, path)) = table.iter().find(|(id, _)| *id == service.id) {
            resources[kind] = json!({ "url": format!("{url}{path}") });
        }
    }
    if service.id == "encore" {
        let jobs = format!("{url}/encoreJobs");
        resources["enqueueJob"] = json!({ "url": jobs, "method": "POST" });
        resources["listJobs"] = json!({ "url": jobs, "method": "GET" });
    }
    resources
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::catalog;

    #[test]
    fn the_tables_name_services_that_exist_and_run() {
        for (id, _) in APP.iter().chain(&API_DOCS) {
            assert!(catalog::find(id).is_some_and(|it| !it.is_job()), "{id}");
        }
    }
}
