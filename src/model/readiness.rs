use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Level, OptionValue};

/// When an instance counts as ready.
#[derive(Debug, Clone, PartialEq)]
pub struct Readiness {
    /// The level the manifest asks for; without one, the highest that can be told for the
    /// instance is tried, and one that cannot be checked from here is a warning only.
    pub level: Option<Level>,
    /// How long to wait for it.
    pub limit: Duration,
    /// What `usable` means, where the manifest says so.
    pub probe: Option<Probe>,
}

/// A question whose answer shows that an instance is usable.
#[derive(Debug, Clone, PartialEq)]
pub enum Probe {
    /// A request to the instance's own URL.
    Http(HttpProbe),
    /// A connection to one of its exposed ports.
    Tcp {
        /// The port inside of the instance; without one, its first.
        port: Option<u16>,
    },
}

/// A request to an instance and the answers that count.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpProbe {
    /// Below the instance's URL; begins with `/`, may hold a query.
    pub path: String,
    /// `GET`, `HEAD`, `POST` or another method in capitals.
    pub method: String,
    /// Statuses that count.
    pub statuses: Vec<RangeInclusive<u16>>,
    /// A text that the answer must hold.
    pub body: Option<String>,
    /// Header lines to send; values may be sensitive.
    pub headers: Vec<(String, OptionValue)>,
}
