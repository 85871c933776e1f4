use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::secrets::DraftSecret;
use super::{Formula, Reference, cycle, graph};
use crate::model::{Diagnostic, Diagnostics, Sources};

/// How many things all secrets together may be made of, each counted wherever it is used: a few
/// secrets that are made of each other can tie everything to everything.
const MAX_CONNECTIONS: usize = 1_000_000;

/// The secrets that are made of others, or of what an instance is: those with `value:`.
#[derive(Default)]
pub(super) struct Composed {
    /// Each after those that it is made of. One that is made of itself is not among them.
    order: Vec<(String, Formula)>,
    ingredients: HashMap<String, Ingredients>,
    users: HashMap<Reference, Vec<usize>>,
}

/// What a secret is made of, through others.
#[derive(Default)]
struct Ingredients {
    secrets: BTreeSet<String>,
    instances: BTreeSet<Reference>,
}

/// How many more things may be tied together.
pub(super) struct Connections {
    left: usize,
    was_enough: bool,
}

impl Connections {
    pub(super) fn new() -> Self {
        Self {
            left: MAX_CONNECTIONS,
            was_enough: true,
        }
    }

    /// Whether there are as many left; takes them away.
    pub(super) fn take(&mut self, count: usize) -> bool {
        let enough = count <= self.left;
        self.left = self.left.saturating_sub(count);
        self.was_enough &= enough;
        enough
    }

    pub(super) fn report(&self, secrets: &[DraftSecret<'_>], found: &mut Diagnostics) {
        if let Some(first) = secrets.first().filter(|_| !self.was_enough) {
            let message = format!(
                "the secrets tie more than {MAX_CONNECTIONS} things together, which is too much"
            );
            found.push(Diagnostic::error(first.written.span, message));
        }
    }
}

impl Composed {
    /// Puts the secrets in order; those that are made of themselves are reported.
    pub(super) fn new(
        secrets: &[DraftSecret<'_>],
        connections: &mut Connections,
        sources: &Sources,
        found: &mut Diagnostics,
    ) -> Self {
        let formulas: HashMap<&str, &Formula> = secrets
            .iter()
            .filter_map(|secret| Some((secret.name, secret.formula.as_ref()?)))
            .collect();
        let edges: Vec<(&str, BTreeMap<String, String>)> = secrets
            .iter()
            .filter_map(|secret| Some((secret.name, secret.formula.as_ref()?)))
            .map(|(name, formula)| (name, mentioned(formula)))
            .collect();
        let edges = edges.iter().map(|(name, needs)| (*name, needs)).collect();
        let graph::Order { sorted, cycles, .. } = graph::order(&edges);
        for cycle in &cycles {
            found.push(cycle::of_secrets(cycle, &formulas, sources));
        }
        let mut composed = Self::default();
        for name in sorted {
            if let Some(formula) = formulas.get(name) {
                composed.add(name, formula, connections);
            }
        }
        composed
    }

    fn add(&mut self, name: &str, formula: &Formula, connections: &mut Connections) {
        let mut ingredients = Ingredients::default();
        for reference in formula.references() {
            match reference {
                Reference::Secret(other) => {
                    ingredients.secrets.insert(other.clone());
                    let Some(behind) = self.ingredients.get(other) else {
                        continue;
                    };
                    if connections.take(behind.secrets.len() + behind.instances.len()) {
                        ingredients.secrets.extend(behind.secrets.iter().cloned());
                        let instances = behind.instances.iter().cloned();
                        ingredients.instances.extend(instances);
                    }
                }
                Reference::Instance(..) => {
                    ingredients.instances.insert(reference.clone());
                }
                _ => {}
            }
        }
        let distinct: BTreeSet<&Reference> = formula.references().collect();
        for reference in distinct {
            let users = self.users.entry(reference.clone()).or_default();
            users.push(self.order.len());
        }
        self.order.push((name.to_owned(), formula.clone()));
        self.ingredients.insert(name.to_owned(), ingredients);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// The name and formula at a place of the order.
    pub(super) fn get(&self, at: usize) -> Option<&(String, Formula)> {
        self.order.get(at)
    }

    /// The places of those that are made of what a reference answers, without going through
    /// others.
    pub(super) fn users(&self, reference: &Reference) -> &[usize] {
        self.users.get(reference).map_or(&[], Vec::as_slice)
    }

    /// The other secrets that a secret is made of.
    pub(super) fn secrets(&self, name: &str) -> impl Iterator<Item = &str> {
        let ingredients = self.ingredients.get(name).into_iter();
        ingredients.flat_map(|it| it.secrets.iter().map(String::as_str))
    }

    /// What a secret is made of that belongs to instances.
    pub(super) fn instances(&self, name: &str) -> impl ExactSizeIterator<Item = &Reference> {
        static NONE: BTreeSet<Reference> = BTreeSet::new();
        let ingredients = self.ingredients.get(name);
        ingredients.map_or(&NONE, |it| &it.instances).iter()
    }
}

/// The secrets in a formula, as edges of a graph.
fn mentioned(formula: &Formula) -> BTreeMap<String, String> {
    let secrets = formula
        .references()
        .filter_map(|reference| match reference {
            Reference::Secret(name) => Some((name.clone(), String::new())),
            _ => None,
        });
    secrets.collect()
}
