use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::graph;
use super::instances::{self, Draft, Drafts, check_references, instance_key};
use super::scope::InstanceFacts;
use super::{Desired, DesiredOutput, Formula, Inputs, Scope, Value, variables};
use crate::catalog::Catalog;
use crate::manifest::{Manifest, Node, NodeKind};
use crate::model::{Diagnostic, Diagnostics, Sources, nearest};

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
    let mut scope = Scope {
        variables: variables::values(manifest, inputs, found),
        workspace: inputs
            .workspace
            .clone()
            .or_else(|| manifest.workspace.as_ref().map(|guard| guard.value.clone())),
        environment: inputs.environment.clone(),
        ..Scope::default()
    };
    scope.stack = stack(manifest, &scope, sources, found);
    let drafts: Vec<Draft<'_>> = manifest
        .instances
        .iter()
        .map(|(key, written)| instances::draft(key, written, catalog, sources, found))
        .collect();
    scope.secret_variables = secret_variables(&drafts);
    let by_key: Drafts<'_> = drafts.iter().map(|draft| (draft.key, draft)).collect();
    check_all_references(manifest, &by_key, sources, found);
    let names = settle_names(&drafts, &mut scope, found);
    let order = order(&drafts, &by_key, &scope, found);
    let instances = settle_instances(&by_key, &names, &order, &mut scope, sources, found);
    let outputs = outputs(manifest, &by_key, &scope, sources, found);
    if found.has_errors() {
        return None;
    }
    Some(Desired {
        stack: scope.stack.clone().unwrap_or_default(),
        environment: inputs.environment.clone(),
        workspace: manifest.workspace.as_ref().map(|guard| guard.value.clone()),
        left_out: left_out(&drafts, &scope),
        instances,
        outputs,
        scope,
    })
}

/// The names of the variables a manifest declares, for the flags that set them.
pub fn variable_names(manifest: &Manifest) -> impl Iterator<Item = &str> {
    manifest.variables.keys().map(String::as_str)
}

fn stack(
    manifest: &Manifest,
    scope: &Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<String> {
    let written = &manifest.stack;
    if written.value.is_empty() && sources.text(written.span).is_empty() {
        return None;
    }
    let node = Node {
        span: written.span,
        kind: NodeKind::Text(written.value.clone()),
    };
    let formula = Formula::compile(&node, sources, found)?;
    let known: Vec<&str> = manifest.variables.keys().map(String::as_str).collect();
    check_references(&formula, &Drafts::new(), &known, sources, found);
    let literal = instances::fixed(&formula, "`stack`", scope, found)?;
    let name = literal.as_text().unwrap_or_default();
    let fits = name.len() <= 24
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c == '-' || c.is_ascii_lowercase() || c.is_ascii_digit());
    if !fits {
        let message = format!("`{name}` cannot be the name of a stack");
        let help = "1 to 24 lower-case letters, digits and `-`, beginning with a letter";
        found.push(Diagnostic::error(written.span, message).help(help));
    }
    fits.then(|| name.to_owned())
}

