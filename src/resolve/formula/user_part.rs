use std::fmt::Write;
use std::ops::Range;

use super::Part;

/// Finds the expressions that stand in the user part of a URL.
pub(super) fn mark(parts: &mut [Part]) {
    let (text, places) = skeleton(parts);
    let users = user_parts(&text);
    for (part, place) in parts.iter_mut().zip(places) {
        if let (Part::Expression { in_user_part, .. }, Some(at)) = (part, place) {
            *in_user_part = users.iter().any(|user| user.contains(&at));
        }
    }
}

/// The text with one letter for each expression, and where those letters are: one place for each
/// part that is an expression.
pub(in crate::resolve) fn skeleton(parts: &[Part]) -> (String, Vec<Option<usize>>) {
    let mut text = String::new();
    let mut places = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Part::Text(literal) => {
                text.push_str(literal);
                places.push(None);
            }
            Part::Expression { .. } => {
                places.push(Some(text.len()));
                text.push('x');
            }
        }
    }
    (text, places)
}

/// The places between `://` and `@` in the URLs of a text.
pub(in crate::resolve) fn user_parts(text: &str) -> Vec<Range<usize>> {
    text.match_indices("://")
        .filter_map(|(at, separator)| {
            let start = at + separator.len();
            let ends = |c: char| matches!(c, '/' | '?' | '#') || c.is_whitespace();
            let authority = text[start..].split(ends).next()?;
            Some(start..start + authority.rfind('@')?)
        })
        .collect()
}

/// A text as it can stand in the user part of a URL: all but letters, digits and `-._~`
/// percent-encoded. In one that is encoded already, as far as the filter does that, `%` stays.
pub(super) fn escape(text: &str, is_encoded: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        let stays = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~')
            || (is_encoded && byte == b'%');
        if stays {
            escaped.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
