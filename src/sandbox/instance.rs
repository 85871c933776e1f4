//! One instance (or job), and what it looks like at a given time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::catalog::Service;
use super::moment::Moment;
use super::rules::Timing;

/// What is stored of an instance; everything that time changes is derived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Instance {
    /// The options that are set, by their dotted names.
    pub(crate) options: BTreeMap<String, OptionValue>,
    /// When it was created.
    pub(crate) created: Moment,
    /// When it was last started: created, changed or restarted.
    pub(crate) started: Moment,
    /// When its deletion was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<Moment>,
    /// Whether its ports are to be reached from outside (API notes 6.5).
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(crate) public: bool,
    /// How many replicas are asked for.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub(crate) replicas: u32,
}

/// The value of an option after the framework's coercion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum OptionValue {
    /// Of a boolean option.
    Flag(bool),
    /// Of any other.
    Text(String),
}

impl Instance {
    /// An instance created now.
    pub(crate) fn new(
        options: BTreeMap<String, OptionValue>,
        public: bool,
        now: Moment,
    ) -> Instance {
        Instance {
            options,
            created: now,
            started: now,
            deleted: None,
            public,
            replicas: 1,
        }
    }

    /// Whether reads still show it; a deleted one lingers (API notes 13.1).
    pub(crate) fn is_shown(&self, timing: &Timing, now: Moment) -> bool {
        self.deleted
            .is_none_or(|deleted| now < deleted.plus(timing.gone_after()))
    }

    /// Whether its ports have been listed by now.
    pub(crate) fn has_ports(&self, timing: &Timing, now: Moment) -> bool {
        self.public && now >= self.created.plus(timing.ports_after)
    }

    /// Whether the workload runs by now (for a job: has run).
    pub(crate) fn is_up(&self, timing: &Timing, now: Moment) -> bool {
        now >= self.up_at(timing)
    }

    /// When the workload runs (for a job: has run).
    pub(crate) fn up_at(&self, timing: &Timing) -> Moment {
        self.started.plus(timing.healthy_after)
    }

    /// What the health route says; a finished job shows the condition Kubernetes gives it
    /// (API notes 6.7).
    pub(crate) fn health(&self, service: &Service, timing: &Timing, now: Moment) -> &'static str {
        match (service.is_job(), self.is_up(timing, now)) {
            (false, false) => "starting",
            (false, true) | (true, false) => "running",
            (true, true) => "SuccessCriteriaMet",
        }
    }

    /// The `status` in a job's document (API notes 7).
    pub(crate) fn job_status(&self, timing: &Timing, now: Moment) -> &'static str {
        if self.is_up(timing, now) {
            "Complete"
        } else {
            "Running"
        }
    }
}

fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}

fn one() -> u32 {
    1
}

fn is_one(value: &u32) -> bool {
    *value == 1
}
