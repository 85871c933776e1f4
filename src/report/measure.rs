use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that a text takes on a terminal.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The beginning of a text that fits in `columns`, with `…` where something is missing.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let (head, _) = split(text, columns.saturating_sub(1));
    format!("{head}…")
}

/// A text in pieces that each fit in `columns`, broken anywhere; at least one piece.
pub(super) fn pieces(text: &str, columns: usize) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = text;
    loop {
        let (head, tail) = split(rest, columns.max(8));
        all.push(head);
        if tail.is_empty() {
            return all;
        }
        rest = tail;
    }
}

/// A text in lines that each fit in `columns`, broken at spaces.
///
/// A word that is wider than a line is left whole: it may be an address or a URL.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in words(paragraph) {
            if !line.is_empty() && width(&line) + 1 + width(word) > columns {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// Words to break lines between; what stands in backticks is copied by people and stays whole.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c: char| {
        quoted ^= c == '`';
        c.is_whitespace() && !quoted
    })
    .filter(|word| !word.is_empty())
}

/// As much as fits in `columns`, and the rest.
fn split(text: &str, columns: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return text.split_at(at);
        }
    }
    (text, "")
}
