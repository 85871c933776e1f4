use crate::catalog::{OptionKind, OptionSpec};
use crate::model::{OptionValue, secret_reference};

use super::Subject;

/// What becomes of an option.
pub(super) enum Fate<'a> {
    /// It is written with its live value.
    Written(&'a OptionSpec, &'a OptionValue),
    /// It must be written, and the service does not show what it is.
    NotShown(&'a OptionSpec),
    /// It has a value that no manifest may give it.
    NotAllowed(&'a OptionSpec),
}

/// The options of an instance that a manifest has to say something about, in the catalog's
/// order: those with a value that is not the default, and mandatory ones.
pub(super) fn worth_writing(subject: &Subject) -> impl Iterator<Item = Fate<'_>> {
    let options = subject.service.options.values();
    options.filter_map(|spec| match subject.options.get(&spec.name) {
        None if spec.mandatory && spec.default.is_none() => Some(Fate::NotShown(spec)),
        None => None,
        Some(value) if is_default(spec, value) => None,
        Some(value) if is_allowed(spec, value.expose()) => Some(Fate::Written(spec, value)),
        Some(_) => Some(Fate::NotAllowed(spec)),
    })
}

/// The boolean that a text stands for.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn is_default(spec: &OptionSpec, value: &OptionValue) -> bool {
    let Some(default) = spec.default.as_deref() else {
        return false;
    };
    let (value, is_boolean) = (value.expose(), spec.kind == OptionKind::Boolean);
    value == default || (is_boolean && value.eq_ignore_ascii_case(default))
}

/// Whether a manifest may give an option this value.
fn is_allowed(spec: &OptionSpec, text: &str) -> bool {
    if secret_reference(text).is_some() {
        return true;
    }
    let fits_kind = match &spec.kind {
        OptionKind::Boolean => boolean(text).is_some(),
        OptionKind::Enum(values) => values.iter().any(|value| value == text),
        OptionKind::Text | OptionKind::List => true,
    };
    let pattern = spec.pattern.as_ref();
    fits_kind && pattern.is_none_or(|pattern| pattern.matches(text) == Ok(true))
}
