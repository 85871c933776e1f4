use std::fmt::Write;

use crate::model::printable;

/// A text as a YAML scalar in block style: plain where nobody can take it for anything else, so
/// that references stay readable, else in double quotes.
pub(super) fn scalar(text: &str) -> String {
    match is_plain(text) {
        true => text.to_owned(),
        false => quoted(text),
    }
}

/// Words that some version of YAML takes for something else than text.
const WORDS: &[&str] = &[
    "null", "true", "false", "yes", "no", "on", "off", "y", "n", "inf", "nan",
];

fn is_plain(text: &str) -> bool {
    let begins = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '$');
    let usable = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(
                c,
                '_' | '-'
                    | '.'
                    | '/'
                    | ':'
                    | '$'
                    | '{'
                    | '}'
                    | '['
                    | ']'
                    | '@'
                    | '='
                    | '&'
                    | '?'
                    | '+'
                    | '%'
                    | '~'
                    | ','
                    | ';'
            )
    };
    text.starts_with(begins)
        && text.chars().all(usable)
        && !text.ends_with(':')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            _ if !may_stand(c) && u32::from(c) <= 0xFFFF => {
                // Writing to a text cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a character is printable, to YAML and to a terminal.
fn may_stand(c: char) -> bool {
    let mut buffer = [0; 4];
    let one: &str = c.encode_utf8(&mut buffer);
    printable(one) == one && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plainly_text_stands_without_quotes() {
        for text in [
            "admin",
            "https://a.example/x?y=1&z=a,b",
            "redis://${instances.a.address}/0",
            "${instances.a.ports[0].ip}",
            "s3://bucket/",
        ] {
            assert_eq!(scalar(text), text);
        }
    }

    #[test]
    fn what_yaml_could_take_for_something_else_is_quoted() {
        for text in [
            "",
            " a",
            "a ",
            "0123",
            "1.5",
            "yes",
            "No",
            "null",
            "~",
            "a: b",
            "a:",
            "a #b",
            "- a",
            "{{secrets.x}}",
            "*a",
            "!a",
            "'a'",
            "=",
            "---",
            "é",
        ] {
            assert_eq!(scalar(text), format!("\"{text}\""));
        }
    }

    #[test]
    fn what_cannot_be_printed_is_escaped() {
        assert_eq!(
            scalar("a\"\\\n\t\u{1b}\u{0}\u{202e}\u{feff}"),
            r#""a\"\\\n\t\u001B\u0000\u202E\uFEFF""#
        );
        assert_eq!(scalar("🎬 klar"), "\"🎬 klar\"");
    }
}
