//! Suspension: the platform stops instances that idle and keeps their names (API notes 6.12).

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::instance::{Instance, OptionValue};
use super::moment::Moment;
use super::rules::{Rules, Timing};
use super::secrets::ServiceSecrets;
use super::world::World;

/// That an instance was suspended, and resumed since then or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Suspension {
    /// When it was suspended.
    pub(crate) at: Moment,
    /// Why, such as `idle`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// What its resumption made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resumed: Option<Resumption>,
}

/// That a suspended instance was placed anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resumption {
    /// When it is back.
    pub(crate) at: Moment,
    /// The options it was suspended with, written again for a while.
    pub(crate) kept: BTreeMap<String, OptionValue>,
    /// Whether the record of the suspension stays although the instance is back.
    #[serde(default)]
    pub(crate) record_left: bool,
}

/// How a service's API sees an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// As ever.
    Shown,
    /// Not at all: it is suspended.
    Suspended,
    /// Just resumed: the ingress refuses every token.
    Refused,
    /// Then: the API does not know the route.
    Unrouted,
    /// Then: it does not know the instance.
    Unknown,
}

impl Suspension {
    /// Whether the record of it is listed.
    pub(crate) fn is_listed(&self, now: Moment) -> bool {
        let resumed = self.resumed.as_ref();
        resumed.is_none_or(|resumed| resumed.record_left || now < resumed.at)
    }

    /// How the instance is seen because of it.
    pub(crate) fn presence(&self, timing: &Timing, now: Moment) -> Presence {
        let Some(back) = self.resumed.as_ref().map(|resumed| resumed.at) else {
            return Presence::Suspended;
        };
        let refused = back.plus(timing.resume_401_for);
        let steps = [
            (back, Presence::Suspended),
            (refused, Presence::Refused),
            (refused.plus(timing.resume_404_for / 2), Presence::Unrouted),
            (refused.plus(timing.resume_404_for), Presence::Unknown),
        ];
        let step = steps.into_iter().find(|(until, _)| now < *until);
        step.map_or(Presence::Shown, |(_, presence)| presence)
    }
}

impl Instance {
    /// Resumes it, to be back at this moment with the secrets as they are now; or, resumed already,
    /// removes the record left behind.
    ///
    /// Says when it is back, or has been.
    pub(crate) fn resume(
        &mut self,
        back: Moment,
        record_left: bool,
        secrets: &ServiceSecrets,
    ) -> Moment {
        let Some(suspension) = &mut self.suspension else {
            return back;
        };
        if let Some(resumed) = &mut suspension.resumed {
            resumed.record_left = false;
            return resumed.at;
        }
        suspension.resumed = Some(Resumption {
            at: back,
            kept: self.options.clone(),
            record_left,
        });
        self.start(back, secrets);
        back
    }
}

impl Resumption {
    /// When the kept options were last written again; the platform does so twice (API notes 6.6).
    pub(crate) fn replayed(&self, timing: &Timing, now: Moment) -> Option<Moment> {
        let span = timing.parameters_replayed_for;
        let replays = [span, span - span / 3].map(|after| self.at.plus(after));
        replays.into_iter().find(|replay| *replay <= now)
    }
}

/// A call that touches the records of suspensions and is not answered yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordsCall {
    service: String,
    name: String,
    until: Moment,
}

impl World {
    /// Suspends an instance as the platform does with idle ones (API notes 6.12).
    ///
    /// In whichever workspace has it, the one the world is in first. The name stays taken. The
    /// subscription ends when no instance of the service is left that is not suspended. `false`
    /// when there is no such instance, or it is suspended already.
    pub fn suspend(
        &mut self,
        rules: &Rules,
        now: SystemTime,
        service: &str,
        name: &str,
        reason: Option<&str>,
    ) -> bool {
        let owner = self.owner_of(service, name);
        let tenant = owner.map(|owner| owner.tenant().to_owned());
        self.act_in(tenant.as_deref(), |world| {
            world.suspend_here(rules, now.into(), service, name, reason)
        })
    }

    fn suspend_here(
        &mut self,
        rules: &Rules,
        now: Moment,
        service: &str,
        name: &str,
        reason: Option<&str>,
    ) -> bool {
        let found = self.instance_mut(service, name);
        let Some(instance) = found.filter(|it| it.deleted.is_none() && !it.is_suspended(now))
        else {
            return false;
        };
        instance.settle(&rules.timing, now);
        instance.suspension = Some(Suspension {
            at: now,
            reason: reason.map(str::to_owned),
            resumed: None,
        });
        let timing = &rules.timing;
        let in_use = |(_, it): (_, &Instance)| !it.is_gone(timing, now) && !it.is_suspended(now);
        if !self.instances(service).any(in_use) {
            self.unsubscribe(service);
        }
        true
    }

    /// Since when an instance has had its data: since its creation, or since its last resumption
    /// where the service has storage, which is lost by suspension (API notes 6.12).
    pub fn data_since(&self, service: &str, name: &str) -> Option<SystemTime> {
        let instance = self.instance(service, name)?;
        let stores = super::catalog::find(service)?.has_storage();
        let since = if stores {
            instance.placed()
        } else {
            instance.created
        };
        Some(since.into())
    }

    /// The records of suspensions: service, name, instance, suspension.
    pub(crate) fn suspended(
        &self,
        now: Moment,
    ) -> impl Iterator<Item = (&str, &str, &Instance, &Suspension)> {
        self.all_instances().filter_map(move |(service, name, it)| {
            let suspension = it.suspension.as_ref()?;
            let listed = suspension.is_listed(now);
            listed.then_some((service, name, it, suspension))
        })
    }

    /// Notes that a call about this instance changes records until it is answered.
    ///
    /// Where overlapping calls lose records, the record of the call before is lost, or another
    /// one: with it the instance is gone and its name free.
    pub(crate) fn change_records(
        &mut self,
        rules: &Rules,
        now: Moment,
        (service, name): (&str, &str),
        until: Moment,
    ) {
        if !rules.quirks.overlaps_lose_records {
            return;
        }
        let before = self.replace_records_call(RecordsCall {
            service: service.to_owned(),
            name: name.to_owned(),
            until,
        });
        let Some(before) = before.filter(|call| now < call.until) else {
            return;
        };
        let others = self
            .suspended(now)
            .filter(|it| (it.0, it.1) != (service, name));
        let lost = others.min_by_key(|it| (it.0, it.1) != (&before.service, &before.name));
        if let Some((service, name, ..)) = lost {
            let (service, name) = (service.to_owned(), name.to_owned());
            self.remove(&service, &name);
        }
    }
}
