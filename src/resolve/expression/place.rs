use std::ops::Range;

use super::names::names;
use crate::model::{Sources, Span};

/// The place of a part of an expression in the value it stands in; the expression's or the
/// value's own place where YAML's escapes and folding hide it.
pub(in crate::resolve) fn place(
    sources: &Sources,
    value: Span,
    expression: &str,
    part: Range<usize>,
) -> Span {
    let written = sources.text(value);
    for escape in [verbatim, in_double_quotes, in_single_quotes] {
        let inner = escape(expression);
        let Some(at) = opening(written, &inner) else {
            continue;
        };
        let before = expression.get(..part.start).map(|text| escape(text).len());
        let length = expression.get(part.clone()).map(|text| escape(text).len());
        if let (Some(before), Some(length)) = (before, length) {
            return value.part(at + before, length);
        }
    }
    value
}

/// The place of the first mention of `path` in an expression.
pub(in crate::resolve) fn place_of_reference(
    sources: &Sources,
    value: Span,
    expression: &str,
    path: &str,
) -> Span {
    let is_at = |named: &str| {
        named
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let part = names(expression)
        .paths
        .into_iter()
        .find(|(named, _)| is_at(named))
        .map_or(0..expression.len(), |(_, range)| {
            range.start..range.start + path.len()
        });
    place(sources, value, expression, part)
}

/// Where the inside of `${…}` begins, other than that of a literal `$${`.
fn opening(written: &str, inner: &str) -> Option<usize> {
    let with_opening = format!("${{{inner}");
    let mut places = written.match_indices(&with_opening);
    let (at, _) = places.find(|(at, _)| !written[..*at].ends_with('$'))?;
    Some(at + 2)
}

fn verbatim(text: &str) -> String {
    text.to_owned()
}

fn in_double_quotes(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn in_single_quotes(text: &str) -> String {
    text.replace('\'', "''")
}
