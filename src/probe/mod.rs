//! Whether an instance answers from here.
use crate::model::{Level, Port, Probe};
use crate::osc::{Instance, ReadApi, Subscription};

/// What is looked at.
pub struct Subject<'a> {
    /// x
    pub api: &'a ReadApi,
    /// x
    pub subscription: &'a Subscription,
    /// x
    pub instance: &'a Instance,
    /// x
    pub ports: Option<&'a [Port]>,
    /// x
    pub probe: Option<&'a Probe>,
}

/// x
pub enum Verdict {
    /// x
    Passed,
    /// x
    Wrong(String),
    /// x
    Unreachable(String),
}

/// x
pub async fn look(_: &Subject<'_>, _: Level) -> Verdict {
    Verdict::Passed
}

/// x
pub fn default_level(_: &str, _: &Instance, _: Option<&Probe>) -> Level {
    Level::Healthy
}

/// x
pub fn needs_ports(_: &str, _: Option<&Probe>) -> bool {
    false
}
