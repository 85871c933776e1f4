use crate::model::printable;
use crate::report::measure::{cut, width};

/// Characters of equal text kept before the first difference of two long values.
const LEAD: usize = 8;

/// A value on one line, in which nothing that matters is invisible.
///
/// Quoted where it is empty, begins or ends in space, or reads like words of ours.
pub(super) fn inline(text: &str) -> String {
    let shown = printable(text).replace('\n', "⏎").replace('\t', "⇥");
    let like_ours = ["(sensitive)", "(unset)", "(known after apply)"].contains(&shown.as_str());
    if shown.trim() != shown || shown.is_empty() || like_ours {
        format!("\"{shown}\"")
    } else {
        shown
    }
}

/// Two differing texts, each cut so that the first difference is still to be seen.
pub(super) fn apart(before: &str, after: &str, room: usize) -> (String, String) {
    let same: usize = before
        .chars()
        .zip(after.chars())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum();
    let (old, new) = (&before[same..], &after[same..]);
    let needed = width(old).max(width(new)).min(room / 2);
    if width(&before[..same]) + needed < room {
        return (cut(before, room), cut(after, room));
    }
    let lead = before[..same]
        .char_indices()
        .rev()
        .nth(LEAD - 1)
        .map_or(0, |(at, _)| at);
    let tail = |text: &str| cut(&format!("…{}", &text[lead..]), room);
    (tail(before), tail(after))
}
