use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use wildmatch::WildMatch;

use crate::catalog::{Catalog, Service, ServiceKind};
use crate::cli::args::ImportArgs;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::new_file;
use crate::cli::platform::SignIn;
use crate::cli::settings::Settings;
use crate::cli::stack::DEFAULT_ENVIRONMENT;
use crate::cli::ui::Ui;
use crate::import::{self, Heading, Imported, Omitted, Subject};
use crate::live::{All, Existence, Existing, read_all};
use crate::model::OptionValue;
use crate::osc::ReadApi;
use crate::report::json::{ImportBody, OmittedRow};
use crate::report::{self, json};
use crate::resolve::is_stack_name;

/// The stack where neither a flag nor the workspace has a name for it.
const DEFAULT_STACK: &str = "imported";

/// The file that every command reads by itself.
const DEFAULT_FILE: &str = "osc.yaml";

pub(super) async fn run(
    args: &ImportArgs,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    let catalog = Catalog::bundled().map_err(|error| CliError::failed(error.to_string()))?;
    let services = services(&args.services, &catalog)?;
    let stack = settings.stack.as_deref().map(checked_stack).transpose()?;
    if let Some(file) = &args.out {
        new_file::check(file)?;
    }
    let environment = settings.environment.as_deref();
    let environment = environment.unwrap_or(DEFAULT_ENVIRONMENT);
    let sign_in = SignIn::find(settings, environment, None)?;
    sign_in.check_guard(settings)?;
    let workspace = sign_in.workspace.clone();
    let stack = stack.unwrap_or(match is_stack_name(&workspace) {
        true => &workspace,
        false => DEFAULT_STACK,
    });
    let platform = sign_in.connect().await?;
    let read = read(&platform.reads(), &catalog, &services, &args.names).await?;
    let heading = Heading {
        stack,
        workspace: &workspace,
        environment: Some(environment).filter(|it| *it != DEFAULT_ENVIRONMENT),
        file: args.out.as_deref().and_then(file_to_name),
    };
    let others: Vec<&OptionValue> = read.others.iter().flat_map(|it| it.values()).collect();
    let imported = import::manifest(heading, read.subjects, &others, read.omitted);
    if let Some(file) = &args.out {
        new_file::write(file, &imported.text)?;
    }
    show(&imported, args.out.as_deref(), ui);
    Ok(Exit::Done)
}

/// The services that flags name; all where they name none.
fn services(ids: &[String], catalog: &Catalog) -> Result<Vec<Arc<Service>>, CliError> {
    let found = ids.iter().map(|id| match catalog.service(id) {
        Some(service) if service.kind == ServiceKind::Instance => Ok(Arc::clone(service)),
        Some(_) => {
            let message = format!("{id} makes jobs, and a manifest declares instances");
            Err(CliError::usage(message))
        }
        None => {
            let message = format!("there is no service `{id}`");
            Err(match catalog.nearest(id) {
                Some(near) => CliError::usage_with(message, format!("did you mean `{near}`?")),
                None => CliError::usage(message),
            })
        }
    });
    found.collect()
}

fn checked_stack(name: &str) -> Result<&str, CliError> {
    if is_stack_name(name) {
        return Ok(name);
    }
    Err(CliError::usage_with(
        format!("`{name}` cannot be the name of a stack"),
        "1 to 24 lower-case letters, digits and `-`, beginning with a letter",
    ))
}

/// How commands name the manifest's file, where they have to.
fn file_to_name(file: &Path) -> Option<&str> {
    let is_simple = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    match file.to_str() {
        Some(DEFAULT_FILE) => None,
        Some(name) if name.chars().all(is_simple) && !name.starts_with('-') => Some(name),
        _ => Some("FILE"),
    }
}

/// What of the workspace is imported, and what is not.
struct Read {
    subjects: Vec<Subject>,
    /// The options of what is not.
    others: Vec<BTreeMap<String, OptionValue>>,
    omitted: Vec<Omitted>,
}

