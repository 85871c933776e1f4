use super::super::fields::{Fields, boolean, text, texts, wrong_type};
use super::super::{Data, Instance, Node, NodeKind, Spanned, WhileSuspended};
use super::ready::ready;
use super::words::{optional_text, word};
use crate::model::{Diagnostic, Diagnostics};

pub(crate) const KEYS: &[&str] = &[
    "service",
    "name",
    "options",
    "when",
    "depends_on",
    "ready",
    "protect",
    "data",
    "suspended",
];

pub(super) fn instance(
    key: Spanned<String>,
    node: Node,
    found: &mut Diagnostics,
) -> Option<Instance> {
    let mut fields = Fields::of(node, "an instance", KEYS, found)?;
    let service = fields.take("service");
    if service.is_none() {
        let message = format!("instance `{}` has no `service`", key.value);
        found.push(Diagnostic::error(key.span, message).help("say which: `service: minio-minio`"));
    }
    let options = fields.take("options");
    let broken = options
        .as_ref()
        .is_some_and(|node| !matches!(node.kind, NodeKind::Map(_) | NodeKind::Null));
    if let Some(options) = options.as_ref().filter(|_| broken) {
        found.push(wrong_type(
            options.span,
            "`options`",
            "a mapping",
            &options.kind,
        ));
    }
    Some(Instance {
        span: key.span,
        service: service.and_then(|node| text(node, "`service`", found)),
        name: optional_text(&mut fields, "name", found),
        options: options.filter(|_| !broken),
        when: fields.take("when").and_then(|node| when(node, found)),
        depends_on: fields
            .take("depends_on")
            .map_or_else(Vec::new, |node| texts(node, "`depends_on`", found)),
        ready: fields.take("ready").and_then(|node| ready(node, found)),
        protect: fields
            .take("protect")
            .and_then(|node| boolean(&node, "`protect`", found)),
        data: optional_text(&mut fields, "data", found)
            .and_then(|data| word(&data, "`data`", &[("none", Data::None)], found)),
        suspended: optional_text(&mut fields, "suspended", found).and_then(|suspended| {
            let words = [("leave", WhileSuspended::Leave)];
            word(&suspended, "`suspended`", &words, found)
        }),
        options_unreadable: broken,
    })
}

fn when(node: Node, found: &mut Diagnostics) -> Option<Node> {
    if let NodeKind::Boolean(_) | NodeKind::Text(_) = node.kind {
        return Some(node);
    }
    found.push(wrong_type(
        node.span,
        "`when`",
        "true, false or an expression",
        &node.kind,
    ));
    None
}
