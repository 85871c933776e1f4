use std::ops::Range;

/// What an expression names: words that are neither text, keywords nor attributes of something
/// else.
///
/// The engine can say this too, but not where the words stand, and it overlooks what is sliced
/// (`x[1:]`).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names<'e> {
    /// Dotted paths and their places.
    pub(super) paths: Vec<(&'e str, Range<usize>)>,
    /// Words behind `|`.
    pub(super) filters: Vec<(&'e str, Range<usize>)>,
    /// Words behind `is` and `is not`.
    pub(super) tests: Vec<(&'e str, Range<usize>)>,
}

const KEYWORDS: &[&str] = &[
    "and", "or", "not", "in", "is", "if", "else", "true", "True", "false", "False", "none", "None",
];

/// Finds the names in the text of an expression; one with errors gives whatever it gives.
pub(super) fn names(expression: &str) -> Names<'_> {
    let mut names = Names::default();
    let mut before = Before::Other;
    let mut at = 0;
    while let Some(first) = expression[at..].chars().next() {
        let start = at;
        match first {
            '"' | '\'' => {
                at = text_end(expression, at);
                before = Before::Other;
            }
            _ if is_word(first) => {
                let end = word_end(expression, at);
                let range = at..end;
                let word = &expression[range.clone()];
                at = end;
                let number = first.is_ascii_digit();
                match before {
                    _ if number => {}
                    Before::Dot => {}
                    Before::Pipe => names.filters.push((word, range)),
                    Before::Is if word == "not" => continue,
                    Before::Is => names.tests.push((word, range)),
                    Before::Other if KEYWORDS.contains(&word) => {}
                    Before::Other if is_argument_name(&expression[end..]) => {}
                    Before::Other => {
                        at = path_end(expression, end);
                        names.paths.push((&expression[start..at], start..at));
                    }
                }
                before = if word == "is" {
                    Before::Is
                } else {
                    Before::Other
                };
            }
            _ => {
                at += first.len_utf8();
                before = match first {
                    _ if first.is_whitespace() => before,
                    '|' => Before::Pipe,
                    '.' => Before::Dot,
                    _ => Before::Other,
                };
            }
        }
    }
    names
}

/// What stands before a word and decides what it is.
#[derive(Clone, Copy)]
enum Before {
    Dot,
    Pipe,
    Is,
    Other,
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn word_end(text: &str, at: usize) -> usize {
    let length = text[at..].find(|c: char| !is_word(c));
    length.map_or(text.len(), |length| at + length)
}

/// The end of the path whose first word ends at `end`: `.word` again and again.
fn path_end(text: &str, mut end: usize) -> usize {
    while let Some(rest) = text[end..].trim_start().strip_prefix('.') {
        let word = rest.trim_start();
        if !word.starts_with(is_word) {
            break;
        }
        end = word_end(text, text.len() - word.len());
    }
    end
}

/// Whether a word is the name of an argument: one `=` follows.
fn is_argument_name(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.starts_with('=') && !rest.starts_with("==")
}

/// One past the end of the text in quotes that begins at `at`.
fn text_end(expression: &str, at: usize) -> usize {
    let mut characters = expression[at..].char_indices();
    let quote = characters.next().map(|(_, quote)| quote);
    let mut escaped = false;
    for (offset, c) in characters {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if Some(c) == quote => return at + offset + c.len_utf8(),
            _ => {}
        }
    }
    expression.len()
}
