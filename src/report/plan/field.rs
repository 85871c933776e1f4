use std::io;

use super::difference::{self, is_long};
use super::inline::{apart, inline};
use crate::model::printable;
use crate::plan::{Action, FieldChange};
use crate::report::ink::Ink;
use crate::report::measure::{cut, width};
use crate::report::page::{Columns, Page, Piece};
use crate::report::value::{Shown, sides};

const ARROW: &str = " → ";

/// Writes one option: its value where it comes with its instance, else before and after.
pub(super) fn write(
    page: &mut Page<'_>,
    columns: Columns,
    action: Action,
    change: &FieldChange,
) -> io::Result<()> {
    let label = printable(&change.option);
    let room = page.room(columns, &label);
    let lines = match (action, sides(change)) {
        (Action::Create, (Shown::Unset, after)) => value(after, room),
        (_, (Shown::Text(before), Shown::Text(after))) => texts(before, after, room),
        (_, (Shown::Text(before), Shown::Unset)) if is_long(before) => {
            difference::all(Ink::Remove, "- ", before, room)
        }
        (_, (Shown::Unset, Shown::Text(after))) if is_long(after) => {
            difference::all(Ink::Add, "+ ", after, room)
        }
        (_, (before, after)) => beside(before, after, room),
    };
    page.field(columns, Piece::new(Ink::Plain, label), lines)
}

fn value(value: Shown<'_>, room: usize) -> Vec<Vec<Piece>> {
    match value {
        Shown::Text(text) if is_long(text) => difference::all(Ink::Plain, "| ", text, room),
        value => vec![vec![short(value, room)]],
    }
}

fn texts(before: &str, after: &str, room: usize) -> Vec<Vec<Piece>> {
    difference::of(before, after, room)
        .unwrap_or_else(|| beside(Shown::Text(before), Shown::Text(after), room))
}

/// `before → after`, or one below the other where that is too long for a line.
fn beside(before: Shown<'_>, after: Shown<'_>, room: usize) -> Vec<Vec<Piece>> {
    let (old, new) = (short(before, usize::MAX), short(after, usize::MAX));
    if old.columns() + width(ARROW) + new.columns() <= room {
        return vec![vec![old, Piece::new(Ink::Faint, ARROW), new]];
    }
    let room = room.saturating_sub(2);
    let (old, new) = match (before, after) {
        (Shown::Text(before), Shown::Text(after)) => apart(&inline(before), &inline(after), room),
        (before, after) => (words(before, room), words(after, room)),
    };
    vec![
        vec![Piece::new(Ink::Remove, format!("- {old}"))],
        vec![Piece::new(Ink::Add, format!("+ {new}"))],
    ]
}

fn short(value: Shown<'_>, room: usize) -> Piece {
    let ink = match value {
        Shown::Text(_) => Ink::Plain,
        _ => Ink::Faint,
    };
    Piece::new(ink, words(value, room))
}

fn words(value: Shown<'_>, room: usize) -> String {
    match value {
        Shown::Text(text) => cut(&inline(text), room),
        other => other.words().unwrap_or_default().to_owned(),
    }
}
