use std::collections::{BTreeSet, HashMap};

use super::Subject;
use super::key::secret_key;
use super::option::Fate;
use super::piece::{Piece, push_text};
use super::telling::SHORTEST;
use super::user_part::{escape, user_parts};
use crate::catalog::{OptionKind, OptionSpec};
use crate::model::sensitive::{holds_url_with_user, name_is_sensitive};
use crate::model::{OptionValue, secret_reference};

/// An entry of `secrets:`.
pub(super) struct Secret<'s> {
    pub(super) key: String,
    /// What it is now; nothing where its service does not show it.
    pub(super) value: Option<&'s str>,
    /// The instances that have it, and in which option.
    pub(super) holders: Vec<(usize, &'s str)>,
    /// What it is made of, where that is known.
    pub(super) composed: Option<Vec<Piece>>,
}

/// The secrets of a manifest; equal values are one.
#[derive(Default)]
pub(super) struct Secrets<'s> {
    pub(super) all: Vec<Secret<'s>>,
    by_value: HashMap<&'s str, usize>,
    taken: BTreeSet<String>,
}

impl<'s> Secrets<'s> {
    /// The secrets that options hold as a whole; first those that others may be made of, and called
    /// after what keeps data, which is where a password is at home.
    pub(super) fn held(subjects: &[Subject], fates: &[Vec<Fate<'s>>], keys: &[String]) -> Self {
        let mut homes_first: Vec<usize> = (0..fates.len()).collect();
        homes_first.sort_by_key(|of| !subjects[*of].service.keeps_data);
        let mut secrets = Self::default();
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

    /// The secret of this value, made where there is none yet, which an instance has in an option.
    pub(super) fn take(
        &mut self,
        value: Option<&'s str>,
        holder: (usize, &'s str),
        instance_key: &str,
    ) -> usize {
        if let Some(at) = value.and_then(|value| self.by_value.get(value)) {
            let holders = &mut self.all[*at].holders;
            if !holders.contains(&holder) {
                holders.push(holder);
            }
            return *at;
        }
        let at = self.all.len();
        self.by_value.extend(value.map(|value| (value, at)));
        self.all.push(Secret {
            key: secret_key(instance_key, holder.1, &mut self.taken),
            value,
            holders: vec![holder],
            composed: None,
        });
        at
    }

    /// A URL with a known secret for its password, cut into what stands before the `@`, with
    /// references to secrets in it, and the rest; nothing for any other text.
    pub(super) fn cut<'t>(&self, url: &'t str) -> Option<(Vec<Piece>, &'t str)> {
        let users = user_parts(url);
        let [range] = users.as_slice() else {
            return None;
        };
        let (user, password) = url[range.clone()].split_once(':')?;
        let rest = &url[range.end..];
        if asks_with_a_secret(rest) {
            return None;
        }
        let mut pieces = Vec::new();
        push_text(&mut pieces, &url[..range.start]);
        match self.escaped(user) {
            Some(at) => pieces.push(Piece::Secret(at)),
            None => push_text(&mut pieces, user),
        }
        push_text(&mut pieces, ":");
        pieces.push(Piece::Secret(self.escaped(password)?));
        Some((pieces, rest))
    }

    /// The secret that stands escaped in the user part of a URL.
    fn escaped(&self, part: &str) -> Option<usize> {
        let mut ingredients = self.ingredients();
        let (at, _) = ingredients.find(|(_, value)| escape(value).as_str() == part)?;
        Some(at)
    }

    /// A text with references for the secrets that it holds as they are.
    pub(super) fn put_into(&self, text: &str) -> Vec<Piece> {
        let mut longest: Vec<(usize, &str)> = self.ingredients().collect();
        longest.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        let is_held = |at: usize, value: &str| match value.len() < SHORTEST {
            true => text == value,
            false => text[at..].starts_with(value),
        };
        let mut pieces = Vec::new();
        let (mut at, mut done) = (0, 0);
        while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
            match longest.iter().find(|(_, value)| is_held(at, value)) {
                Some((secret, value)) => {
                    push_text(&mut pieces, &text[done..at]);
                    pieces.push(Piece::Secret(*secret));
                    at += value.len();
                    done = at;
                }
                None => at += next.len_utf8(),
            }
        }
        push_text(&mut pieces, &text[done..]);
        pieces
    }

    /// The secrets that others may be made of.
    fn ingredients(&self) -> impl Iterator<Item = (usize, &'s str)> {
        let all = self.all.iter().enumerate();
        let known = all.filter_map(|(at, secret)| Some((at, secret.value?)));
        known.filter(|(_, value)| !value.is_empty() && !holds_url_with_user(value))
    }
}

/// Whether the query of a URL has a parameter that is a secret by its name.
fn asks_with_a_secret(url: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut names = query
        .split(['&', ';', '#'])
        .filter_map(|pair| Some(pair.split_once('=')?.0));
    names.any(name_is_sensitive)
}

/// Whether a live value is to be a secret of the manifest as a whole.
pub(super) fn is_secret(spec: &OptionSpec, value: &OptionValue) -> bool {
    value.is_sensitive()
        && spec.kind != OptionKind::Boolean
        && secret_reference(value.expose()).is_none()
}
