use super::super::fields::Fields;
use super::super::{Node, Spanned, Variable, VariableType};
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
    let mut fields = Fields::of(node, "a variable", KEYS, found)?;
    let kind = optional_text(&mut fields, "type", found)
        .and_then(|kind| word(&kind, "a variable's type", &TYPES, found));
    Some(Variable {
        span: key.span,
        kind,
        default: fields.take("default"),
        pattern: optional_text(&mut fields, "pattern", found),
        description: optional_text(&mut fields, "description", found),
    })
}
