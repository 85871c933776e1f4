use std::collections::HashSet;

use super::variables_in;
use crate::model::{FileId, Sources, Span, sensitive};

/// Marks what may be a literal secret in a file that is not valid YAML.
///
/// Goes by lines and rather hides too much: everything behind a key with a secret's name, with
/// the lines that belong to it, and every line from a URL with a user part on.
pub(in crate::manifest) fn mask_unread(file: FileId, text: &str, sources: &mut Sources) {
    let variables = secret_variables(text);
    let mut hiding = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let hidden = match &hiding {
            Some(value) if covers(value, line) => Some(0),
            _ => {
                hiding = secret_key(line, &variables).map(|at| Value::after(line, at));
                hiding.as_ref().map(|value| value.at).or_else(|| url(line))
            }
        };
        if let Some(at) = hidden {
            sources.mask(Span {
                file,
                start: byte(start + at),
                end: byte(start + line.len()),
            });
        }
        start += line.len();
    }
}

/// A value that begins in one line and may go on in the next ones.
struct Value {
    /// Where it begins in its line.
    at: usize,
    indent: usize,
    /// Whether it is a quoted text whose end is not in the line.
    open_quote: bool,
}

impl Value {
    fn after(line: &str, at: usize) -> Self {
        let rest = line[at..].trim();
        let open_quote = ['"', '\'']
            .into_iter()
            .any(|quote| rest.starts_with(quote) && rest.matches(quote).count() == 1);
        Self {
            at,
            indent: indent(line),
            open_quote,
        }
    }
}

/// Whether a line still belongs to the value.
fn covers(value: &Value, line: &str) -> bool {
    let trimmed = line.trim();
    value.open_quote
        || trimmed.is_empty()
        || indent(line) > value.indent
        || (indent(line) == value.indent && trimmed.starts_with("- "))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The byte after the colon of the first key in the line that has a secret's name.
fn secret_key(line: &str, variables: &HashSet<&str>) -> Option<usize> {
    line.match_indices([':', '=']).find_map(|(at, separator)| {
        let before = line[..at].trim_end().trim_end_matches(['"', '\'']);
        let name = before
            .rsplit(|c: char| !is_name(c))
            .next()
            .unwrap_or_default();
        let secret = sensitive::name_is_sensitive(name) || variables.contains(name);
        secret.then_some(at + separator.len())
    })
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// The byte at which a URL with a user part begins.
fn url(line: &str) -> Option<usize> {
    let at = line.find("://")?;
    sensitive::holds_url_with_user(line).then(|| {
        let scheme = line[..at].trim_end_matches(|c: char| c.is_ascii_alphanumeric());
        scheme.len()
    })
}

/// Variables that stand in a line with a secret's name or a URL with a user part.
fn secret_variables(text: &str) -> HashSet<&str> {
    let none = HashSet::new();
    text.lines()
        .filter(|line| secret_key(line, &none).is_some() || sensitive::holds_url_with_user(line))
        .flat_map(variables_in)
        .collect()
}

fn byte(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
