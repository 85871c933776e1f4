use super::{Node, NodeKind, Spanned, fields};
use crate::model::{Diagnostic, Diagnostics};

/// Sections whose entries may come from several files.
const JOINED: &[&str] = &["variables", "instances", "outputs"];

type Entry = (Spanned<String>, Node);

/// Makes one tree of those of several files.
pub(super) fn merge(trees: Vec<Node>, found: &mut Diagnostics) -> Option<Node> {
    let mut trees = trees.into_iter();
    let first = trees.next()?;
    let span = first.span;
    let mut all = fields::mapping(first, "a manifest", found)?;
    for tree in trees {
        for entry in fields::mapping(tree, "a manifest", found)? {
            add(&mut all, entry, found);
        }
    }
    Some(Node {
        span,
        kind: NodeKind::Map(all),
    })
}

fn add(all: &mut Vec<Entry>, (key, value): Entry, found: &mut Diagnostics) {
    let Some((known, existing)) = all.iter_mut().find(|(known, _)| known.value == key.value) else {
        all.push((key, value));
        return;
    };
    if !JOINED.contains(&key.value.as_str()) {
        if existing.kind != value.kind {
            found.push(twice(&key, known));
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
        for entry in more {
            match entries
                .iter()
                .find(|(known, _)| known.value == entry.0.value)
            {
                Some((known, _)) => found.push(twice(&entry.0, known)),
                None => entries.push(entry),
            }
        }
    }
}

fn twice(again: &Spanned<String>, first: &Spanned<String>) -> Diagnostic {
    Diagnostic::error(again.span, format!("`{}` stands in two files", again.value))
        .related(first.span, "first here")
}
