use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Subject;
use super::edges::Edges;
use super::key::instance_keys;
use super::option::{Fate, boolean, worth_writing};
use super::piece::{Attribute, Piece, comes_to, literal_text};
use super::reference::{References, Searched};
use super::secret::{Secret, Secrets};
use super::telling::Telling;
use crate::catalog::{OptionKind, OptionSpec};
use crate::model::sensitive::holds_url_with_user;
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
        secrets: secrets(subjects, &fates, &keys),
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

/// The secrets that options hold as a whole; first those that others may be made of, and called
/// after what keeps data, which is where a password is at home.
fn secrets<'s>(subjects: &[Subject], fates: &[Vec<Fate<'s>>], keys: &[String]) -> Secrets<'s> {
    let mut homes_first: Vec<usize> = (0..fates.len()).collect();
    homes_first.sort_by_key(|of| !subjects[*of].service.keeps_data);
    let mut secrets = Secrets::default();
    for urls in [false, true] {
        for of in &homes_first {
            for fate in &fates[*of] {
                if let Fate::Written(spec, value) = fate
                    && is_secret(spec, value)
                    && holds_url_with_user(value.expose()) == urls
                {
                    secrets.take(Some(value.expose()), (*of, &spec.name), &keys[*of]);
                }
            }
        }
    }
    secrets
}

fn is_secret(spec: &OptionSpec, value: &OptionValue) -> bool {
    value.is_sensitive()
        && spec.kind != OptionKind::Boolean
        && secret_reference(value.expose()).is_none()
}

struct Drafter<'s, 'k> {
    subjects: &'s [Subject],
    keys: &'k [String],
    references: References,
    edges: Edges,
    secrets: Secrets<'s>,
    telling: Telling<'s>,
}

