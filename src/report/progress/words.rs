use std::collections::HashMap;
use std::time::Duration;

use crate::apply::{Event, EventKind, Fate, Waiting};
use crate::model::{Address, printable};
use crate::plan::Action;
use crate::report::action::shown;
use crate::report::duration;

/// What is known about steps in flight.
#[derive(Debug, Default)]
pub(super) struct Known(HashMap<Address, (Action, Duration)>);

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
        let (action, since) = match &event.kind {
            EventKind::Started(action) => {
                self.0.insert(event.address.clone(), (*action, event.at));
                (*action, event.at)
            }
            _ => self
                .0
                .get(&event.address)
                .copied()
                .unwrap_or((Action::Keep, event.at)),
        };
        let took = duration::short(event.at.saturating_sub(since));
        let (text, over, bad) = match &event.kind {
            EventKind::Started(action) => (shown(*action).doing.to_owned(), false, false),
            EventKind::Accepted(Action::Delete) => ("deletion accepted".to_owned(), false, false),
            EventKind::Accepted(action) => (shown(*action).done.to_owned(), false, false),
            EventKind::Waiting(waiting) => (self::waiting(waiting), false, false),
            EventKind::Finished(fate) => (finished(fate, action, &took), true, false),
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

fn waiting(waiting: &Waiting) -> String {
    match waiting {
        Waiting::Ready { level, last: None } => format!("waiting until {level}"),
        Waiting::Ready {
            level,
            last: Some(last),
        } => {
            format!("waiting until {level}; now: {last}")
        }
        Waiting::Ports => "waiting for its ports".to_owned(),
        Waiting::Gone => "waiting until it is gone".to_owned(),
        Waiting::Resumed => "waiting until it is resumed".to_owned(),
        Waiting::Shown => "waiting until its service shows it".to_owned(),
        Waiting::Kept => "waiting until the platform keeps its options".to_owned(),
    }
}

fn finished(fate: &Fate, action: Action, took: &str) -> String {
    let done = shown(action).done;
    match (fate, action) {
        (Fate::Applied, Action::Create | Action::Resume | Action::Update | Action::Replace) => {
            format!("{done} and ready after {took}")
        }
        (Fate::Applied, _) => format!("{done} after {took}"),
        (Fate::AppliedUnchecked, _) => {
            format!("{done} after {took}; the platform has no health check for it")
        }
        (Fate::AlreadySo, Action::Delete) => "already gone".to_owned(),
        (Fate::AlreadySo, _) => "already as declared".to_owned(),
        (Fate::Kept, _) => format!("ready, unchanged, after {took}"),
        (Fate::NotAwaited, _) => format!("{done}, and not waited for"),
        (Fate::NotBegun, _) => "not begun".to_owned(),
        // These come as events of their own, or as none.
        (
            Fate::Held(_) | Fate::Failed(_) | Fate::NotReady(_) | Fate::Stale(_) | Fate::Skipped(_),
            _,
        ) => "over".to_owned(),
    }
}
