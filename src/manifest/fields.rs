use super::{Node, NodeKind, Spanned};
use crate::model::{Diagnostic, Diagnostics, Span, nearest};

/// The entries of a mapping, taken out one by one by the reader of its section.
pub(super) struct Fields {
    pub(super) span: Span,
    entries: Vec<(Spanned<String>, Node)>,
}

impl Fields {
    /// The entries of `node`, which `what` describes; other keys than `known` are reported, and
    /// taken for what they most likely mean, so that nothing is called missing as well.
    pub(super) fn of(
        node: Node,
        what: &str,
        known: &[&str],
        found: &mut Diagnostics,
    ) -> Option<Self> {
        let span = node.span;
        let (mut entries, unknown): (Vec<_>, Vec<_>) = mapping(node, what, found)?
            .into_iter()
            .partition(|(key, _)| known.contains(&key.value.as_str()));
        for (key, value) in unknown {
            let near = nearest(&key.value, known.iter().copied());
            found.push_error(|| unknown_key(&key, what, near, known));
            if let Some(near) = near.filter(|near| !has(&entries, near)) {
                let key = Spanned {
                    value: near.to_owned(),
                    span: key.span,
                };
                entries.push((key, value));
            }
        }
        Some(Self { span, entries })
    }

    /// Takes an entry out.
    pub(super) fn take(&mut self, name: &str) -> Option<Node> {
        let at = self.entries.iter().position(|(key, _)| key.value == name)?;
        Some(self.entries.swap_remove(at).1)
    }
}

fn has(entries: &[(Spanned<String>, Node)], name: &str) -> bool {
    entries.iter().any(|(key, _)| key.value == name)
}

fn unknown_key(
    key: &Spanned<String>,
    what: &str,
    near: Option<&str>,
    known: &[&str],
) -> Diagnostic {
    Diagnostic::error(key.span, format!("{what} has no key `{}`", key.value))
        .did_you_mean(near, format!("known keys: {}", known.join(", ")))
}

/// The entries of a mapping; an absent value counts as an empty one.
pub(super) fn mapping(
    node: Node,
    what: &str,
    found: &mut Diagnostics,
) -> Option<Vec<(Spanned<String>, Node)>> {
    match node.kind {
        NodeKind::Map(entries) => Some(entries),
        NodeKind::Null => Some(Vec::new()),
        other => {
            found.push(wrong_type(node.span, what, "a mapping", &other));
            None
        }
    }
}

/// Text, and nothing that merely looks like it.
pub(super) fn text(node: Node, what: &str, found: &mut Diagnostics) -> Option<Spanned<String>> {
    match node.kind {
        NodeKind::Text(value) => Some(Spanned {
            value,
            span: node.span,
        }),
        other => {
            let wrong = wrong_type(node.span, what, "text", &other);
            found.push(match other {
                NodeKind::Number(_) | NodeKind::Boolean(_) => wrong.help("write it in quotes"),
                _ => wrong,
            });
            None
        }
    }
}

/// A boolean.
pub(super) fn boolean(node: &Node, what: &str, found: &mut Diagnostics) -> Option<Spanned<bool>> {
    match node.kind {
        NodeKind::Boolean(value) => Some(Spanned {
            value,
            span: node.span,
        }),
        ref other => {
            found.push(wrong_type(node.span, what, "true or false", other));
            None
        }
    }
}

/// A list of texts.
pub(super) fn texts(node: Node, what: &str, found: &mut Diagnostics) -> Vec<Spanned<String>> {
    match node.kind {
        NodeKind::List(items) => items
            .into_iter()
            .filter_map(|item| text(item, what, found))
            .collect(),
        other => {
            found.push(wrong_type(node.span, what, "a list", &other));
            Vec::new()
        }
    }
}

/// The finding that something is of the wrong type.
pub(super) fn wrong_type(span: Span, what: &str, wanted: &str, got: &NodeKind) -> Diagnostic {
    Diagnostic::error(
        span,
        format!("{what} must be {wanted}, this is {}", got.word()),
    )
}
