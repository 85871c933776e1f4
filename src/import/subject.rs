use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::catalog::Service;
use crate::model::{Endpoint, OptionValue};
use crate::osc::Suspended;

/// The longest name that a manifest may give an instance.
const MAX_NAME: usize = 20;
/// The longest `{workspace}-{service}-{name}`.
const MAX_LABEL: usize = 63;

/// An instance that is written into the manifest.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its service.
    pub service: Arc<Service>,
    /// Its name in the workspace.
    pub name: String,
    /// Its options that are set, by the catalog's names.
    pub options: BTreeMap<String, OptionValue>,
    /// Where it can be reached, as far as that is known.
    pub endpoint: Endpoint,
    /// The record of its suspension, where it is suspended.
    pub suspended: Option<Suspended>,
}

impl Subject {
    /// Why no manifest can declare it, where none can (API notes 6.9).
    pub(super) fn undeclarable(&self, workspace: &str) -> Option<&'static str> {
        let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let (name, id) = (self.name.as_str(), self.service.id.as_str());
        if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(usable) {
            return Some("a manifest's names are 1 to 20 lower-case letters and digits");
        }
        let label = workspace.len() + id.len() + name.len() + 2;
        (label > MAX_LABEL).then_some("workspace, service and name are too long together")
    }
}

/// What the manifest says before its instances.
#[derive(Debug, Clone, Copy)]
pub struct Heading<'a> {
    /// The name of the stack.
    pub stack: &'a str,
    /// The workspace that was read.
    pub workspace: &'a str,
    /// The environment, where it is not the default one.
    pub environment: Option<&'a str>,
    /// The name of the manifest's file, where it is not the one that commands read by themselves.
    pub file: Option<&'a str>,
}

/// Something that is not in the manifest, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Omitted {
    /// What: a service, or `SERVICE/NAME`.
    pub what: String,
    /// Why, in words; printable.
    pub why: String,
}

/// A manifest, and what there is to say about it. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The manifest as YAML.
    pub text: String,
    /// The addresses of its instances, in its order.
    pub addresses: Vec<String>,
    /// The environment variables that hold what its secrets are to be, in its order.
    pub variables: Vec<String>,
    /// What is not in it.
    pub omitted: Vec<Omitted>,
}

impl fmt::Display for Omitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not in the manifest: {}: {}", self.what, self.why)
    }
}
