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
    if let Some(lines) = difference::of(before, after, room) {
        return lines;
    }
    let (old, new) = (inline(before), inline(after));
    if width(&old) + width(ARROW) + width(&new) <= room {
        return beside(Shown::Text(before), Shown::Text(after), room);
    }
    let (old, new) = apart(&old, &new, room - 2);
    vec![
        vec![Piece::new(Ink::Remove, "- "), Piece::new(Ink::Remove, old)],
        vec![Piece::new(Ink::Add, "+ "), Piece::new(Ink::Add, new)],
    ]
}

/// `before → after`; at most one of them is so long that it has to be cut.
fn beside(before: Shown<'_>, after: Shown<'_>, room: usize) -> Vec<Vec<Piece>> {
    let taken = |side: Shown<'_>| side.words().map_or(0, width);
    let rest = room
        .saturating_sub(taken(before) + taken(after) + width(ARROW))
        .max(8);
    let (before, after) = (short(before, rest), short(after, rest));
    vec![vec![before, Piece::new(Ink::Faint, ARROW), after]]
}

fn short(value: Shown<'_>, room: usize) -> Piece {
    match value {
        Shown::Text(text) => Piece::new(Ink::Plain, cut(&inline(text), room)),
        other => Piece::new(Ink::Faint, other.words().unwrap_or_default()),
    }
}
