use std::borrow::Cow;
use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use zeroize::Zeroizing;

use crate::model::{OptionValue, printable, secret_reference};

const CONCEALED: &str = "(sensitive)";

/// Far more than is ever shown of a text.
const LONGEST_TEXT: usize = 16 * 1024;

/// `text` without the secrets, in whatever common form they are echoed: raw, JSON-escaped,
/// URL-encoded, base64, alone or within a longer text, or made printable; a line of it, the
/// password of a URL and a longer beginning, also alone. A very long text loses its end.
///
/// A reference to a service secret (`{{secrets.x}}`) is no secret and stays readable.
pub fn conceal(text: &str, secrets: &[&str]) -> String {
    Concealer::of(secrets.iter().copied()).conceal(text)
}

/// Secrets in every form in which they are looked for, for many texts.
pub(super) struct Concealer {
    /// The longest first: a secret may be part of another one, whose rest must not stay.
    forms: Vec<Zeroizing<String>>,
    /// The bytes that a form may begin with.
    starts: HashSet<u8>,
}

impl Concealer {
    pub(super) fn of<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let mut forms: Vec<Zeroizing<String>> = secrets
            .into_iter()
            .filter(|secret| secret_reference(secret).is_none())
            .flat_map(parts_of)
            .filter(|part| secret_reference(part).is_none())
            .flat_map(|part| forms_of(&part))
            .filter(|form| !form.is_empty())
            .map(Zeroizing::new)
            .collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        let starts = forms.iter().filter_map(|form| form.bytes().next());
        Self {
            starts: starts.collect(),
            forms,
        }
    }

    /// As [`conceal`].
    pub(super) fn conceal(&self, text: &str) -> String {
        let mut shown = String::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next().filter(|_| shown.len() < LONGEST_TEXT) {
            let found = self.hidden_at(rest);
            match found {
                Some(_) => shown.push_str(CONCEALED),
                None => shown.push(next),
            }
            rest = &rest[found.unwrap_or(next.len_utf8())..];
        }
        shown
    }

    /// How much of the beginning of a text is a form, or as much of one as a quote that was cut
    /// off has left.
    fn hidden_at(&self, text: &str) -> Option<usize> {
        if !self.starts.contains(text.as_bytes().first()?) {
            return None;
        }
        let mut whole = self
            .forms
            .iter()
            .filter(|form| text.starts_with(form.as_str()));
        let cut_off = || {
            let cuts = self.forms.iter().map(|form| in_common(form, text));
            cuts.max().filter(|length| *length >= SHORTEST_CUT)
        };
        whole.next().map(|form| form.len()).or_else(cut_off)
    }
}

/// How far two texts are the same.
fn in_common(one: &str, other: &str) -> usize {
    let pairs = one.chars().zip(other.chars());
    let same = pairs.take_while(|(one, other)| one == other);
    same.map(|(same, _)| same.len_utf8()).sum()
}

/// A shorter beginning of a secret says little, and is likely to be found elsewhere.
const SHORTEST_CUT: usize = 12;

/// A shorter line of a secret says little, and is likely to be found elsewhere.
const SHORTEST_LINE: usize = 6;

/// A secret and what of it may be shown alone: its lines, as logs are cut into them, and the
/// password of a URL.
fn parts_of(secret: &str) -> Vec<String> {
    let lines = secret.lines().map(str::trim);
    let long = lines.filter(|line| line.chars().count() >= SHORTEST_LINE);
    let mut parts: Vec<String> = long.map(str::to_owned).collect();
    parts.push(secret.to_owned());
    for password in passwords_of(secret) {
        parts.push(percent_decoded(password));
        parts.push(password.to_owned());
    }
    let printed: Vec<String> = parts
        .iter()
        .filter_map(|part| match printable(part) {
            Cow::Borrowed(_) => None,
            Cow::Owned(printed) => Some(printed),
        })
        .collect();
    parts.extend(printed);
    parts
}

