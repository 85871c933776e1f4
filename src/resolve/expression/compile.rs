use std::collections::BTreeSet;
use std::ops::Range;

use super::engine;
use super::names::{Names, names};
use super::{Expression, place};
use crate::model::{Diagnostic, Diagnostics, Sources, Span};
use crate::resolve::Reference;
use crate::resolve::reference::BadReference;

/// The longest expression. The engine works through chains such as `1+1+…` by recursion, so
/// their length has to have a limit.
const MAX_LENGTH: usize = 2_000;

/// Compiles an expression that stands in the value at `value`; what is wrong is reported.
pub(in crate::resolve) fn compile(
    source: &str,
    value: Span,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Expression> {
    let at = |part: Range<usize>| place(sources, value, source, part);
    if source.len() > MAX_LENGTH {
        let message = format!("an expression has at most {MAX_LENGTH} characters");
        found.push_error(|| Diagnostic::error(at(0..0), message));
        return None;
    }
    if let Some(reference) = sole_reference(source) {
        return Some(Expression {
            source: source.into(),
            references: Box::new([reference]),
            is_reference: true,
            is_encoded: false,
        });
    }
    let compiled = match engine::compile(source) {
        Ok(compiled) => compiled,
        Err(error) => {
            let message = format!(
                "not a valid expression: {}",
                engine::describe(&error, false)
            );
            found.push(Diagnostic::error(at(0..source.len()), message));
            return None;
        }
    };
    let names = names(source);
    let before = found.error_count();
    report_unknown_words(&names, &at, found);
    let mut references = BTreeSet::new();
    for (path, part) in paths(&names, &compiled) {
        match Reference::parse(&path) {
            Ok(reference) => {
                references.insert(reference);
            }
            Err(BadReference { message, help }) => {
                let part = part.unwrap_or(0..source.len());
                found.push_error(|| Diagnostic {
                    help,
                    ..Diagnostic::error(at(part), message)
                });
            }
        }
    }
    (found.error_count() == before).then(|| Expression {
        source: source.into(),
        references: references.into_iter().collect(),
        is_reference: false,
        is_encoded: names.filters.iter().any(|(name, _)| *name == "urlencode"),
    })
}

/// The reference, where the expression is one and nothing else.
fn sole_reference(source: &str) -> Option<Reference> {
    let path = source.trim();
    let is_path = path
        .bytes()
        .all(|byte| matches!(byte, b'.' | b'_') || byte.is_ascii_alphanumeric());
    is_path
        .then(|| Reference::parse(path).ok())
        .flatten()
        .filter(Reference::is_scalar)
}

/// Every path once. The engine's own list is asked as well, so that no reference is overlooked
/// even where the two read an expression differently.
fn paths(names: &Names<'_>, compiled: &engine::Compiled) -> Vec<(String, Option<Range<usize>>)> {
    let mut paths: Vec<(String, Option<Range<usize>>)> = Vec::new();
    for (path, range) in &names.paths {
        let path: String = path.split_whitespace().collect();
        if !paths.iter().any(|(known, _)| *known == path) {
            paths.push((path, Some(range.clone())));
        }
    }
    let mut others: Vec<String> = compiled.undeclared_variables(true).into_iter().collect();
    others.sort();
    for path in others {
        if !paths.iter().any(|(known, _)| *known == path) {
            paths.push((path, None));
        }
    }
    paths
}

fn report_unknown_words(
    names: &Names<'_>,
    at: &impl Fn(Range<usize>) -> Span,
    found: &mut Diagnostics,
) {
    let filters = names.filters.iter().map(|word| ("filter", word));
    let tests = names.tests.iter().map(|word| ("test", word));
    for (kind, (word, range)) in filters.chain(tests) {
        let known = match kind {
            "filter" => engine::has_filter(word),
            _ => engine::has_test(word),
        };
        if !known {
            let message = format!("there is no {kind} `{word}`");
            found.push_error(|| Diagnostic::error(at(range.clone()), message));
        }
    }
}
