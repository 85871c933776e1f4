use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::options::{self, Written};
use super::{
    Attribute, DesiredInstance, Formula, Literal, OptionSetting, Origin, Reference, Scope, Setting,
    Value, check, formula,
};
use crate::catalog::{Catalog, OptionSpec, Service, ServiceKind};
use crate::manifest::{Instance, Node, NodeKind, Spanned};
use crate::model::{Address, Diagnostic, Diagnostics, Level, Sources, Span};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);
/// The longest name the platform keeps (API notes 6.9).
const MAX_NAME: usize = 20;
/// The longest `{tenant}-{service}-{name}`: it becomes a DNS label (API notes 6.9).
const MAX_LABEL: usize = 63;

/// An instance whose formulas are compiled and not yet evaluated.
pub(super) struct Draft<'m> {
    pub(super) key: &'m str,
    pub(super) written: &'m Instance,
    pub(super) service: Option<Arc<Service>>,
    pub(super) when: Option<Formula>,
    pub(super) name: Formula,
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
    sources: &Sources,
    found: &mut Diagnostics,
) -> Draft<'m> {
    let service = written
        .service
        .as_ref()
        .and_then(|id| find_service(id, catalog, found));
    let options = match (&written.options, &service) {
        (Some(node), Some(service)) => options::written(node, service, found),
        _ => Vec::new(),
    };
    let options: Vec<_> = options
        .into_iter()
        .map(|Written { name, value, .. }| {
            let formula = Formula::compile(value, sources, found);
            DraftOption { name, formula }
        })
        .collect();
    let name = written.name.as_ref().and_then(|name| {
        let node = Node {
            span: name.span,
            kind: NodeKind::Text(name.value.clone()),
        };
        Formula::compile(&node, sources, found)
    });
    let mut draft = Draft {
        key,
        written,
        service,
        when: written
            .when
            .as_ref()
            .and_then(|node| Formula::compile(node, sources, found)),
        name: name.unwrap_or_else(|| Formula::literal(Literal::Text(key.to_owned()), written.span)),
        options,
        edges: BTreeMap::new(),
    };
    draft.edges = edges(&draft);
    draft
}

fn find_service(
    id: &Spanned<String>,
    catalog: &Catalog,
    found: &mut Diagnostics,
) -> Option<Arc<Service>> {
    let Some(service) = catalog.service(&id.value) else {
        let message = format!("there is no service `{}` in the catalog", id.value);
        let help = "a service id is the organisation and repository: `valkey-io-valkey`";
        found.push(
            Diagnostic::error(id.span, message).did_you_mean(catalog.nearest(&id.value), help),
        );
        return None;
    };
    if service.kind == ServiceKind::Job {
        let message = format!("`{}` makes jobs, which this version cannot run", id.value);
        found.push(Diagnostic::error(id.span, message));
        return None;
    }
    Some(service.clone())
}

fn edges(draft: &Draft<'_>) -> BTreeMap<String, String> {
    let mut edges: BTreeMap<String, String> = draft
        .written
        .depends_on
        .iter()
        .map(|target| {
            (
                instance_key(&target.value).to_owned(),
                "depends_on".to_owned(),
            )
        })
        .collect();
    for option in &draft.options {
        let references = option.formula.iter().flat_map(Formula::references);
        for reference in references {
            if let Reference::Instance(key, _) = reference {
                edges.insert(key.clone(), option.name.clone());
            }
        }
    }
    edges
}

/// The key in a `depends_on` entry, with or without `instances.` before it.
pub(super) fn instance_key(target: &str) -> &str {
    target.strip_prefix("instances.").unwrap_or(target)
}

/// The name of the instance in the workspace, checked against the platform's limits.
pub(super) fn name(draft: &Draft<'_>, scope: &Scope, found: &mut Diagnostics) -> Option<String> {
    let span = draft.name.span();
    let name = fixed(&draft.name, "`name`", scope, found)?;
    let name = name.as_text().unwrap_or_default().to_owned();
    let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(usable) {
        let fitting: String = name
            .to_lowercase()
            .chars()
            .filter(|c| usable(*c))
            .take(MAX_NAME)
            .collect();
        let message = format!("`{name}` cannot be the name of an instance");
        let rule = format!("names are 1 to {MAX_NAME} lower-case letters and digits");
        let help = match (fitting.is_empty(), draft.written.name.is_some()) {
            (true, _) => rule,
            (false, true) => format!("{rule}: `{fitting}` would do"),
            (false, false) => format!("{rule}; the key is the default: add `name: {fitting}`"),
        };
        found.push(Diagnostic::error(span, message).help(help));
        return None;
    }
    if let (Some(workspace), Some(service)) = (&scope.workspace, &draft.service) {
        let length = workspace.len() + service.id.len() + name.len() + 2;
        if length > MAX_LABEL {
            let message = format!(
                "`{workspace}-{}-{name}` is {length} characters long, the platform allows \
                 {MAX_LABEL}",
                service.id
            );
            found.push(Diagnostic::error(span, message).help("shorten the name"));
            return None;
        }
    }
    Some(name)
}

