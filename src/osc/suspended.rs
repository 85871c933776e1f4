use std::collections::BTreeMap;
use std::fmt;

use crate::model::OptionValue;

/// The platform's record of a suspended instance (API notes 6.12): it keeps name and options,
/// and nothing of what the instance has stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspended {
    /// The id of its service.
    pub service: String,
    /// Its name, which stays taken.
    pub name: String,
    /// Since when, in the platform's words; printable and short.
    pub since: Option<String>,
    /// Why, in the platform's words (`idle`, `token_limit_exceeded`); printable and short, and
    /// without the secrets of its options.
    pub reason: Option<String>,
    /// The options that it comes back with, by the catalog's names; none where nobody asked about
    /// its service.
    pub options: BTreeMap<String, OptionValue>,
}

impl Suspended {
    /// Whether it is the record of this instance.
    pub fn is_of(&self, service: &str, name: &str) -> bool {
        self.service == service && self.name == name
    }
}

impl fmt::Display for Suspended {
    /// `suspended since 2026-11-01T10:00:00Z (idle)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("suspended")?;
        if let Some(since) = &self.since {
            write!(f, " since {since}")?;
        }
        match &self.reason {
            Some(reason) => write!(f, " ({reason})"),
            None => Ok(()),
        }
    }
}
