//! What one run was to do, what it met and what it left.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use osc_apply::apply::{Fate, Limits};
use osc_apply::plan::{Action, Purpose};
use osc_apply::sandbox::Timing;

use crate::manifest::Declared;
use crate::rig::{Id, Seen, Snapshot, is_bookkeeping};

/// Everything the invariants are about.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// What kind of run it was.
    pub(crate) title: String,
    pub(crate) yaml: String,
    /// What the manifest declares, by key.
    pub(crate) declared: BTreeMap<String, Declared>,
    /// What it ever declared.
    pub(crate) ever: BTreeSet<Id>,
    /// What others have.
    pub(crate) foreign: BTreeSet<Id>,
    pub(crate) purpose: Purpose,
    /// Whether the user consented to losing all data.
    pub(crate) consent: bool,
    /// The steps that were to run, by key.
    pub(crate) planned: BTreeMap<String, Action>,
    /// What is not declared any longer and was to be deleted.
    pub(crate) pruned: BTreeSet<Id>,
    pub(crate) before: Snapshot,
    pub(crate) after: Snapshot,
    pub(crate) seen: Vec<Seen>,
    pub(crate) end: End,
    /// Since the beginning of the platform.
    pub(crate) began: Duration,
    /// When it was interrupted.
    pub(crate) stopped: Option<Duration>,
    pub(crate) took: Duration,
    /// Keys of what a plan right afterwards, without faults, would change again.
    pub(crate) again: BTreeSet<String>,
    /// All that a user could see of it.
    pub(crate) text: String,
    pub(crate) timing: Timing,
    pub(crate) limits: Limits,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub(crate) enum End {
    /// With these fates, by key.
    Over(BTreeMap<String, (Action, Fate)>),
    /// It was killed.
    Killed,
    /// There was no plan to carry out.
    Unplanned(String),
}

impl Account {
    /// What became of the declared instances; nothing where nobody knows.
    pub(crate) fn fates(&self) -> impl Iterator<Item = (&str, &Id, Action, &Fate)> {
        let fates = match &self.end {
            End::Over(fates) => Some(fates),
            End::Killed | End::Unplanned(_) => None,
        };
        fates.into_iter().flatten().map(|(key, (action, fate))| {
            let id = &self.declared[key].id;
            (key.as_str(), id, *action, fate)
        })
    }

    /// The requests that could change an instance, and not only what is noted of it.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &Seen> {
        let changes = self.seen.iter().filter(|seen| seen.change.is_some());
        changes.filter(|seen| !is_bookkeeping(&seen.line))
    }

    /// Whether the run had an effect on an instance, or may still have.
    pub(crate) fn touched(&self, id: &Id) -> bool {
        self.changes().any(|seen| {
            let effective = seen.change.as_ref().is_some_and(|change| change.effective);
            effective && seen.subject().is_some_and(|subject| subject.is(id))
        })
    }
}

/// Which instance a request is about.
pub(crate) struct Subject<'s> {
    service: &'s str,
    name: String,
}

impl Subject<'_> {
    pub(crate) fn is(&self, (service, name): &Id) -> bool {
        self.service == service && crate::rig::is_id_of(&self.name, name)
    }
}

impl Seen {
    pub(crate) fn method(&self) -> &str {
        self.line.split(' ').next().unwrap()
    }

    /// The instance that a change of a service API is about.
    pub(crate) fn subject(&self) -> Option<Subject<'_>> {
        let mut words = self.line.split(' ');
        let (method, service, path) = (words.next()?, words.next()?, words.next()?);
        let name = match method {
            "POST" => {
                let body: serde_json::Value = serde_json::from_str(&self.body).ok()?;
                body["name"].as_str()?.to_owned()
            }
            _ => path.split('/').nth(2)?.to_owned(),
        };
        Some(Subject { service, name })
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "== {}\n{}", self.title, self.yaml)?;
        writeln!(f, "planned: {:?}, pruned: {:?}", self.planned, self.pruned)?;
        if let Some(stopped) = self.stopped {
            writeln!(f, "interrupted at {:.3}", stopped.as_secs_f64())?;
        }
        for seen in &self.seen {
            writeln!(f, "{seen}")?;
        }
        match &self.end {
            End::Over(fates) => {
                for (key, (action, fate)) in fates {
                    writeln!(f, "{key}: {action:?}: {fate:?}")?;
                }
            }
            End::Killed => writeln!(f, "killed")?,
            End::Unplanned(why) => writeln!(f, "no plan: {why}")?,
        }
        writeln!(f, "took {:.3} s", self.took.as_secs_f64())
    }
}
