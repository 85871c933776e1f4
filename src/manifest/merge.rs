use std::collections::HashMap;

use indexmap::IndexMap;

use super::{Node, NodeKind, Spanned, fields};
use crate::model::{Diagnostic, Diagnostics, Span};

/// Sections whose entries may come from several files.
const JOINED: &[&str] = &["variables", "secrets", "instances", "removed", "outputs"];

type Entry = (Spanned<String>, Node);

/// Makes one tree of those of several files.
pub(super) fn merge(trees: Vec<Node>, found: &mut Diagnostics) -> Option<Node> {
    let mut trees = trees.into_iter();
    let first = trees.next()?;
    let span = first.span;
    let mut all: IndexMap<String, (Span, Node)> = fields::mapping(first, "a manifest", found)?
        .into_iter()
        .map(|(key, value)| (key.value, (key.span, value)))
        .collect();
    let mut places = Places::new();
    for tree in trees {
        for entry in fields::mapping(tree, "a manifest", found)? {
            add(&mut all, entry, &mut places, found);
        }
    }
    let all = all
        .into_iter()
        .map(|(value, (span, node))| (Spanned { value, span }, node));
    Some(Node {
        span,
        kind: NodeKind::Map(all.collect()),
    })
}

/// Where each entry of each joined section stands.
type Places = HashMap<String, HashMap<String, Span>>;

fn add(
    all: &mut IndexMap<String, (Span, Node)>,
    (key, value): Entry,
    places: &mut Places,
    found: &mut Diagnostics,
) {
    let Some((known, existing)) = all.get_mut(&key.value) else {
        all.insert(key.value, (key.span, value));
        return;
    };
    if !JOINED.contains(&key.value.as_str()) {
        if !says_the_same(&existing.kind, &value.kind) {
            found.push(twice(&key, *known));
        }
        return;
    }
    let Some(more) = fields::mapping(value, &format!("`{}`", key.value), found) else {
        return;
    };
    if let NodeKind::Null = existing.kind {
        existing.kind = NodeKind::Map(Vec::new());
    }
    if let NodeKind::Map(entries) = &mut existing.kind {
        let places = places.entry(key.value).or_insert_with(|| {
            let entries = entries.iter();
            entries
                .map(|(key, _)| (key.value.clone(), key.span))
                .collect()
        });
        for entry in more {
            match places.get(&entry.0.value) {
                Some(first) => found.push(twice(&entry.0, *first)),
                None => {
                    places.insert(entry.0.value.clone(), entry.0.span);
                    entries.push(entry);
                }
            }
        }
    }
}

/// Whether two files give one scalar the same value, as every file may repeat `version: 1`.
fn says_the_same(one: &NodeKind, other: &NodeKind) -> bool {
    !matches!(one, NodeKind::List(_) | NodeKind::Map(_)) && one == other
}

fn twice(again: &Spanned<String>, first: Span) -> Diagnostic {
    Diagnostic::error(again.span, format!("`{}` stands in two files", again.value))
        .related(first, "first here")
}