/// Variables that are, as they are, the value of a sensitive option.
fn secret_variables(drafts: &[Draft<'_>]) -> HashSet<String> {
    drafts
        .iter()
        .filter_map(|draft| Some((draft, draft.service.as_ref()?)))
        .flat_map(|(draft, service)| {
            draft
                .options
                .iter()
                .filter(|option| service.is_sensitive(&option.name))
        })
        .filter_map(|option| option.formula.as_ref()?.sole_variable().map(str::to_owned))
        .collect()
}

fn check_all_references(
    manifest: &Manifest,
    drafts: &Drafts<'_>,
    sources: &Sources,
    found: &mut Diagnostics,
) {
    let variables: Vec<&str> = manifest.variables.keys().map(String::as_str).collect();
    for key in manifest.instances.keys() {
        let Some(draft) = drafts.get(key.as_str()) else {
            continue;
        };
        let options = draft
            .options
            .iter()
            .filter_map(|option| option.formula.as_ref());
        for formula in options.chain(&draft.when).chain([&draft.name]) {
            check_references(formula, drafts, &variables, sources, found);
        }
        for target in &draft.written.depends_on {
            let key = instance_key(&target.value);
            if !drafts.contains_key(key) {
                let near = nearest(key, drafts.keys().copied());
                found.push(
                    Diagnostic::error(target.span, format!("there is no instance `{key}`"))
                        .did_you_mean(near, "write `instances.KEY`"),
                );
            }
        }
    }
}

/// Makes every instance known to the scope: whether it is wanted, its name, its service.
fn settle_names(
    drafts: &[Draft<'_>],
    scope: &mut Scope,
    found: &mut Diagnostics,
) -> HashMap<String, String> {
    let mut names = HashMap::new();
    let mut taken: HashMap<(String, String), &Draft<'_>> = HashMap::new();
    for draft in drafts {
        let wanted = instances::is_wanted(draft, scope, found);
        let name = wanted
            .then(|| instances::name(draft, scope, found))
            .flatten();
        let service = draft
            .service
            .as_ref()
            .map(|it| it.id.clone())
            .unwrap_or_default();
        if let Some(name) = &name {
            names.insert(draft.key.to_owned(), name.clone());
            if let Some(first) = taken.insert((service.clone(), name.clone()), draft)
                && !service.is_empty()
            {
                let message = format!("two instances are {service} `{name}`");
                found.push(
                    Diagnostic::error(draft.name.span(), message)
                        .related(first.name.span(), "the other one"),
                );
            }
        }
        let facts = InstanceFacts {
            left_out: !wanted,
            name,
            service,
            ..InstanceFacts::default()
        };
        scope
            .instances
            .insert(draft.key.to_owned(), Arc::new(facts));
    }
    names
}

fn order(
    drafts: &[Draft<'_>],
    by_key: &Drafts<'_>,
    scope: &Scope,
    found: &mut Diagnostics,
) -> Vec<String> {
    let edges = drafts
        .iter()
        .filter(|draft| {
            !scope
                .instances
                .get(draft.key)
                .is_some_and(|facts| facts.left_out)
        })
        .map(|draft| (draft.key, &draft.edges))
        .collect();
    let (order, cycles) = graph::order(&edges);
    for cycle in cycles {
        found.push(cycle_finding(&cycle, by_key));
    }
    order
}

fn cycle_finding(cycle: &[String], drafts: &Drafts<'_>) -> Diagnostic {
    let draft = |key: &str| drafts.get(key);
    let steps = || cycle.iter().zip(cycle.iter().cycle().skip(1));
    let whole = cycle
        .iter()
        .chain(cycle.first())
        .map(String::as_str)
        .collect::<Vec<_>>();
    let message = format!("these instances wait for each other: {}", whole.join(" → "));
    let mut finding = Diagnostic::error(
        cycle
            .first()
            .and_then(|key| draft(key))
            .map(|it| it.written.span)
            .unwrap_or_default(),
        message,
    )
    .help("take one of the references or `depends_on` entries away");
    for (key, next) in steps() {
        let Some(from) = draft(key) else { continue };
        let why = from.edges.get(next).map(String::as_str).unwrap_or_default();
        let label = match why {
            "depends_on" => format!("`{key}` names `{next}` in `depends_on`"),
            option => format!("`{key}` needs `{next}` for `{option}`"),
        };
        finding = finding.related(edge_span(from, next, why), label);
    }
    finding
}

/// The place that makes one instance depend on another.
fn edge_span(from: &Draft<'_>, to: &str, why: &str) -> crate::model::Span {
    let listed = from
        .written
        .depends_on
        .iter()
        .find(|it| instance_key(&it.value) == to);
    let option = from.options.iter().find(|option| option.name == why);
    match (
        why,
        listed,
        option.and_then(|option| option.formula.as_ref()),
    ) {
        ("depends_on", Some(entry), _) => entry.span,
        (_, _, Some(formula)) => formula.span(),
        _ => from.written.span,
    }
}

fn settle_instances(
    drafts: &Drafts<'_>,
    names: &HashMap<String, String>,
    order: &[String],
    scope: &mut Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> IndexMap<String, super::DesiredInstance> {
    let mut settled = IndexMap::with_capacity(order.len());
    for key in order {
        let Some(draft) = drafts.get(key.as_str()) else {
            continue;
        };
        let Some(service) = &draft.service else {
            continue;
        };
        let options = instances::settle(draft, service, scope, sources, found);
        if let Some(name) = names.get(key) {
            let instance = instances::finish(draft, service.clone(), name.clone(), options);
            settled.insert(key.clone(), instance);
        }
    }
    settled
}

fn outputs(
    manifest: &Manifest,
    drafts: &Drafts<'_>,
    scope: &Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> IndexMap<String, DesiredOutput> {
    let variables: Vec<&str> = manifest.variables.keys().map(String::as_str).collect();
    let mut outputs = IndexMap::new();
    for (name, output) in &manifest.outputs {
        let Some(formula) = Formula::compile(&output.value, sources, found) else {
            continue;
        };
        check_references(&formula, drafts, &variables, sources, found);
        if scope.mentions_secret(formula.references()) && !output.sensitive {
            let message = format!("the output `{name}` would print a secret");
            let help = "write it as a mapping with `value:` and `sensitive: true`";
            found.push(Diagnostic::error(formula.span(), message).help(help));
        }
        if let Err(error) = formula.evaluate(scope) {
            found.push(error.diagnostic(sources));
        } else if let Ok(Value::Known(literal)) = formula.evaluate(scope)
            && literal.as_text().is_none()
        {
            let message = format!("an output must be text, this is {}", literal.word());
            found.push(Diagnostic::error(formula.span(), message));
        }
        outputs.insert(
            name.clone(),
            DesiredOutput {
                formula,
                sensitive: output.sensitive,
            },
        );
    }
    outputs
}

fn left_out(drafts: &[Draft<'_>], scope: &Scope) -> Vec<String> {
    drafts
        .iter()
        .filter(|draft| {
            scope
                .instances
                .get(draft.key)
                .is_some_and(|facts| facts.left_out)
        })
        .map(|draft| draft.key.to_owned())
        .collect()
}
