use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::dangling::Dangling;
use super::draft::{self, Draft, Drafts};
use super::facts::InstanceFacts;
use super::secrets::secret_variables;
use super::settle::Settler;
use super::{
    Desired, DesiredInstance, Inputs, Scope, cycle, desired, fixed, graph, name, outputs, ready,
    variables,
};
use crate::catalog::Catalog;
use crate::manifest::Manifest;
use crate::model::{Diagnostic, Diagnostics, Sources};

/// Fills in everything that can be known without reading the workspace.
///
/// Returns nothing when any finding is an error; all of them are in `found`.
pub fn resolve(
    manifest: &Manifest,
    inputs: &Inputs,
    catalog: &Catalog,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Desired> {
    let drafts: Vec<Draft<'_>> = manifest
        .instances
        .iter()
        .map(|(key, written)| draft::draft(key, written, catalog, sources, found))
        .collect();
    let by_key: Drafts<'_> = drafts.iter().map(|draft| (draft.key, draft)).collect();
    let outputs = outputs::drafts(manifest, sources, found);
    let stack = name::stack_formula(manifest, sources, found);

    let dangling = Dangling {
        manifest,
        drafts: &by_key,
        sources,
    };
    for draft in &drafts {
        dangling.report_draft(draft, found);
        ready::check(draft, found);
    }
    for output in &outputs {
        dangling.report(&output.formula, found);
    }
    if let Some(stack) = &stack {
        dangling.report_variables(stack, found);
    }

    let mut scope = scope(manifest, inputs, found);
    let formulas = outputs.iter().map(|output| &output.formula);
    let secrets = secret_variables(&drafts, formulas, scope.variables.iter());
    scope.secrets = Arc::new(secrets);
    scope.stack = stack.and_then(|formula| name::stack(&formula, &scope, sources, found));
    settle_names(&drafts, &mut scope, sources, found);
    let order = order(&drafts, &by_key, &scope, found);
    let instances = settle_instances(&by_key, &order, &mut scope, sources, found);
    let outputs = outputs::settle(outputs, &scope, sources, found);
    if found.has_errors() {
        return None;
    }
    Some(Desired {
        stack: scope.stack.clone()?,
        environment: inputs.environment.clone(),
        workspace: manifest.workspace.as_ref().map(|guard| guard.value.clone()),
        instances,
        outputs,
        secrets: Default::default(),
        removed: Default::default(),
        prune: true,
        scope,
    })
}

fn scope(manifest: &Manifest, inputs: &Inputs, found: &mut Diagnostics) -> Scope {
    let guard = || manifest.workspace.as_ref().map(|guard| guard.value.clone());
    Scope {
        variables: Arc::new(variables::values(manifest, inputs, found)),
        workspace: inputs.workspace.clone().or_else(guard),
        environment: inputs.environment.clone(),
        ..Scope::default()
    }
}

/// Makes every instance known to the scope: whether it is wanted, its name, its service.
fn settle_names(
    drafts: &[Draft<'_>],
    scope: &mut Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) {
    let mut taken: HashMap<(&str, String), &Draft<'_>> = HashMap::new();
    for draft in drafts {
        let wanted = fixed::is_wanted(draft, scope, sources, found);
        let name = wanted
            .then(|| name::instance(draft, scope, sources, found))
            .flatten();
        let service = draft.service.as_ref().map(|it| it.id.as_str());
        if let (Some(name), Some(service)) = (&name, service)
            && let Some(first) = taken.insert((service, name.clone()), draft)
        {
            found.push(taken_name(draft, first, service, name));
        }
        let facts = InstanceFacts::new(!wanted, name, service.unwrap_or_default());
        scope
            .instances
            .insert(draft.key.to_owned(), Arc::new(facts));
    }
}

fn taken_name(draft: &Draft<'_>, first: &Draft<'_>, service: &str, name: &str) -> Diagnostic {
    let place = |draft: &Draft<'_>| {
        let formula = draft.name.as_ref();
        formula.map_or(draft.written.span, |formula| formula.span())
    };
    Diagnostic::error(
        place(draft),
        format!("two instances are {service} `{name}`"),
    )
    .related(place(first), format!("`{}` is the other one", first.key))
}

/// The keys of the instances that are wanted, each after what it depends on. Those of a cycle
/// come last, so that what else is wrong with them is found as well.
fn order<'d>(
    drafts: &'d [Draft<'_>],
    by_key: &Drafts<'_>,
    scope: &Scope,
    found: &mut Diagnostics,
) -> Vec<&'d str> {
    let wanted = drafts
        .iter()
        .filter(|draft| !scope.is_left_out(draft.key))
        .map(|draft| (draft.key, &draft.edges))
        .collect();
    let graph::Order {
        mut sorted,
        cycles,
        waiting,
    } = graph::order(&wanted);
    for cycle in cycles {
        found.push(cycle::finding(&cycle, by_key));
    }
    sorted.extend(waiting);
    sorted
}

fn settle_instances(
    drafts: &Drafts<'_>,
    order: &[&str],
    scope: &mut Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> IndexMap<String, DesiredInstance> {
    let mut settled = IndexMap::with_capacity(order.len());
    let mut settler = Settler {
        scope,
        sources,
        found,
        total: 0,
    };
    for key in order {
        let Some(draft) = drafts.get(key) else {
            continue;
        };
        let Some(service) = &draft.service else {
            continue;
        };
        let options = settler.settle(draft, service);
        if let Some(instance) = desired::instance(draft, service, options, settler.scope) {
            settled.insert((*key).to_owned(), instance);
        }
    }
    settled
}
