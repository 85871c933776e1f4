use super::super::Spanned;
use super::super::fields::{Fields, text};
use crate::model::{Diagnostic, Diagnostics, excerpt, nearest};

/// The text under a key, where the key is there.
pub(super) fn optional_text(
    fields: &mut Fields,
    name: &str,
    found: &mut Diagnostics,
) -> Option<Spanned<String>> {
    fields
        .take(name)
        .and_then(|node| text(node, &format!("`{name}`"), found))
}

/// One of a few fixed words.
pub(super) fn word<T: Copy>(
    written: &Spanned<String>,
    what: &str,
    words: &[(&str, T)],
    found: &mut Diagnostics,
) -> Option<Spanned<T>> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == written.value) {
        return Some(Spanned {
            value: *value,
            span: written.span,
        });
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let message = format!("{what} cannot be `{}`", excerpt(&written.value));
    found.push(Diagnostic::error(written.span, message).did_you_mean(
        nearest(&written.value, known.iter().copied()),
        known.join(" or "),
    ));
    None
}
