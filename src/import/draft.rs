use super::Subject;
use super::drafter::Drafter;
use super::edges::Edges;
use super::key::instance_keys;
use super::option::{Fate, boolean, worth_writing};
use super::piece::{Attribute, Piece};
use super::reference::References;
use super::secret::{Secret, Secrets};
use super::telling::Telling;
use crate::catalog::OptionSpec;
use crate::model::{OptionValue, secret_reference};

/// What a manifest says about the instances, before it is text.
pub(super) struct Draft<'s> {
    pub(super) keys: Vec<String>,
    pub(super) instances: Vec<DraftInstance<'s>>,
    pub(super) secrets: Vec<Secret<'s>>,
    pub(super) telling: Telling<'s>,
}

/// What it says about one.
#[derive(Default)]
pub(super) struct DraftInstance<'s> {
    pub(super) options: Vec<DraftOption<'s>>,
    /// Options that cannot be written, and why.
    pub(super) left_out: Vec<(&'s str, &'static str)>,
}

/// An option with its value.
pub(super) struct DraftOption<'s> {
    pub(super) name: &'s str,
    pub(super) value: Written,
    /// References that would fit into it and would make a cycle.
    pub(super) refused: Vec<(usize, Attribute)>,
}

/// A value as it is written.
pub(super) enum Written {
    Boolean(bool),
    Text(Vec<Piece>),
    List(Vec<Vec<Piece>>),
}

impl<'s> DraftOption<'s> {
    /// An option with this text.
    pub(super) fn text(spec: &'s OptionSpec, pieces: Vec<Piece>) -> Self {
        Self {
            name: &spec.name,
            value: Written::Text(pieces),
            refused: Vec::new(),
        }
    }
}

/// Drafts a manifest of these instances. No literal text in it tells one of their secrets, or of
/// the `others`.
pub(super) fn draft<'s>(subjects: &'s [Subject], others: &[&'s OptionValue]) -> Draft<'s> {
    let keys = instance_keys(subjects);
    let fates: Vec<Vec<Fate<'s>>> = subjects
        .iter()
        .map(|subject| worth_writing(subject).collect())
        .collect();
    let mut drafter = Drafter {
        subjects,
        keys: &keys,
        references: References::to(subjects),
        edges: Edges::between(subjects.len()),
        secrets: Secrets::held(subjects, &fates, &keys),
        telling: Telling::new(sensitive_values(subjects, others)),
    };
    drafter.compose();
    let instances = fates.iter().enumerate();
    let instances = instances
        .map(|(at, fates)| drafter.instance(at, fates))
        .collect();
    Draft {
        instances,
        secrets: drafter.secrets.all,
        telling: drafter.telling,
        keys,
    }
}

/// All that must not be told; booleans tell nothing.
fn sensitive_values<'s>(
    subjects: &'s [Subject],
    others: &[&'s OptionValue],
) -> impl Iterator<Item = &'s str> {
    let own = subjects.iter().flat_map(|subject| subject.options.values());
    own.chain(others.iter().copied())
        .filter(|value| value.is_sensitive())
        .map(OptionValue::expose)
        .filter(|text| secret_reference(text).is_none() && boolean(text).is_none())
}
