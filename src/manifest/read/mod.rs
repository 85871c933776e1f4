//! Nodes to the manifest's types; what cannot be read is reported and left out.

pub(super) mod instance;
pub(super) mod output;
pub(super) mod probe;
pub(super) mod ready;
pub(super) mod removed;
pub(super) mod secret;
pub(super) mod variable;
mod words;

use indexmap::IndexMap;

use super::fields::{Fields, mapping, text};
use super::{Manifest, Node, NodeKind, Prune, Spanned};
use crate::model::{Diagnostic, Diagnostics, Span};
use words::{optional_text, word};

/// The keys of a manifest that this version understands.
pub(super) const KEYS: &[&str] = &[
    "version",
    "stack",
    "workspace",
    "environment",
    "prune",
    "variables",
    "secrets",
    "instances",
    "removed",
    "outputs",
];

/// Reads the whole manifest; what cannot be read is reported and left out.
pub(super) fn manifest(tree: Node, found: &mut Diagnostics) -> Option<Manifest> {
    let start = Span {
        end: tree.span.start,
        ..tree.span
    };
    let mut fields = Fields::of(tree, "a manifest", KEYS, found)?;
    Some(Manifest {
        version: version(&mut fields, start, found),
        stack: stack(&mut fields, start, found),
        workspace: optional_text(&mut fields, "workspace", found),
        environment: optional_text(&mut fields, "environment", found),
        prune: optional_text(&mut fields, "prune", found)
            .and_then(|prune| word(&prune, "`prune`", &[("never", Prune::Never)], found)),
        variables: section(&mut fields, "variables", variable::variable, found),
        secrets: section(&mut fields, "secrets", secret::secret, found),
        instances: section(&mut fields, "instances", instance::instance, found),
        removed: section(&mut fields, "removed", removed::removed, found),
        outputs: section(&mut fields, "outputs", output::output, found),
    })
}

fn version(fields: &mut Fields, start: Span, found: &mut Diagnostics) -> Spanned<u32> {
    let span = match fields.take("version") {
        None => {
            let finding = Diagnostic::error(start, "`version` is missing");
            found.push(finding.help("begin the file with `version: 1`"));
            start
        }
        Some(node) => {
            if !matches!(&node.kind, NodeKind::Number(digits) if digits == "1") {
                let message = "`version` must be 1, the only version there is";
                found.push(Diagnostic::error(node.span, message));
            }
            node.span
        }
    };
    Spanned { value: 1, span }
}

/// The written name of the stack; empty where there is none, which has then been reported.
fn stack(fields: &mut Fields, start: Span, found: &mut Diagnostics) -> Spanned<String> {
    let written = fields.take("stack");
    if written.is_none() {
        let finding = Diagnostic::error(start, "`stack` is missing");
        found.push(finding.help("give the stack a name: `stack: myshop`"));
    }
    written
        .and_then(|node| text(node, "`stack`", found))
        .unwrap_or(Spanned {
            value: String::new(),
            span: start,
        })
}

/// A mapping of names to entries, each read by `read`.
fn section<T>(
    fields: &mut Fields,
    section: &str,
    read: fn(Spanned<String>, Node, &mut Diagnostics) -> Option<T>,
    found: &mut Diagnostics,
) -> IndexMap<String, T> {
    let Some(node) = fields.take(section) else {
        return IndexMap::new();
    };
    let entries = mapping(node, &format!("`{section}`"), found).unwrap_or_default();
    let mut all = IndexMap::with_capacity(entries.len());
    for (key, node) in entries {
        if is_word(&key.value) {
            let name = key.value.clone();
            all.extend(read(key, node, found).map(|entry| (name, entry)));
        } else {
            let message = format!("`{}` cannot be used as a name here", key.value);
            let help = "names are letters, digits and `_`, beginning with a letter, so that \
                        expressions can refer to them";
            found.push(Diagnostic::error(key.span, message).help(help));
        }
    }
    all
}

/// Whether an expression can refer to the name: `a-b` would be a subtraction there.
fn is_word(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}
