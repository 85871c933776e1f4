use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use osc_apply::sandbox::{Timing, World};
use serde::Deserialize;

/// A request as it was seen, such as `GET valkey-io-valkey /health/cache`.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) body: String,
    pub(crate) from: Duration,
    /// When it was answered, or given up.
    pub(crate) to: Option<Duration>,
    /// The status and the beginning of the answer, or how it ended without one.
    pub(crate) answer: String,
    /// Of a change: the workspace just before, and whether it was changed, or may still be.
    pub(crate) change: Option<Change>,
}

/// What a request that may change something met and did.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) before: Arc<Snapshot>,
    /// Whether it had an effect, or may still have.
    pub(crate) effective: bool,
}

/// The instances of a workspace by service and name.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct Snapshot {
    /// Milliseconds since the Unix epoch.
    #[serde(skip)]
    pub(crate) at: u64,
    #[serde(default)]
    instances: BTreeMap<String, BTreeMap<String, Stored>>,
}

/// An instance as the emulator stores it; times in milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Stored {
    pub(crate) created: u64,
    pub(crate) started: u64,
    pub(crate) deleted: Option<u64>,
    pub(crate) options: serde_json::Value,
}

/// A service and a name.
pub(crate) type Id = (String, String);

impl Snapshot {
    pub(crate) fn of(world: &World, at: u64) -> Self {
        let value = serde_json::to_value(world).unwrap();
        let snapshot: Self = serde_json::from_value(value).unwrap();
        Self { at, ..snapshot }
    }

    pub(crate) fn get(&self, (service, name): &Id) -> Option<&Stored> {
        self.instances.get(service)?.get(name)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = Id> {
        let all = self.instances.iter();
        all.flat_map(|(service, of)| of.keys().map(|name| (service.clone(), name.clone())))
    }

    pub(crate) fn insert(&mut self, (service, name): Id, stored: Stored) {
        let of_service = self.instances.entry(service).or_default();
        of_service.insert(name, stored);
    }

    pub(crate) fn remove(&mut self, (service, name): &Id) {
        self.instances
            .get_mut(service)
            .and_then(|of| of.remove(name));
    }

    /// The instance, unless it is being deleted or gone.
    pub(crate) fn kept(&self, id: &Id) -> Option<&Stored> {
        self.get(id).filter(|stored| stored.deleted.is_none())
    }

    /// The instance, as long as reads show it.
    pub(crate) fn shown(&self, id: &Id, timing: &Timing) -> Option<&Stored> {
        let lingers = timing.delete_takes + timing.delete_visible_for;
        self.get(id).filter(|stored| {
            let deleted = stored.deleted;
            deleted.is_none_or(|deleted| self.at < deleted + millis(lingers))
        })
    }

    /// Whether the platform's health check says `running` of it, or would if it were asked.
    pub(crate) fn is_healthy(&self, id: &Id, timing: &Timing) -> bool {
        self.is_aged(id, timing, Duration::ZERO, timing.healthy_after)
    }

    /// Whether reads show it so long after it was created, and so long after it was last started.
    pub(crate) fn is_aged(
        &self,
        id: &Id,
        timing: &Timing,
        created: Duration,
        started: Duration,
    ) -> bool {
        self.shown(id, timing).is_some_and(|stored| {
            let is_old = self.at >= stored.created + millis(created);
            is_old && self.at >= stored.started + millis(started)
        })
    }
}

impl Seen {
    /// Whether it is about whose an instance is, or about what is kept for the stack, and not
    /// about an instance itself.
    pub(crate) fn is_bookkeeping(&self) -> bool {
        is_bookkeeping(&self.line)
    }

    /// Whether a health check of this name was answered with `running`.
    pub(crate) fn says_running(&self, (service, name): &Id) -> bool {
        self.asks_health(&(service.clone(), name.clone())) && self.answer.contains("\"running\"")
    }

    pub(crate) fn asks_health(&self, (service, name): &Id) -> bool {
        let rest = self.line.strip_prefix("GET ");
        let rest = rest.and_then(|rest| rest.strip_prefix(service.as_str()));
        rest.and_then(|rest| rest.strip_prefix(" /health/"))
            .is_some_and(|asked| is_id_of(asked, name))
    }
}

/// The same of its line alone.
pub(crate) fn is_bookkeeping(line: &str) -> bool {
    [" deploy /resourcetags", " deploy /mytenantsecrets"]
        .iter()
        .any(|part| line.contains(part))
}

/// Whether an id in a path stands for a name; channel-engine's carry the workspace.
pub(crate) fn is_id_of(id: &str, name: &str) -> bool {
    id == name || id.strip_prefix("sandbox-") == Some(name)
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = self
            .to
            .map_or(f64::INFINITY, |to| (to - self.from).as_secs_f64());
        let Self { line, answer, .. } = self;
        write!(
            f,
            "{:9.3} +{to:<7.3} {line}  {answer}",
            self.from.as_secs_f64()
        )?;
        match &self.change {
            Some(change) if change.effective => f.write_str("  (takes effect)"),
            _ => Ok(()),
        }
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
