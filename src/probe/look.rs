use super::known::{Known, known};
use super::{talk, visit};
use crate::model::{Level, Port, Probe};
use crate::osc::{Instance, ReadApi, Subscription};

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Who asks.
    pub api: &'a ReadApi,
    /// Its service.
    pub subscription: &'a Subscription,
    /// The instance as it was read last.
    pub instance: &'a Instance,
    /// Its exposed ports; see [`needs_ports`].
    pub ports: Option<&'a [Port]>,
    /// What the manifest says about `usable`; it beats what is known about the service.
    pub probe: Option<&'a Probe>,
}

/// What a look has shown, in words that may be printed: `it answers 503`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is as it should be.
    Passed,
    /// Something answers, and not yet rightly.
    Wrong(String),
    /// Nothing could be connected to from here, which may stay so.
    Unreachable(String),
}

/// Looks once whether an instance is reachable or usable; what is below is nothing to look at
/// and passes.
///
/// Where nothing is known about what usable means for the service, reachable is looked at.
pub async fn look(subject: &Subject<'_>, level: Level) -> Verdict {
    let service = &subject.subscription.service;
    match (level, subject.probe, known(service)) {
        (Level::Accepted | Level::Healthy, ..) => Verdict::Passed,
        (Level::Usable, Some(Probe::Http(probe)), _) => visit::manifests(subject, probe).await,
        (Level::Usable, Some(Probe::Tcp { port }), _) => talk::connects(subject, *port).await,
        (Level::Usable, None, Some(Known::Http(question))) => visit::asks(subject, question).await,
        (Level::Usable, None, Some(Known::Talk(protocol))) => talk::speaks(subject, protocol).await,
        (Level::Reachable, ..) | (Level::Usable, None, None) => visit::reaches(subject).await,
    }
}

/// The highest level that can be told for an instance whose manifest names none: usable where
/// its service's question is known or the manifest gives one, reachable where it names a page
/// to open, else healthy.
pub fn default_level(service: &str, instance: &Instance, probe: Option<&Probe>) -> Level {
    if probe.is_some() || known(service).is_some() {
        Level::Usable
    } else if instance.has_page {
        Level::Reachable
    } else {
        Level::Healthy
    }
}

/// Whether looking at `usable` needs the ports that the instance exposes.
pub fn needs_ports(service: &str, probe: Option<&Probe>) -> bool {
    match probe {
        Some(probe) => matches!(probe, Probe::Tcp { .. }),
        None => matches!(known(service), Some(Known::Talk(_))),
    }
}
