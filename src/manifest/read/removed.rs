use super::super::fields::{Fields, text};
use super::super::{DataOfRemoved, Node, Removed, Spanned};
use super::words::{optional_text, word};
use crate::model::{Diagnostic, Diagnostics};

pub(crate) const KEYS: &[&str] = &["service", "name", "data"];

pub(super) fn removed(
    key: Spanned<String>,
    node: Node,
    found: &mut Diagnostics,
) -> Option<Removed> {
    let mut fields = Fields::of(node, "what is removed", KEYS, found)?;
    let service = fields.take("service");
    if service.is_none() {
        let message = format!("`{}` does not say of which `service` it is", key.value);
        found.push(Diagnostic::error(key.span, message).help("say which: `service: minio-minio`"));
    }
    Some(Removed {
        span: key.span,
        service: service.and_then(|node| text(node, "`service`", found)),
        name: optional_text(&mut fields, "name", found),
        data: optional_text(&mut fields, "data", found).and_then(|data| {
            let words = [("discard", DataOfRemoved::Discard)];
            word(&data, "`data`", &words, found)
        }),
    })
}