async fn read(
    reads: &ReadApi,
    catalog: &Catalog,
    services: &[Arc<Service>],
    names: &[String],
) -> Result<Read, CliError> {
    let globs: Vec<WildMatch> = names.iter().map(|glob| WildMatch::new(glob)).collect();
    let is_asked_for = |name: &str| globs.is_empty() || globs.iter().any(|it| it.matches(name));
    let mut all = read_all(reads, catalog, services).await?;
    let asked: Vec<usize> = (0..all.existing.len())
        .filter(|at| is_asked_for(all.existing[*at].name()))
        .collect();
    if asked.is_empty() {
        let filtered = !services.is_empty() || !names.is_empty();
        return Err(nothing(all, filtered));
    }
    let subjects: Vec<Subject> = asked.iter().map(|at| subject(&all.existing[*at])).collect();
    let wanted = asked.iter().zip(import::ports_wanted(&subjects));
    let wanted: Vec<usize> = wanted.filter(|(_, it)| *it).map(|(at, _)| *at).collect();
    all.read_ports(reads, &wanted).await?;
    let omitted = omitted(&all, is_asked_for);
    let mut asked_for = Vec::new();
    let mut others: Vec<_> = all.others.into_iter().map(|it| it.options).collect();
    for existing in all.existing {
        match is_asked_for(existing.name()) {
            true => asked_for.push(subject(&existing)),
            false => others.push(subject(&existing).options),
        }
    }
    Ok(Read {
        subjects: asked_for,
        others,
        omitted,
    })
}

/// Why there is nothing to import: what could not be read may hold something.
fn nothing(all: All, filtered: bool) -> CliError {
    if let Some((_, error)) = all.unreadable.into_iter().next() {
        return error.into();
    }
    match filtered {
        true => CliError::failed_with(
            "no instance matches",
            "without `--service` and `--name`, everything in the workspace is imported",
        ),
        false => CliError::failed("the workspace holds no instance that could be imported"),
    }
}

fn omitted(all: &All, is_asked_for: impl Fn(&str) -> bool) -> Vec<Omitted> {
    let unreadable = all.unreadable.iter().map(|(what, error)| Omitted {
        what: what.clone(),
        why: error.to_string(),
    });
    let unknown = all.unknown.iter().flat_map(|(service, names)| {
        let names = names.iter().filter(|name| is_asked_for(name));
        names.map(move |name| Omitted {
            what: format!("{service}/{name}"),
            why: "the catalog of this osc-apply does not know its service".to_owned(),
        })
    });
    unreadable.chain(unknown).collect()
}

fn subject(existing: &Existing) -> Subject {
    let service = existing.service.clone();
    match &existing.state {
        Existence::Running(found) => Subject {
            service,
            name: found.instance.name.clone(),
            options: found.instance.options.clone(),
            endpoint: found.endpoint.clone(),
            suspended: None,
        },
        Existence::Suspended(record) => Subject {
            service,
            name: record.name.clone(),
            options: record.options.clone(),
            endpoint: Default::default(),
            suspended: Some((**record).clone()),
        },
    }
}

fn show(imported: &Imported, file: Option<&Path>, ui: &mut Ui) {
    let (as_json, quiet) = (ui.json, ui.quiet);
    let file = file.map(|file| file.display().to_string());
    let omitted = imported.omitted.iter();
    let body = ImportBody {
        manifest: file.is_none().then_some(imported.text.as_str()),
        file: file.as_deref(),
        instances: &imported.addresses,
        variables: &imported.variables,
        omitted: omitted
            .map(|Omitted { what, why }| OmittedRow { what, why })
            .collect(),
    };
    ui.print(|out, _| match (as_json, &file) {
        (true, _) => json::import(out, &body),
        (false, None) => out.write_all(imported.text.as_bytes()),
        (false, Some(_)) => Ok(()),
    });
    let (err, look) = ui.err();
    for omitted in &imported.omitted {
        // With standard error gone there is nobody to tell.
        let _ = report::warning(err, &omitted.to_string(), look);
    }
    if let Some(file) = file.filter(|_| !quiet && !as_json) {
        let (instances, secrets) = (imported.addresses.len(), imported.variables.len());
        let _ = writeln!(
            err,
            "Wrote {file}: instances {instances}, secrets to supply {secrets}. It says how to go on."
        );
    }
}
