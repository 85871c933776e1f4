//! One instance (or job), and what it looks like at a given time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::catalog::Service;
use super::moment::Moment;
use super::rules::Timing;
use super::secrets::{SecretsRead, ServiceSecrets};
use super::suspension::{Presence, Resumption, Suspension};

/// What is stored of an instance; everything that time changes is derived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Instance {
    /// The options that are set, by their dotted names, as they were last written;
    /// [`options_at`](Instance::options_at) says what they are.
    pub(crate) options: BTreeMap<String, OptionValue>,
    /// When it was created.
    pub(crate) created: Moment,
    /// When it was last started: created, changed, restarted or resumed.
    pub(crate) started: Moment,
    /// What it read then of the secrets its options refer to.
    #[serde(default, skip_serializing_if = "SecretsRead::is_empty")]
    pub(crate) secrets: SecretsRead,
    /// When its options were last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) changed: Option<Moment>,
    /// Its suspension, also once it is resumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) suspension: Option<Suspension>,
    /// When its deletion was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<Moment>,
    /// Until when reads do not show it yet (API notes 13.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hidden_until: Option<Moment>,
    /// Until when reads show it although it is deleted, where that is longer than usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lingers_until: Option<Moment>,
    /// How often it has moved to another external address (API notes 6.8).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) moves: u32,
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
    /// An instance created and started now, of a service with these secrets.
    pub(crate) fn new(
        options: BTreeMap<String, OptionValue>,
        public: bool,
        now: Moment,
        secrets: &ServiceSecrets,
    ) -> Instance {
        Instance {
            secrets: SecretsRead::of(options.values(), secrets),
            options,
            created: now,
            started: now,
            changed: None,
            suspension: None,
            deleted: None,
            hidden_until: None,
            lingers_until: None,
            moves: 0,
            public,
            replicas: 1,
        }
    }

    /// Whether reads show it: neither suspended, nor just resumed, nor hidden, nor gone.
    pub(crate) fn is_shown(&self, timing: &Timing, now: Moment) -> bool {
        let hidden = self.hidden_until.is_some_and(|until| now < until);
        !hidden && !self.is_gone(timing, now) && self.presence(timing, now) == Presence::Shown
    }

    /// Whether it has been deleted and its name is free again; reads linger (API notes 13.1).
    pub(crate) fn is_gone(&self, timing: &Timing, now: Moment) -> bool {
        let gone = self.deleted.map(|it| it.plus(timing.gone_after()));
        gone.is_some_and(|gone| now >= gone && self.lingers_until.is_none_or(|until| now >= until))
    }

    /// How suspension and resumption make the service's API see it.
    pub(crate) fn presence(&self, timing: &Timing, now: Moment) -> Presence {
        let suspension = self.suspension.as_ref();
        suspension.map_or(Presence::Shown, |it| it.presence(timing, now))
    }

    /// Whether it is suspended, and not back yet.
    pub(crate) fn is_suspended(&self, now: Moment) -> bool {
        let resumed = self.resumption();
        self.suspension.is_some() && resumed.is_none_or(|resumed| now < resumed.at)
    }

    /// When it was placed in the cluster: created, or last resumed.
    pub(crate) fn placed(&self) -> Moment {
        self.resumption().map_or(self.created, |resumed| resumed.at)
    }

    /// The options as they are at a time: for a while after a resumption the platform undoes what
    /// was changed (API notes 6.6).
    pub(crate) fn options_at(
        &self,
        timing: &Timing,
        now: Moment,
    ) -> &BTreeMap<String, OptionValue> {
        let resumed = self.resumption().filter(|resumed| {
            let replayed = resumed.replayed(timing, now);
            replayed.is_some_and(|replayed| self.changed.is_some_and(|it| it < replayed))
        });
        resumed.map_or(&self.options, |resumed| &resumed.kept)
    }

    /// Makes the options at a time those that were last written.
    pub(crate) fn settle(&mut self, timing: &Timing, now: Moment) {
        self.options = self.options_at(timing, now).clone();
    }

    /// Its last resumption.
    pub(crate) fn resumption(&self) -> Option<&Resumption> {
        self.suspension.as_ref()?.resumed.as_ref()
    }

    /// Whether its ports have been listed by now.
    pub(crate) fn has_ports(&self, timing: &Timing, now: Moment) -> bool {
        self.public && now >= self.placed().plus(timing.ports_after)
    }

    /// A word for the place it runs at, which its external address follows from.
    pub(crate) fn place(&self, name: &str) -> String {
        match self.moves {
            0 => name.to_owned(),
            moves => format!("{name}/{moves}"),
        }
    }

    /// Whether the workload runs by now (for a job: has run).
    pub(crate) fn is_up(&self, timing: &Timing, now: Moment) -> bool {
        self.is_settled(timing, now) && self.missing_secrets(timing, now).is_empty()
    }

    /// Whether it has come out by now if it runs.
    fn is_settled(&self, timing: &Timing, now: Moment) -> bool {
        now >= self.up_at(timing)
    }

    /// When the workload runs (for a job: has run), or has failed.
    pub(crate) fn up_at(&self, timing: &Timing) -> Moment {
        self.started.plus(timing.healthy_after)
    }

    /// When the application in it answers, some time after it runs (API notes 13.2).
    pub(crate) fn answers_at(&self, timing: &Timing) -> Moment {
        self.up_at(timing).plus(timing.application_after)
    }

    /// What the health route says; a finished job shows the condition Kubernetes gives it
    /// (API notes 6.7).
    pub(crate) fn health(&self, service: &Service, timing: &Timing, now: Moment) -> &'static str {
        match (service.is_job(), self.is_up(timing, now)) {
            (_, false) if self.is_settled(timing, now) => "failed",
            (false, false) => "starting",
            (false, true) | (true, false) => "running",
            (true, true) => "SuccessCriteriaMet",
        }
    }

    /// The `status` in a job's document (API notes 7).
    pub(crate) fn job_status(&self, timing: &Timing, now: Moment) -> &'static str {
        match (self.is_settled(timing, now), self.is_up(timing, now)) {
            (false, _) => "Running",
            (true, false) => "Failed",
            (true, true) => "Complete",
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

fn is_zero(value: &u32) -> bool {
    *value == 0
}

fn is_one(value: &u32) -> bool {
    *value == 1
}