/// Whether `when` keeps the instance in.
pub(super) fn is_wanted(draft: &Draft<'_>, scope: &Scope, found: &mut Diagnostics) -> bool {
    let Some(when) = &draft.when else { return true };
    match fixed(when, "`when`", scope, found) {
        Some(Literal::Boolean(wanted)) => wanted,
        Some(other) => {
            let message = format!("`when` must be true or false, this is {}", other.word());
            found.push(Diagnostic::error(when.span(), message));
            true
        }
        None => true,
    }
}

/// The value of something that must be known before anything is read.
pub(super) fn fixed(
    formula: &Formula,
    what: &str,
    scope: &Scope,
    found: &mut Diagnostics,
) -> Option<Literal> {
    if formula
        .references()
        .any(|reference| matches!(reference, Reference::Instance(..)))
    {
        let message = format!("{what} cannot depend on an instance");
        let help = "it is needed before anything is read: use variables";
        found.push(Diagnostic::error(formula.span(), message).help(help));
        return None;
    }
    match formula.evaluate(scope) {
        Ok(Value::Known(literal)) => Some(literal),
        Ok(Value::Unknown) => {
            let needs_workspace = formula
                .references()
                .any(|reference| *reference == Reference::Workspace);
            if needs_workspace && scope.workspace.is_none() {
                let message = format!("{what} needs the workspace, and nobody is signed in");
                let help = "add `workspace: NAME` to the manifest";
                found.push(Diagnostic::error(formula.span(), message).help(help));
            }
            None
        }
        Err(error) => {
            found.push(Diagnostic::error(error.span, error.message));
            None
        }
    }
}

