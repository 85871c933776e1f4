use std::io::{self, Write};

use serde::Serialize;

use super::document::write;
use super::outcome::{FailureWire, NotChecked, fate};
use super::plan::action;
use crate::apply::{Event, EventKind, Waiting};

#[derive(Serialize)]
struct Body<'a> {
    /// Seconds since the beginning.
    at: f64,
    address: &'a str,
    #[serde(flatten)]
    kind: Kind<'a>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Kind<'a> {
    Started { action: &'static str },
    Accepted { action: &'static str },
    Waiting { waiting: WaitingWire<'a> },
    NotChecked { not_checked: NotChecked<'a> },
    Finished { fate: &'static str },
    Failed { failure: FailureWire<'a> },
    Skipped { because_of: &'a str },
}

#[derive(Serialize)]
#[serde(tag = "for", rename_all = "snake_case")]
enum WaitingWire<'a> {
    Ready {
        level: &'static str,
        reached: &'static str,
        last: Option<&'a str>,
    },
    Ports,
    Gone,
    Resumed,
    Shown,
    Kept,
    Belated,
}

/// Writes an event: `osc-apply/event`.
///
/// # Errors
/// When the writer fails.
pub fn event(out: &mut dyn Write, event: &Event) -> io::Result<()> {
    let kind = match &event.kind {
        EventKind::Started(what) => Kind::Started {
            action: action(*what),
        },
        EventKind::Accepted(what) => Kind::Accepted {
            action: action(*what),
        },
        EventKind::Waiting(waiting) => Kind::Waiting {
            waiting: self::waiting(waiting),
        },
        EventKind::NotChecked(shortfall) => Kind::NotChecked {
            not_checked: shortfall.into(),
        },
        EventKind::Finished(how) => Kind::Finished { fate: fate(how) },
        EventKind::Failed(failure) => Kind::Failed {
            failure: failure.into(),
        },
        EventKind::Skipped(cause) => Kind::Skipped {
            because_of: cause.as_str(),
        },
    };
    let (at, address) = (super::document::seconds(event.at), event.address.as_str());
    write(out, "osc-apply/event", Body { at, address, kind })
}

fn waiting(waiting: &Waiting) -> WaitingWire<'_> {
    match waiting {
        Waiting::Ready {
            level,
            reached,
            last,
        } => WaitingWire::Ready {
            level: level.word(),
            reached: reached.word(),
            last: last.as_deref(),
        },
        Waiting::Ports => WaitingWire::Ports,
        Waiting::Gone => WaitingWire::Gone,
        Waiting::Resumed => WaitingWire::Resumed,
        Waiting::Shown => WaitingWire::Shown,
        Waiting::Kept => WaitingWire::Kept,
        Waiting::Belated => WaitingWire::Belated,
    }
}
