use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::composed::{Composed, Connections};
use super::options::{self, Written};
use super::{Attribute, Formula, Literal, Reference};
use crate::catalog::{Catalog, Service, ServiceKind};
use crate::manifest::{Instance, Node, NodeKind, Spanned};
use crate::model::{Diagnostic, Diagnostics, Sources, excerpt};

/// An instance whose formulas are compiled and not yet evaluated.
pub(super) struct Draft<'m> {
    pub(super) key: &'m str,
    pub(super) written: &'m Instance,
    pub(super) service: Option<Arc<Service>>,
    pub(super) when: Option<Formula>,
    /// Nothing where the written name did not compile.
    pub(super) name: Option<Formula>,
    pub(super) options: Vec<DraftOption>,
    pub(super) edges: BTreeMap<String, String>,
}

/// An option whose formula is compiled; one that did not compile has none.
pub(super) struct DraftOption {
    pub(super) name: String,
    pub(super) formula: Option<Formula>,
}

/// All drafts by key.
pub(super) type Drafts<'d> = HashMap<&'d str, &'d Draft<'d>>;

/// Compiles everything an instance says.
pub(super) fn draft<'m>(
    key: &'m str,
    written: &'m Instance,
    catalog: &Catalog,
    (composed, connections): (&Composed, &mut Connections),
    sources: &Sources,
    found: &mut Diagnostics,
) -> Draft<'m> {
    let service = written
        .service
        .as_ref()
        .and_then(|id| find_service(id, catalog, found));
    let mut draft = Draft {
        key,
        written,
        when: written
            .when
            .as_ref()
            .and_then(|node| Formula::compile(node, sources, found)),
        name: match &written.name {
            Some(name) => compile_text(name, sources, found),
            None => {
                let by_default = Literal::Text(key.to_owned());
                Some(Formula::literal(by_default, written.span))
            }
        },
        options: compile_options(written, service.as_deref(), sources, found),
        service,
        edges: BTreeMap::new(),
    };
    draft.edges = edges(&draft, composed, connections);
    draft
}

/// Compiles a text that the manifest's reader has taken out of its node.
pub(super) fn compile_text(
    text: &Spanned<String>,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Formula> {
    let node = Node {
        span: text.span,
        kind: NodeKind::Text(text.value.clone()),
    };
    Formula::compile(&node, sources, found)
}

/// The service of that id, if it makes instances; else that is reported.
pub(super) fn find_service(
    id: &Spanned<String>,
    catalog: &Catalog,
    found: &mut Diagnostics,
) -> Option<Arc<Service>> {
    match catalog.service(&id.value) {
        Some(service) if service.kind == ServiceKind::Instance => Some(service.clone()),
        other => {
            found.push_error(|| no_service(id, other.is_some(), catalog));
            None
        }
    }
}

fn no_service(id: &Spanned<String>, makes_jobs: bool, catalog: &Catalog) -> Diagnostic {
    if makes_jobs {
        let message = format!("`{}` makes jobs, which this version cannot run", id.value);
        return Diagnostic::error(id.span, message);
    }
    if id.value.contains("${") {
        let help = "it decides which options there are: write the id itself";
        return Diagnostic::error(id.span, "`service` cannot hold an expression").help(help);
    }
    let id_shown = excerpt(&id.value);
    let message = format!("there is no service `{id_shown}` in the catalog");
    let help = "a service id is the organisation and repository: `valkey-io-valkey`";
    Diagnostic::error(id.span, message).did_you_mean(catalog.nearest(&id.value), help)
}

/// Without a service there is nothing to hold the names of the options against, but what their
/// values say can still be wrong.
fn compile_options(
    written: &Instance,
    service: Option<&Service>,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<DraftOption> {
    let Some(node) = &written.options else {
        return Vec::new();
    };
    let options = match service {
        Some(service) => options::written(node, service, found),
        None => options::unchecked(node),
    };
    options
        .into_iter()
        .map(|Written { name, value, .. }| {
            let formula = Formula::compile(value, sources, found);
            DraftOption { name, formula }
        })
        .collect()
}

fn edges(
    draft: &Draft<'_>,
    composed: &Composed,
    connections: &mut Connections,
) -> BTreeMap<String, String> {
    let listed = draft.written.depends_on.iter();
    let mut edges: BTreeMap<String, String> = listed
        .map(|target| {
            let key = instance_key(&target.value).to_owned();
            (key, "depends_on".to_owned())
        })
        .collect();
    for option in &draft.options {
        for reference in option.formula.iter().flat_map(Formula::references) {
            match reference {
                Reference::Instance(..) => add_edge(&mut edges, draft.key, reference, option),
                Reference::Secret(name) => {
                    let behind = composed.instances(name);
                    if connections.take(behind.len()) {
                        behind.for_each(|it| add_edge(&mut edges, draft.key, it, option));
                    }
                }
                _ => {}
            }
        }
    }
    edges
}

fn add_edge(
    edges: &mut BTreeMap<String, String>,
    own: &str,
    reference: &Reference,
    option: &DraftOption,
) {
    match reference {
        // Its own name and service are known before it exists.
        Reference::Instance(key, Attribute::Name | Attribute::Service) if key == own => {}
        Reference::Instance(key, _) => {
            edges.insert(key.clone(), option.name.clone());
        }
        _ => {}
    }
}

/// The key in a `depends_on` entry, with or without `instances.` before it.
pub(super) fn instance_key(target: &str) -> &str {
    target.strip_prefix("instances.").unwrap_or(target)
}