/// Evaluates and checks the options of an instance and makes their values known to others.
pub(super) fn settle(
    draft: &Draft<'_>,
    service: &Service,
    scope: &mut Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<OptionSetting> {
    let mut settings = Vec::new();
    for option in &draft.options {
        let Some(spec) = service.option(&option.name) else {
            continue;
        };
        let Some(formula) = &option.formula else {
            continue;
        };
        let sensitive = spec.sensitive || scope.mentions_secret(formula.references());
        if sensitive {
            scope.add_secret_option(draft.key, &option.name);
        }
        let Some(setting) = setting(spec, formula, sensitive, draft.key, scope, sources, found)
        else {
            continue;
        };
        settings.push(OptionSetting {
            name: option.name.clone(),
            setting,
            origin: Origin::Declared,
            sensitive,
            span: formula.span(),
        });
    }
    add_mandatory(draft, service, &mut settings, scope, found);
    settings
}

fn setting(
    spec: &OptionSpec,
    formula: &Formula,
    sensitive: bool,
    key: &str,
    scope: &mut Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Setting> {
    let literal = match formula.evaluate(scope) {
        Ok(Value::Known(literal)) => literal,
        Ok(Value::Unknown) => return Some(Setting::Deferred(formula.clone())),
        Err(error) => {
            found.push(error.diagnostic(sources));
            return None;
        }
    };
    if literal == Literal::Null {
        scope.set_option(key, &spec.name, None);
        if spec.mandatory {
            let message = format!("`{}` is mandatory and cannot be null", spec.name);
            found.push(Diagnostic::error(formula.span(), message));
            return None;
        }
        return Some(Setting::Unset);
    }
    match check(spec, &literal, sensitive, formula.span()) {
        Ok(value) => {
            scope.set_option(key, &spec.name, Some(literal));
            Some(Setting::Known(value))
        }
        Err(finding) => {
            found.push(*finding);
            None
        }
    }
}

/// Mandatory options the manifest does not name: the catalog's default, or a finding.
fn add_mandatory(
    draft: &Draft<'_>,
    service: &Service,
    settings: &mut Vec<OptionSetting>,
    scope: &mut Scope,
    found: &mut Diagnostics,
) {
    let named = |name: &str| draft.options.iter().any(|option| option.name == name);
    let mut missing = Vec::new();
    for spec in service
        .options
        .values()
        .filter(|spec| spec.mandatory && !named(&spec.name))
    {
        let Some(default) = &spec.default else {
            missing.push(spec.name.as_str());
            continue;
        };
        scope.set_option(draft.key, &spec.name, Some(Literal::Text(default.clone())));
        settings.push(OptionSetting {
            name: spec.name.clone(),
            setting: Setting::Known(crate::model::OptionValue::new(
                default.clone(),
                spec.sensitive,
            )),
            origin: Origin::CatalogDefault,
            sensitive: spec.sensitive,
            span: draft.written.span,
        });
    }
    if !missing.is_empty() && !draft.written.options_unreadable {
        let names = missing
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let plural = if missing.len() == 1 {
            "option is"
        } else {
            "options are"
        };
        let message = format!("{}: mandatory {plural} missing: {names}", service.id);
        let help = format!("add {names} to the `options` of `{}`", draft.key);
        found.push(Diagnostic::error(draft.written.span, message).help(help));
    }
}

/// Reports references to variables, instances and options that do not exist.
pub(super) fn check_references(
    formula: &Formula,
    drafts: &Drafts<'_>,
    variables: &[&str],
    sources: &Sources,
    found: &mut Diagnostics,
) {
    for reference in formula.references() {
        match reference {
            Reference::Variable(name) if !variables.contains(&name.as_str()) => {
                let at = formula::place(sources, formula.span(), &format!("variables.{name}"));
                let near = crate::model::nearest(name, variables.iter().copied());
                found.push(
                    Diagnostic::error(at, format!("there is no variable `{name}`"))
                        .did_you_mean(near, "declare it under `variables:`"),
                );
            }
            Reference::Instance(key, attribute) => {
                let at = formula::place(sources, formula.span(), &format!("instances.{key}"));
                check_instance_reference(key, attribute, at, drafts, found);
            }
            _ => {}
        }
    }
}

fn check_instance_reference(
    key: &str,
    attribute: &Attribute,
    at: Span,
    drafts: &Drafts<'_>,
    found: &mut Diagnostics,
) {
    let Some(draft) = drafts.get(key) else {
        let near = crate::model::nearest(key, drafts.keys().copied());
        found.push(
            Diagnostic::error(at, format!("there is no instance `{key}`"))
                .did_you_mean(near, "declare it under `instances:`"),
        );
        return;
    };
    let (Attribute::Option(option), Some(service)) = (attribute, &draft.service) else {
        return;
    };
    let mut declared = draft.options.iter().map(|option| option.name.as_str());
    let is_group = |name: &str| {
        draft
            .options
            .iter()
            .any(|o| o.name.starts_with(&format!("{name}.")))
    };
    let mandatory = service
        .option(option)
        .is_some_and(|spec| spec.default.is_some());
    if declared.any(|name| name == option) || is_group(option) || mandatory {
        return;
    }
    let message = format!("`{key}` does not say what its option `{option}` is");
    let near = crate::model::nearest(option, service.options.keys().map(String::as_str));
    found.push(match (service.option(option), near) {
        (None, Some(near)) => {
            Diagnostic::error(at, message).help(format!("did you mean `{near}`?"))
        }
        _ => Diagnostic::error(at, message).help(format!(
            "declare it in the `options` of `{key}` to refer to it"
        )),
    });
}

/// The finished instance.
pub(super) fn finish(
    draft: &Draft<'_>,
    service: Arc<Service>,
    name: String,
    options: Vec<OptionSetting>,
) -> DesiredInstance {
    let written = draft.written;
    let ready = written.ready.clone().unwrap_or_default();
    DesiredInstance {
        address: Address::instance(draft.key),
        keeps_data: service.keeps_data && written.data.is_none(),
        service,
        name,
        options,
        edges: draft.edges.clone(),
        ready: (
            ready.level.map_or(Level::Healthy, |level| level.value),
            ready
                .timeout
                .map_or(DEFAULT_TIMEOUT, |timeout| timeout.value),
        ),
        protect: written
            .protect
            .as_ref()
            .is_some_and(|protect| protect.value),
        span: written.span,
    }
}
