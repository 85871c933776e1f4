use indexmap::IndexMap;

use super::Pattern;
use crate::model::sensitive;

/// One service of the catalog.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its id: `valkey-io-valkey`.
    pub id: String,
    /// Whether it makes instances or jobs.
    pub kind: ServiceKind,
    /// Its options by name, in the catalog's order, without `name`.
    pub options: IndexMap<String, OptionSpec>,
    /// Whether an instance holds data that is lost with it.
    pub keeps_data: bool,
    /// Whether an instance reads its secrets at its first start only, so that a restart with other
    /// ones changes nothing.
    pub reads_secrets_once: bool,
}

/// What a service makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceKind {
    /// Something that runs until it is deleted.
    Instance,
    /// Something that ends by itself.
    Job,
}

/// One option of a service.
#[derive(Debug, Clone)]
pub struct OptionSpec {
    /// The platform's own name, case-sensitive; dots mean nesting (API notes 6.4).
    pub name: String,
    /// What values it takes.
    pub kind: OptionKind,
    /// Whether an instance cannot be made without it.
    pub mandatory: bool,
    /// The value in force where none is given, in canonical form.
    pub default: Option<String>,
    /// What a value must match.
    pub pattern: Option<Pattern>,
    /// Whether its values are secrets, by the catalog's flag or by its name.
    pub sensitive: bool,
}

/// What values an option takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionKind {
    /// Text; numbers are text too (API notes 4.2).
    Text,
    /// `true` or `false`.
    Boolean,
    /// One of these.
    Enum(Vec<String>),
    /// Items that go out comma-separated.
    List,
}

impl Service {
    /// The option of that exact name.
    pub fn option(&self, name: &str) -> Option<&OptionSpec> {
        self.options.get(name)
    }

    /// Whether the values of an option are secrets; judged by name where the option is unknown.
    pub fn is_sensitive(&self, option: &str) -> bool {
        self.option(option)
            .map_or_else(|| sensitive::name_is_sensitive(option), |o| o.sensitive)
    }
}
