use std::collections::BTreeMap;
use std::fmt;

use url::Url;

use crate::model::OptionValue;

/// The options of an instance that are set, by the catalog's names, in canonical form.
pub type Options = BTreeMap<String, OptionValue>;

/// A service that the workspace may use, and where its API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The service's id: `valkey-io-valkey`.
    pub service: String,
    /// The URL of the collection of its instances; never built, always read (API notes 1).
    pub api_url: Url,
}

/// One instance as its service describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Its name, which may differ from the one asked for (API notes 6.9).
    pub name: String,
    /// What the service calls it in URLs where that is not the name (API notes 6.11).
    pub id: Option<String>,
    /// Where it answers, without a trailing slash.
    pub url: Option<String>,
    /// Whether it names a page to open: a web application, or the documentation of its API
    /// (API notes 6.3).
    pub has_page: bool,
    /// The options that are set, in canonical form, by the catalog's names. One that is missing
    /// is unset or not shown (API notes 6.3).
    pub options: Options,
    /// Whether it offers to be changed in place.
    pub can_update: bool,
    /// Whether it offers to be started again.
    pub can_restart: bool,
    /// Where its operations are; nothing for services that predate links (API notes 6.1).
    pub links: Option<Links>,
}

/// The operations that an instance offers, each as a URL relative to the `apiUrl`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// Changing options.
    pub update: Option<String>,
    /// Starting it again; not in a fixed place (API notes 16).
    pub restart: Option<String>,
    /// Health.
    pub health: Option<String>,
    /// External ports.
    pub ports: Option<String>,
    /// Logs.
    pub logs: Option<String>,
}

/// How an instance is, by the platform's own check (API notes 6.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// On its way.
    Starting,
    /// Its process is ready; names, certificates and the application may not be (13.2).
    Running,
    /// Not running.
    Stopped,
    /// Given up.
    Failed,
    /// The platform does not know.
    Unknown,
    /// Another word, made printable.
    Other(String),
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Other(word) => word,
        })
    }
}
