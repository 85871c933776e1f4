use super::super::fields::{Fields, boolean, wrong_type};
use super::super::{Node, NodeKind, Output, Spanned};
use crate::model::{Diagnostic, Diagnostics, Span};

pub(crate) const KEYS: &[&str] = &["value", "sensitive"];

pub(super) fn output(key: Spanned<String>, node: Node, found: &mut Diagnostics) -> Option<Output> {
    if !matches!(node.kind, NodeKind::Map(_)) {
        return scalar_output(key.span, node, false, found);
    }
    let mut fields = Fields::of(node, "an output", KEYS, found)?;
    let sensitive = fields
        .take("sensitive")
        .and_then(|node| boolean(&node, "`sensitive`", found));
    let Some(value) = fields.take("value") else {
        found.push(Diagnostic::error(
            fields.span,
            format!("output `{}` has no `value`", key.value),
        ));
        return None;
    };
    scalar_output(
        key.span,
        value,
        sensitive.is_some_and(|flag| flag.value),
        found,
    )
}

fn scalar_output(
    span: Span,
    value: Node,
    sensitive: bool,
    found: &mut Diagnostics,
) -> Option<Output> {
    match value.kind {
        NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) => {
            found.push(wrong_type(value.span, "an output", "text", &value.kind));
            None
        }
        _ => Some(Output {
            span,
            value,
            sensitive,
        }),
    }
}
