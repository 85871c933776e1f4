use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::composed::{Composed, Connections};
use super::dangling::Dangling;
use super::draft::{self, Draft, Drafts};
use super::facts::InstanceFacts;
use super::secret_variables::secret_variables;
use super::secrets::DraftSecret;
use super::settle::Settler;
use super::{
    Desired, DesiredInstance, DesiredSecret, Formula, Inputs, Scope, cycle, desired, fixed, graph,
    name, outputs, plain_secret, ready, removed, secrets, variables,
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
    let secrets = secrets::drafts(manifest, sources, found);
    let mut connections = Connections::new();
    let composed = Composed::new(&secrets, &mut connections, sources, found);
    let mut drafts: Vec<Draft<'_>> = Vec::with_capacity(manifest.instances.len());
    for (key, written) in &manifest.instances {
        let tied = (&composed, &mut connections);
        drafts.push(draft::draft(key, written, catalog, tied, sources, found));
    }
    connections.report(&secrets, found);
    let by_key: Drafts<'_> = drafts.iter().map(|draft| (draft.key, draft)).collect();
    let outputs = outputs::drafts(manifest, sources, found);
    let removed = removed::drafts(manifest, catalog, sources, found);
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
    for (secret, formula) in formulas_of(&secrets) {
        dangling.report(formula, found);
        if let Some(warning) = plain_secret::in_secret(secret, formula) {
            found.push(warning);
        }
    }
    for fixed in stack
        .iter()
        .chain(removed.iter().filter_map(|it| it.name.as_ref()))
    {
        dangling.report_variables(fixed, found);
    }

    let mut scope = scope(manifest, inputs, found);
    scope.secret_variables = Arc::new(secret_variables(
        &drafts,
        formulas_of(&secrets).map(|(_, formula)| formula),
        outputs.iter().map(|output| &output.formula),
        scope.variables.iter(),
    ));
    scope.stack = match &inputs.stack {
        Some(name) => name::given_stack(name, found),
        None => stack.and_then(|formula| name::stack(&formula, &scope, sources, found)),
    };
    settle_names(&drafts, &mut scope, sources, found);
    scope.compose(composed);
    let secrets = secrets::settle(secrets, inputs, &mut scope);
    let order = order(&drafts, &by_key, &scope, found);
    let instances = settle_instances(&by_key, &order, &secrets, &mut scope, sources, found);
    let removed = removed::settle(&removed, &instances, &scope, sources, found);
    let outputs = outputs::settle(outputs, &scope, sources, found);
    secrets::report_failures(&secrets, &instances, &outputs, &scope, sources, found);
    if found.has_errors() {
        return None;
    }
    Some(Desired {
        stack: scope.stack.clone()?,
        environment: inputs.environment.clone(),
        workspace: manifest.workspace.as_ref().map(|guard| guard.value.clone()),
        instances,
        secrets,
        removed,
        prune: manifest.prune.is_none(),
        outputs,
        scope,
    })
}

/// The names and formulas of the secrets that have one.
fn formulas_of<'s>(secrets: &'s [DraftSecret<'_>]) -> impl Iterator<Item = (&'s str, &'s Formula)> {
    let secrets = secrets.iter();
    secrets.filter_map(|secret| Some((secret.name, secret.formula.as_ref()?)))
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
    secrets: &IndexMap<String, DesiredSecret>,
    scope: &mut Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> IndexMap<String, DesiredInstance> {
    let mut settled = IndexMap::with_capacity(order.len());
    let mut settler = Settler {
        scope,
        secrets,
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
