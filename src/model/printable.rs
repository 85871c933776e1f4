use std::borrow::Cow;

/// Text from outside without anything that could steer a terminal.
///
/// Line feeds and tabs are kept; every other control character, and the marks that reorder
/// or hide text, become U+FFFD.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(steers) {
        text.chars()
            .map(|c| if steers(c) { '\u{fffd}' } else { c })
            .collect::<String>()
            .into()
    } else {
        text.into()
    }
}

/// The beginning of a text for a message: 64 characters, and `…` where it goes on.
pub fn excerpt(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(64) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

fn steers(c: char) -> bool {
    let reorders_or_hides = matches!(
        c,
        '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
    );
    (c.is_control() && c != '\n' && c != '\t') || reorders_or_hides
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_escape() {
        assert_eq!(
            printable("\x1b[31mred\x07\u{9b}"),
            "\u{fffd}[31mred\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn marks_that_reorder_text_are_replaced() {
        assert_eq!(printable("a\u{202e}b"), "a\u{fffd}b");
    }

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(
            printable("höger\n\tok"),
            Cow::Borrowed("höger\n\tok")
        ));
    }
}