impl<'s> Drafter<'s, '_> {
    /// Finds out which secrets are made of others.
    fn compose(&mut self) {
        for at in 0..self.secrets.all.len() {
            let secret = &self.secrets.all[at];
            let Some(url) = secret.value.filter(|value| holds_url_with_user(value)) else {
                continue;
            };
            let Some((mut pieces, rest)) = self.secrets.cut(url) else {
                continue;
            };
            let users: Vec<usize> = secret.holders.iter().map(|(of, _)| *of).collect();
            let mut edges = self.edges.clone();
            let mut may = |to| edges.add(&users, to);
            let found = self.references.search(rest, &mut may).pieces;
            let tells = self.tells(rest, &found);
            pieces.extend(found);
            let is_told = || self.telling.is_told_by(&literal_text(&pieces));
            if !tells && !is_told() && self.is_exactly(&pieces, url) {
                self.edges = edges;
                self.secrets.all[at].composed = Some(pieces);
            }
        }
    }

    fn instance(&mut self, of: usize, fates: &[Fate<'s>]) -> DraftInstance<'s> {
        let mut draft = DraftInstance::default();
        let apart = self.apart(of, fates);
        for fate in fates {
            match fate {
                Fate::Written(spec, value) => {
                    let reference = apart.get(spec.name.as_str()).copied();
                    draft.options.push(self.option(of, spec, value, reference));
                }
                Fate::NotShown(spec) if spec.sensitive => {
                    let at = self.secrets.take(None, (of, &spec.name), &self.keys[of]);
                    draft.options.push(written(spec, vec![Piece::Secret(at)]));
                }
                Fate::NotShown(spec) => {
                    let why = "it is mandatory, and the service does not show its value: add it";
                    draft.left_out.push((&spec.name, why));
                }
                Fate::NotAllowed(spec) => {
                    let why = "it has a value that the catalog does not allow";
                    draft.left_out.push((&spec.name, why));
                }
            }
        }
        draft
    }

    fn option(
        &mut self,
        of: usize,
        spec: &'s OptionSpec,
        value: &'s OptionValue,
        apart: Option<(usize, Attribute)>,
    ) -> DraftOption<'s> {
        let text = value.expose();
        if secret_reference(text).is_some() {
            return written(spec, vec![Piece::Text(text.to_owned())]);
        }
        if spec.kind == OptionKind::Boolean {
            let value = Written::Boolean(boolean(text).unwrap_or_default());
            return DraftOption {
                value,
                ..written(spec, Vec::new())
            };
        }
        if is_secret(spec, value) {
            return self.whole_secret(of, spec, text);
        }
        if let Some((to, attribute)) = apart
            && to != of
            && self.edges.add(&[of], to)
        {
            return written(spec, vec![Piece::Instance(to, attribute)]);
        }
        match spec.kind {
            OptionKind::List => self.list(of, spec, text),
            _ => self.text(of, spec, text),
        }
    }

    /// The option as a secret of the manifest.
    fn whole_secret(&mut self, of: usize, spec: &'s OptionSpec, text: &'s str) -> DraftOption<'s> {
        let holder = (of, spec.name.as_str());
        let at = self.secrets.take(Some(text), holder, &self.keys[of]);
        written(spec, vec![Piece::Secret(at)])
    }

    fn text(&mut self, of: usize, spec: &'s OptionSpec, text: &'s str) -> DraftOption<'s> {
        let Searched {
            mut pieces,
            refused,
        } = self.search(of, text);
        if self.tells(text, &pieces) {
            match self.with_secrets(of, text) {
                Some(untelling) => pieces = untelling,
                None => return self.whole_secret(of, spec, text),
            }
        }
        if self.is_exactly(&pieces, text) {
            return DraftOption {
                refused,
                ..written(spec, pieces)
            };
        }
        match self.telling.is_told_by(text) {
            true => self.whole_secret(of, spec, text),
            false => written(spec, vec![Piece::Text(text.to_owned())]),
        }
    }

    /// A text with references for the secrets in it, and to instances in what is left; nothing
    /// where that still tells one.
    fn with_secrets(&mut self, of: usize, text: &str) -> Option<Vec<Piece>> {
        let mut all = Vec::new();
        for piece in self.secrets.put_into(text) {
            match piece {
                Piece::Text(text) => {
                    let found = self.search(of, &text).pieces;
                    if self.tells(&text, &found) {
                        return None;
                    }
                    all.extend(found);
                }
                other => all.push(other),
            }
        }
        let tells = self.telling.is_told_by(&literal_text(&all));
        (!tells).then_some(all)
    }

    fn list(&mut self, of: usize, spec: &'s OptionSpec, text: &'s str) -> DraftOption<'s> {
        let searched = text.split(',').map(|item| self.search(of, item));
        let searched: Vec<Searched> = searched.collect();
        let pieces: Vec<Piece> = searched.iter().flat_map(|it| it.pieces.clone()).collect();
        if self.tells(text, &pieces) {
            return self.whole_secret(of, spec, text);
        }
        let refused = searched.iter().flat_map(|it| it.refused.iter().copied());
        let refused = refused.collect();
        let items = text.split(',').zip(searched);
        let items = items.map(
            |(item, searched)| match self.is_exactly(&searched.pieces, item) {
                true => searched.pieces,
                false => vec![Piece::Text(item.to_owned())],
            },
        );
        DraftOption {
            value: Written::List(items.collect()),
            refused,
            ..written(spec, Vec::new())
        }
    }

    fn search(&mut self, of: usize, text: &str) -> Searched {
        let edges = &mut self.edges;
        let mut searched = self.references.search(text, &mut |to| edges.add(&[of], to));
        searched.refused.retain(|(to, _)| *to != of);
        searched
    }

    /// Whether pieces that a text was cut into tell a secret: in what stands for itself, or because
    /// a reference was cut out of the middle of one.
    fn tells(&self, text: &str, pieces: &[Piece]) -> bool {
        let is_in_reference = |piece: &Piece| match piece {
            Piece::Instance(..) => self
                .value(piece)
                .is_some_and(|value| self.telling.is_told_by(&value)),
            Piece::Text(_) | Piece::Secret(_) => false,
        };
        self.telling.is_told_by(&literal_text(pieces))
            || (self.telling.is_told_by(text) && !pieces.iter().any(is_in_reference))
    }

    /// References for ips and ports in options of their own, by the option's name.
    fn apart(&self, of: usize, fates: &[Fate<'s>]) -> BTreeMap<&'s str, (usize, Attribute)> {
        let plain: Vec<(&str, &str)> = fates
            .iter()
            .filter_map(|fate| match fate {
                Fate::Written(spec, value) if spec.kind == OptionKind::Text => {
                    Some((spec.name.as_str(), value.shown()?))
                }
                _ => None,
            })
            .collect();
        let values: Vec<&str> = plain.iter().map(|(_, value)| *value).collect();
        let found = self.references.apart(&values).into_iter();
        found
            .filter(|(_, (to, _))| *to != of)
            .map(|(at, reference)| (plain[at].0, reference))
            .collect()
    }

    /// Whether the pieces come to exactly the text.
    fn is_exactly(&self, pieces: &[Piece], text: &str) -> bool {
        let resolved = comes_to(pieces, &|piece| self.value(piece));
        resolved.is_some_and(|resolved| resolved.as_str() == text)
    }

    fn value<'v>(&'v self, piece: &'v Piece) -> Option<Cow<'v, str>> {
        match piece {
            Piece::Text(text) => Some(Cow::Borrowed(text)),
            Piece::Secret(at) => Some(Cow::Borrowed(self.secrets.all.get(*at)?.value?)),
            Piece::Instance(of, attribute) => attribute.of(&self.subjects.get(*of)?.endpoint),
        }
    }
}

fn written(spec: &OptionSpec, pieces: Vec<Piece>) -> DraftOption<'_> {
    DraftOption {
        name: &spec.name,
        value: Written::Text(pieces),
        refused: Vec::new(),
    }
}
