use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Subject;
use super::draft::{DraftInstance, DraftOption, Written};
use super::edges::Edges;
use super::option::{Fate, boolean};
use super::piece::{Attribute, Piece, comes_to, literal_text};
use super::reference::{References, Searched};
use super::secret::{Secrets, is_secret};
use super::telling::Telling;
use crate::catalog::{OptionKind, OptionSpec};
use crate::model::sensitive::holds_url_with_user;
use crate::model::{OptionValue, secret_reference};

/// Turns live values into written ones, one after the other.
pub(super) struct Drafter<'s, 'k> {
    pub(super) subjects: &'s [Subject],
    pub(super) keys: &'k [String],
    pub(super) references: References,
    pub(super) edges: Edges,
    pub(super) secrets: Secrets<'s>,
    pub(super) telling: Telling<'s>,
}

impl<'s> Drafter<'s, '_> {
    /// Finds out which secrets are made of others.
    pub(super) fn compose(&mut self) {
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

    /// What the manifest says about an instance.
    pub(super) fn instance(&mut self, of: usize, fates: &[Fate<'s>]) -> DraftInstance<'s> {
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
                    draft
                        .options
                        .push(DraftOption::text(spec, vec![Piece::Secret(at)]));
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
            return DraftOption::text(spec, vec![Piece::Text(text.to_owned())]);
        }
        if spec.kind == OptionKind::Boolean {
            let value = Written::Boolean(boolean(text).unwrap_or_default());
            return DraftOption {
                value,
                ..DraftOption::text(spec, Vec::new())
            };
        }
        if is_secret(spec, value) {
            return self.whole_secret(of, spec, text);
        }
        if let Some((to, attribute)) = apart
            && to != of
            && self.edges.add(&[of], to)
        {
            return DraftOption::text(spec, vec![Piece::Instance(to, attribute)]);
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
        DraftOption::text(spec, vec![Piece::Secret(at)])
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
                ..DraftOption::text(spec, pieces)
            };
        }
        match self.telling.is_told_by(text) {
            true => self.whole_secret(of, spec, text),
            false => DraftOption::text(spec, vec![Piece::Text(text.to_owned())]),
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
            ..DraftOption::text(spec, Vec::new())
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
        let references = pieces.iter().filter_map(|piece| match piece {
            Piece::Instance(..) => self.value(piece),
            Piece::Text(_) | Piece::Secret(_) => None,
        });
        let references: Vec<Cow<'_, str>> = references.collect();
        self.telling.is_told_by(&literal_text(pieces))
            || self.telling.but_for(&references).is_told_by(text)
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
