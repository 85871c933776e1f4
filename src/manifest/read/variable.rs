use super::super::fields::{Fields, wrong_type};
use super::super::{Node, NodeKind, Spanned, Variable, VariableType};
use super::words::{optional_text, word};
use crate::model::Diagnostics;

pub(crate) const KEYS: &[&str] = &["type", "default", "pattern", "description"];

const TYPES: [(&str, VariableType); 4] = [
    ("string", VariableType::String),
    ("boolean", VariableType::Boolean),
    ("number", VariableType::Number),
    ("list", VariableType::List),
];

pub(super) fn variable(
    key: Spanned<String>,
    node: Node,
    found: &mut Diagnostics,
) -> Option<Variable> {
    if !matches!(node.kind, NodeKind::Map(_) | NodeKind::Null) {
        let finding = wrong_type(node.span, "a variable", "a mapping", &node.kind);
        found.push(finding.help(format!("write `{}: {{default: …}}`", key.value)));
        return None;
    }
    let mut fields = Fields::of(node, "a variable", KEYS, found)?;
    let kind = optional_text(&mut fields, "type", found)
        .and_then(|kind| word(&kind, "a variable's type", &TYPES, found));
    let written = fields.take("default");
    let default = written.clone().filter(|node| is_value(node, found));
    Some(Variable {
        span: key.span,
        kind,
        default_unreadable: default.is_none() && written.is_some(),
        default,
        pattern: optional_text(&mut fields, "pattern", found),
        description: optional_text(&mut fields, "description", found),
    })
}

/// Whether a default is a scalar or a list of scalars; what is not is reported.
fn is_value(default: &Node, found: &mut Diagnostics) -> bool {
    let is_scalar = |node: &Node| {
        !matches!(
            node.kind,
            NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_)
        )
    };
    let (what, wanted, wrong) = match &default.kind {
        NodeKind::List(items) => (
            "an item of a `default`",
            "a single value",
            items.iter().find(|item| !is_scalar(item)),
        ),
        _ => (
            "a `default`",
            "a value or a list of values",
            Some(default).filter(|node| !is_scalar(node)),
        ),
    };
    if let Some(node) = wrong {
        found.push(wrong_type(node.span, what, wanted, &node.kind));
    }
    wrong.is_none()
}
