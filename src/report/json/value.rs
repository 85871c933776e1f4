use serde::Serialize;

use crate::report::value::Shown;

/// `{"value":"…"}`, `{"sensitive":true}` or `{"known_after_apply":true}`.
#[derive(Debug, Serialize)]
pub(super) struct Value<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    #[serde(skip_serializing_if = "is_false")]
    known_after_apply: bool,
    #[serde(skip_serializing_if = "is_false")]
    sensitive: bool,
}

/// A value, or nothing where none is set.
pub(super) fn of(shown: Shown<'_>) -> Option<Value<'_>> {
    let (value, known_after_apply, sensitive) = match shown {
        Shown::Unset => return None,
        Shown::Text(text) => (Some(text), false, false),
        Shown::Sensitive => (None, false, true),
        Shown::Unknown { sensitive } => (None, true, sensitive),
    };
    Some(Value {
        value,
        known_after_apply,
        sensitive,
    })
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}
