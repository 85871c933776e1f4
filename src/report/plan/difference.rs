use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::model::printable;
use crate::report::ink::Ink;
use crate::report::measure::{cut, pieces};
use crate::report::page::Piece;

/// Equal lines shown around a difference.
const CONTEXT: usize = 2;
/// Lines shown of a text that has nothing to be compared with.
const MOST_LINES: usize = 20;
/// Beyond this many lines on both sides together a comparison costs more than it tells.
const MOST_COMPARED: usize = 20_000;

/// Whether a value is not shown on one line.
pub(super) fn is_long(text: &str) -> bool {
    text.contains('\n')
}

/// The lines that differ and some around them, where both values have lines or are JSON.
///
/// Nothing where the values are better shown side by side.
pub(super) fn of(before: &str, after: &str, room: usize) -> Option<Vec<Vec<Piece>>> {
    match (json(before), json(after)) {
        (Some(old), Some(new)) if old != new => Some(lines(&old, &new, room)),
        _ if is_long(before) || is_long(after) => Some(lines(before, after, room)),
        _ => None,
    }
}

/// The beginning of a text that has nothing to be compared with.
pub(super) fn all(ink: Ink, mark: &str, text: &str, room: usize) -> Vec<Vec<Piece>> {
    let count = text.lines().count();
    let mut lines: Vec<_> = text
        .lines()
        .take(MOST_LINES)
        .map(|line| {
            vec![Piece::new(
                ink,
                cut(&format!("{mark}{}", visible(line)), room),
            )]
        })
        .collect();
    if count > MOST_LINES {
        let text = format!("… {} more lines", count - MOST_LINES);
        lines.push(vec![Piece::new(Ink::Faint, text)]);
    }
    lines
}

/// A JSON object or list with a line for each of its values.
fn json(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    let has_lines = matches!(value, Value::Object(_) | Value::Array(_));
    has_lines.then(|| serde_json::to_string_pretty(&value).ok())?
}

fn lines(before: &str, after: &str, room: usize) -> Vec<Vec<Piece>> {
    let count = before.lines().count() + after.lines().count();
    if count > MOST_COMPARED {
        let text = format!("differs; {count} lines are too many to compare here");
        return vec![vec![Piece::new(Ink::Faint, text)]];
    }
    let diff = TextDiff::from_lines(before, after);
    let ends = before.ends_with('\n') != after.ends_with('\n');
    let mut all = Vec::new();
    for (at, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if at > 0 {
            all.push(vec![Piece::new(Ink::Faint, "…")]);
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let note = if ends && change.missing_newline() {
                " (no line end)"
            } else {
                ""
            };
            all.extend(line(change.tag(), change.value(), note, room));
        }
    }
    all
}

/// One line of a comparison; only those that are equal are cut.
fn line(tag: ChangeTag, text: &str, note: &str, room: usize) -> Vec<Vec<Piece>> {
    let text = visible(text.strip_suffix('\n').unwrap_or(text));
    let (ink, mark) = match tag {
        ChangeTag::Equal => {
            let text = cut(&format!("  {text}"), room);
            return vec![vec![Piece::new(Ink::Faint, text)]];
        }
        ChangeTag::Delete => (Ink::Remove, "- "),
        ChangeTag::Insert => (Ink::Add, "+ "),
    };
    let kept = text.trim_end_matches(' ');
    let dots = "·".repeat(text.len() - kept.len());
    let text = format!("{kept}{dots}{note}");
    let parts = pieces(&text, room.saturating_sub(2))
        .into_iter()
        .enumerate();
    parts
        .map(|(at, part)| {
            vec![Piece::new(
                ink,
                format!("{}{part}", if at == 0 { mark } else { "  " }),
            )]
        })
        .collect()
}

fn visible(line: &str) -> String {
    printable(line).replace('\t', "⇥   ")
}
