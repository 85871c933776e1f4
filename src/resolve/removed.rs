use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::draft::{compile_text, find_service};
use super::fixed::fixed;
use super::name::{fits, quoted, rule};
use super::{DesiredInstance, Formula, Literal, Removed, Scope};
use crate::catalog::{Catalog, Service};
use crate::manifest::{self, Manifest};
use crate::model::{Diagnostic, Diagnostics, Sources, Span};

/// What is to be removed, its name compiled.
pub(super) struct DraftRemoved<'m> {
    key: &'m str,
    written: &'m manifest::Removed,
    service: Option<Arc<Service>>,
    pub(super) name: Option<Formula>,
}

/// Finds the services and compiles the names; what is wrong is reported.
pub(super) fn drafts<'m>(
    manifest: &'m Manifest,
    catalog: &Catalog,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<DraftRemoved<'m>> {
    let removed = manifest.removed.iter();
    removed
        .map(|(key, written)| DraftRemoved {
            key,
            written,
            service: written
                .service
                .as_ref()
                .and_then(|id| find_service(id, catalog, found)),
            name: match &written.name {
                Some(name) => compile_text(name, sources, found),
                None => {
                    let by_default = Literal::Text(key.clone());
                    Some(Formula::literal(by_default, written.span))
                }
            },
        })
        .collect()
}

/// What is to be removed, by key. What is declared as well, or stands there twice, is reported.
pub(super) fn settle(
    drafts: &[DraftRemoved<'_>],
    instances: &IndexMap<String, DesiredInstance>,
    scope: &Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> IndexMap<String, Removed> {
    if drafts.is_empty() {
        return IndexMap::new();
    }
    let mut taken: HashMap<(String, String), (String, Span)> = HashMap::new();
    for instance in instances.values() {
        let place = (instance.address.to_string(), instance.span);
        taken.insert(identity(&instance.service, &instance.name), place);
    }
    let mut all = IndexMap::with_capacity(drafts.len());
    for draft in drafts {
        let name = name(draft, scope, sources, found);
        let (Some(service), Some(name)) = (&draft.service, name) else {
            continue;
        };
        let address = format!("removed.{}", draft.key);
        let place = (address, draft.written.span);
        if let Some((other, span)) = taken.insert(identity(service, &name), place) {
            let message = format!("{} `{name}` is `{other}` as well", service.id);
            let finding = Diagnostic::error(draft.written.span, message);
            let help = "take one of them away: what is declared cannot be removed";
            found.push(finding.help(help).related(span, "the other one"));
        }
        let removed = Removed {
            service: Arc::clone(service),
            name,
            discards_data: draft.written.data.is_some(),
            span: draft.written.span,
        };
        all.insert(draft.key.to_owned(), removed);
    }
    all
}

fn identity(service: &Service, name: &str) -> (String, String) {
    (service.id.clone(), name.to_owned())
}

fn name(
    draft: &DraftRemoved<'_>,
    scope: &Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<String> {
    let formula = draft.name.as_ref()?;
    let literal = fixed(formula, "`name`", scope, sources, found)?;
    let text = literal.as_text().unwrap_or_default();
    if fits(text) {
        return Some(text.to_owned());
    }
    let shown = quoted(text, formula, scope);
    let message = format!("{shown} cannot be the name of an instance");
    let help = match draft.written.name {
        Some(_) => rule(),
        None => format!("{}; the key is the default: add `name:`", rule()),
    };
    found.push(Diagnostic::error(formula.span(), message).help(help));
    None
}
