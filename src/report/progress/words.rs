use std::collections::HashMap;
use std::time::Duration;

use crate::apply::{Event, EventKind, Fate, Shortfall, Waiting};
use crate::model::{Address, Level, printable};
use crate::plan::Action;
use crate::report::action::shown;
use crate::report::duration;

/// What is known about steps in flight.
#[derive(Debug, Default)]
pub(super) struct Known(HashMap<Address, InFlight>);

/// A step in flight; times count from the beginning of the run.
#[derive(Debug, Clone)]
struct InFlight {
    action: Action,
    since: Duration,
    /// The beginning of the wait it is in.
    waits_since: Option<Duration>,
    /// The level it has reached, and when.
    reached: Option<(Level, Duration)>,
    not_checked: Option<Shortfall>,
}

impl InFlight {
    fn new(action: Action, since: Duration) -> Self {
        Self {
            action,
            since,
            waits_since: None,
            reached: None,
            not_checked: None,
        }
    }
}

/// An event in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) text: String,
    /// Whether the step is over.
    pub(super) over: bool,
    /// Whether it went wrong.
    pub(super) bad: bool,
}

impl Known {
    /// Puts an event into words, in the light of those before it.
    pub(super) fn say(&mut self, event: &Event) -> Said {
        let step = self
            .0
            .entry(event.address.clone())
            .or_insert_with(|| InFlight::new(Action::Keep, event.at));
        match &event.kind {
            EventKind::Started(action) => *step = InFlight::new(*action, event.at),
            EventKind::NotChecked(shortfall) => step.not_checked = Some(shortfall.clone()),
            EventKind::Waiting(_) => {}
            _ => step.waits_since = None,
        }
        let action = step.action;
        let took = duration::short(event.at.saturating_sub(step.since));
        let (text, over, bad) = match &event.kind {
            EventKind::Started(action) => (shown(*action).doing.to_owned(), false, false),
            EventKind::Accepted(Action::Delete) => ("deletion accepted".to_owned(), false, false),
            EventKind::Accepted(action) => (shown(*action).done.to_owned(), false, false),
            EventKind::Waiting(waiting) => (step.waiting(waiting, event.at), false, false),
            EventKind::NotChecked(shortfall) => (not_checked(shortfall), false, false),
            EventKind::Finished(fate) => {
                let short = step.not_checked.as_ref();
                (finished(fate, action, &took, short), true, false)
            }
            EventKind::Failed(failure) if failure.deleted_not_recreated => (
                format!("DELETED, NOT RECREATED: {}", failure.message),
                true,
                true,
            ),
            EventKind::Failed(failure) => (
                format!("failed after {took}: {}", failure.message),
                true,
                true,
            ),
            EventKind::Skipped(cause) => (format!("skipped because of {cause}"), true, true),
        };
        if over {
            self.0.remove(&event.address);
        }
        let text = printable(&text).replace('\n', " ");
        Said { text, over, bad }
    }
}

impl InFlight {
    fn waiting(&mut self, waiting: &Waiting, at: Duration) -> String {
        let begins = self.waits_since.is_none();
        let since = *self.waits_since.get_or_insert(at);
        let since = match begins {
            true => String::new(),
            false => format!(" since {}", duration::short(since)),
        };
        match waiting {
            Waiting::Ready {
                level,
                reached,
                last,
            } => {
                let reached = self.reached_at(*reached, at);
                let last = last.as_ref().map(|last| format!("; last answer: {last}"));
                let last = last.unwrap_or_default();
                format!("waiting{since} until {level}{reached}{last}")
            }
            Waiting::Ports => format!("waiting{since} for its ports"),
            Waiting::Gone => format!("waiting{since} until it is gone"),
            Waiting::Resumed => format!("waiting{since} until it is resumed"),
            Waiting::Shown => format!("waiting{since} until its service shows it"),
            Waiting::Kept => format!("waiting{since} until the platform keeps its options"),
            Waiting::Belated => format!(
                "waiting{since} in case it still appears: a run that was cut off may have asked for it"
            ),
        }
    }

    fn reached_at(&mut self, level: Level, at: Duration) -> String {
        if level == Level::Accepted {
            return String::new();
        }
        let known = self.reached.filter(|(known, _)| *known == level);
        let (level, when) = *self.reached.insert(known.unwrap_or((level, at)));
        format!("; {level} at {}", duration::short(when))
    }
}

fn not_checked(shortfall: &Shortfall) -> String {
    let Shortfall {
        reached,
        wanted,
        why,
    } = shortfall;
    format!("{reached}; not checked whether it is {wanted}: {why}")
}

fn finished(fate: &Fate, action: Action, took: &str, short: Option<&Shortfall>) -> String {
    let done = shown(action).done;
    match (fate, action) {
        (Fate::Applied, Action::Create | Action::Resume | Action::Update | Action::Replace) => {
            format!("{done} and ready after {took}")
        }
        (Fate::Applied, _) => format!("{done} after {took}"),
        (Fate::AppliedUnchecked(shortfall), _) => {
            format!("{done} after {took}; {}", not_checked(shortfall))
        }
        (Fate::AlreadySo, Action::Delete) => "already gone".to_owned(),
        (Fate::AlreadySo, _) => "already as declared".to_owned(),
        (Fate::Kept, _) => match short {
            None => format!("ready, unchanged, after {took}"),
            Some(short) => format!("unchanged, {} after {took}", short.reached),
        },
        (Fate::NotAwaited, _) => format!("{done}, and not waited for"),
        (Fate::NotBegun, _) => "not begun".to_owned(),
        // These come as events of their own, or as none.
        (
            Fate::Held(_) | Fate::Failed(_) | Fate::NotReady(_) | Fate::Stale(_) | Fate::Skipped(_),
            _,
        ) => "over".to_owned(),
    }
}