/// What stands between the `:` and the `@` of a URL; both readings where an `@` is part of it.
fn passwords_of(text: &str) -> Vec<&str> {
    let urls = text.match_indices("://");
    urls.flat_map(|(at, separator)| {
        let rest = &text[at + separator.len()..];
        let rest = rest.split(char::is_whitespace).next().unwrap_or_default();
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        [rest.split_once('@'), authority.rsplit_once('@')]
    })
    .filter_map(|divided| Some(divided?.0.split_once(':')?.1))
    .filter(|password| !password.is_empty())
    .collect()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after
            .get(..2)
            .filter(|_| first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = match escaped {
            Some(_) => &after[2..],
            None => after,
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The texts that must not come back in an error.
pub(super) fn sensitive<'a>(values: impl Iterator<Item = &'a OptionValue>) -> Vec<&'a str> {
    values
        .filter(|value| value.is_sensitive())
        .map(OptionValue::expose)
        .collect()
}

fn forms_of(secret: &str) -> Vec<String> {
    let json = serde_json::Value::from(secret).to_string();
    let escaped = json.get(1..json.len() - 1).unwrap_or_default();
    let mut forms = vec![
        secret.to_owned(),
        escaped.to_owned(),
        // Whoever trims a value before complaining about it echoes this.
        secret.trim().to_owned(),
    ];
    forms.extend(url_encoded(secret));
    // As in a whole body that is echoed.
    forms.extend(url_encoded(escaped));
    for engine in [STANDARD, URL_SAFE] {
        forms.push(engine.encode(secret).trim_end_matches('=').to_owned());
        if secret.len() >= SHORTEST_WITHIN {
            forms.extend((0..3).map(|before| within_base64(secret, before, &engine)));
            // As in a whole body that is echoed.
            forms.extend((0..3).map(|before| within_base64(escaped, before, &engine)));
        }
    }
    forms
}

fn url_encoded(text: &str) -> [String; 4] {
    let in_form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let in_path = in_form.replace('+', "%20");
    [
        with_lower_case_escapes(&in_form),
        with_lower_case_escapes(&in_path),
        in_form,
        in_path,
    ]
}

/// The base64 of a shorter secret within that of a longer text may be found elsewhere.
const SHORTEST_WITHIN: usize = 8;

/// What a secret alone decides of the base64 of a text in which so many bytes, modulo 3, stand
/// before it, as in a whole header that is echoed.
fn within_base64(secret: &str, before: usize, engine: &impl Engine) -> String {
    let encoded = engine.encode([&[0; 2][..before], secret.as_bytes()].concat());
    let characters = (before + secret.len()) * 8 / 6;
    let start = (before * 8).div_ceil(6);
    encoded
        .get(start..characters)
        .unwrap_or_default()
        .to_owned()
}

fn with_lower_case_escapes(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (code, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        text + "%" + &code.to_lowercase() + rest
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_secret_is_taken_out() {
        let secret = "P\"w ö?&>";
        let json = serde_json::to_string(secret).unwrap();
        for echo in [
            secret.to_owned(),
            json,
            "P%22w+%C3%B6%3F%26%3E".to_owned(),
            "P%22w%20%C3%B6%3F%26%3E".to_owned(),
            "P%22w%20%c3%b6%3f%26%3e".to_owned(),
            STANDARD.encode(secret),
            URL_SAFE.encode(secret),
        ] {
            let shown = conceal(&format!("bad value <{echo}>!"), &[secret]);
            let around = shown.replace(CONCEALED, "");
            assert!(shown.contains(CONCEALED), "{echo}: {shown}");
            assert!(around.trim_end_matches("=>!").len() <= "bad value <\"\">!".len());
        }
    }

    #[test]
    fn a_secret_within_something_longer_in_base64_is_taken_out() {
        let secret = "hunter2-hunter2";
        for before in ["", "B", "Be", "Bearer ", "id:"] {
            let longer = format!("{before}{secret}!");
            for engine in [STANDARD, URL_SAFE] {
                let shown = conceal(&engine.encode(&longer), &[secret]);
                let around = shown.replace(CONCEALED, "");
                // Characters that also hold bits of what stands around it.
                let most = before.len() * 8 / 6 + 8;
                assert!(shown.contains(CONCEALED), "{before}: {shown}");
                assert!(around.len() <= most, "{before}: {shown}");
            }
        }
    }

    #[test]
    fn a_secret_within_json_in_base64_is_taken_out() {
        let secret = "canary&\"canary";
        for before in ["", "B", "Be"] {
            let body = format!("{before}{}", serde_json::json!({ "value": secret }));
            for engine in [STANDARD, URL_SAFE] {
                let shown = conceal(&engine.encode(&body), &[secret]);
                assert!(shown.contains(CONCEALED), "{before}: {shown}");
            }
        }
    }

    #[test]
    fn a_secret_within_json_that_is_url_encoded_is_taken_out() {
        let secret = "canary&\"canary";
        let body = serde_json::json!({ "value": secret }).to_string();
        let encoded: String = url::form_urlencoded::byte_serialize(body.as_bytes()).collect();
        for echo in [encoded.to_lowercase(), encoded] {
            let shown = conceal(&echo, &[secret]);
            assert!(
                shown.contains(CONCEALED) && !shown.contains("canary"),
                "{shown}"
            );
        }
    }

    #[test]
    fn a_quote_that_is_cut_off_shows_no_more_than_a_little_of_a_secret() {
        let secret = "hunter2-hunter2-hunter2";
        for end in 0..secret.len() {
            let quotes = [secret[..end].to_owned(), STANDARD.encode(&secret[..end])];
            for quote in quotes {
                let shown = conceal(&format!("bad: {quote}… (400)"), &[secret]);
                let around = shown.replace(CONCEALED, "");
                assert!(around.len() <= "bad: ... (400)".len() + 12, "{shown}");
            }
        }
        // What merely begins alike stays.
        assert_eq!(conceal("hunter2-or-3", &[secret]), "hunter2-or-3");
    }

    #[test]
    fn a_secret_within_another_leaves_nothing_of_either() {
        assert_eq!(
            conceal("redis://u:hunter2@h", &["hunter2", "redis://u:hunter2@h"]),
            "(sensitive)"
        );
    }

    #[test]
    fn a_line_of_a_secret_is_one_too() {
        let key = "-----BEGIN KEY-----\nMIIEcanary\r\nabc\n";
        assert_eq!(conceal("bad: MIIEcanary", &[key]), "bad: (sensitive)");
        assert_eq!(conceal("abc", &[key]), "abc");
    }

    #[test]
    fn the_password_of_a_url_is_a_secret_alone() {
        for (url, echoes) in [
            ("redis://u:hun%40er2@h/1", &["hun%40er2", "hun@er2"][..]),
            ("jdbc:postgresql://u:pw@rd9@h/a@b", &["pw@rd9"]),
            ("redis://:hunter2@h", &["hunter2"]),
        ] {
            for echo in echoes {
                assert_eq!(conceal(&format!("<{echo}>"), &[url]), "<(sensitive)>");
            }
        }
        let url = "redis://u:{{secrets.pw}}@h";
        assert_eq!(conceal("{{secrets.pw}}", &[url]), "{{secrets.pw}}");
    }

    #[test]
    fn a_secret_made_printable_is_taken_out() {
        let secret = "can\u{200b}ary\u{7}1";
        assert_eq!(conceal(&printable(secret), &[secret]), "(sensitive)");
    }

    #[test]
    fn a_reference_stays_readable_and_an_empty_value_changes_nothing() {
        let text = "no secret {{secrets.db}}";
        assert_eq!(conceal(text, &["{{secrets.db}}", ""]), text);
    }
}
