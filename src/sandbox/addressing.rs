//! The addresses that documents carry.

use super::catalog::Service;

/// The site every service runs on (API notes 1).
pub(crate) const SITE: &str = "prod-se.osaas.io";

/// Where the sandbox is reached, and so which addresses it writes into its documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Addressing {
    /// OSC's own host names; requests are told apart by host.
    #[default]
    Osc,
    /// Everything under one address; requests are told apart by the first part of their path:
    /// `/app`, `/catalog`, `/token`, `/deploy`, `/money`, `/svc/{serviceId}` for service APIs and
    /// `/at/{serviceId}/{name}` for instances.
    Prefixed {
        /// Scheme, host and port, such as `http://127.0.0.1:8080`; a path is not supported.
        base: String,
    },
}

impl Addressing {
    /// The `apiUrl` of a service: its collection.
    pub(crate) fn api_url(&self, service: &Service) -> String {
        match self {
            Addressing::Osc => format!("https://{}{}", service.api_host, service.collection),
            Addressing::Prefixed { base } => {
                format!("{}/svc/{}{}", trimmed(base), service.id, service.collection)
            }
        }
    }

    /// The console's address, which is the issuer of what OAuth issues; without a trailing slash.
    pub(crate) fn app_url(&self) -> String {
        match self {
            Addressing::Osc => "https://app.osaas.io".to_owned(),
            Addressing::Prefixed { base } => format!("{}{}", trimmed(base), self.app_path()),
        }
    }

    /// The path of the console's address.
    pub(crate) fn app_path(&self) -> &'static str {
        match self {
            Addressing::Osc => "",
            Addressing::Prefixed { .. } => "/app",
        }
    }

    /// A link within a service's API: a path on the host of its `apiUrl` (API notes 6.3).
    pub(crate) fn href(&self, service: &Service, path: &str) -> String {
        match self {
            Addressing::Osc => path.to_owned(),
            Addressing::Prefixed { .. } => format!("/svc/{}{path}", service.id),
        }
    }

    /// The address of an instance, without a trailing slash.
    pub(crate) fn instance_url(&self, tenant: &str, service: &Service, name: &str) -> String {
        match self {
            Addressing::Osc => format!("https://{tenant}-{name}.{}.auto.{SITE}", service.id),
            Addressing::Prefixed { base } => format!("{}/at/{}/{name}", trimmed(base), service.id),
        }
    }

    /// Where a channel-engine channel plays (API notes 1).
    pub(crate) fn playback_url(&self, tenant: &str, service: &Service, name: &str) -> String {
        match self {
            Addressing::Osc => {
                format!("https://{tenant}.ce.{SITE}/channels/{name}/master.m3u8")
            }
            Addressing::Prefixed { .. } => {
                format!("{}/master.m3u8", self.instance_url(tenant, service, name))
            }
        }
    }
}

fn trimmed(base: &str) -> &str {
    base.trim_end_matches('/')
}
