use std::fmt::Write;
use std::ops::Range;

use zeroize::Zeroizing;

/// The places between `://` and `@` in the URLs of a text.
pub(super) fn user_parts(text: &str) -> Vec<Range<usize>> {
    let urls = text.match_indices("://");
    urls.filter_map(|(at, separator)| {
        let start = at + separator.len();
        let ends = |c: char| matches!(c, '/' | '?' | '#') || c.is_whitespace();
        let authority = text[start..].split(ends).next()?;
        Some(start..start + authority.rfind('@')?)
    })
    .collect()
}

/// What may be a password in a URL of a text, as it stands there and decoded; both readings
/// where it holds characters that end the user part.
pub(super) fn passwords(text: &str) -> Vec<Zeroizing<String>> {
    let mut all = Vec::new();
    for (at, separator) in text.match_indices("://") {
        let rest = &text[at + separator.len()..];
        let word = rest.split(char::is_whitespace).next().unwrap_or_default();
        let authority = word.split(['/', '?', '#']).next().unwrap_or_default();
        let readings = [
            word.split_once('@'),
            word.rsplit_once('@'),
            authority.rsplit_once('@'),
        ];
        for (user, _) in readings.into_iter().flatten() {
            let password = user.split_once(':').map_or(user, |(_, password)| password);
            all.push(Zeroizing::new(password.to_owned()));
            all.push(decoded(password));
        }
    }
    all
}

/// A text as it stands in the user part of a URL: all but letters, digits and `-._~` encoded.
pub(super) fn escape(text: &str) -> Zeroizing<String> {
    let mut escaped = Zeroizing::new(String::with_capacity(3 * text.len()));
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => escaped.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => escaped.push(char::from(byte)),
            // Writing to a text cannot fail.
            _ => drop(write!(escaped, "%{byte:02X}")),
        }
    }
    escaped
}

/// A text without the escapes of URLs.
pub(super) fn decoded(text: &str) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).filter(|_| *first == b'%');
        let code = code.and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_found_as_written_and_decoded() {
        let found = passwords("see redis://u:p%40ss@h:1/0");
        let found: Vec<&str> = found.iter().map(|it| it.as_str()).collect();
        assert!(found.contains(&"p%40ss") && found.contains(&"p@ss"));
    }

    #[test]
    fn a_password_with_a_slash_is_found_whole() {
        let found = passwords("redis://u:a/b#c@h");
        assert!(found.iter().any(|it| it.as_str() == "a/b#c"));
    }

    #[test]
    fn a_text_is_escaped_as_in_a_user_part() {
        assert_eq!(*escape("a-1._~ö@"), "a-1._~%C3%B6%40");
    }
}
