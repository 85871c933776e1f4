use std::sync::Arc;

use crate::catalog::{Catalog, Service};
use crate::cli::args::LogsArgs;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::platform::SignIn;
use crate::cli::settings::Settings;
use crate::cli::stack::{DEFAULT_ENVIRONMENT, Stack, Values};
use crate::cli::ui::Ui;
use crate::model::{OptionValue, nearest, secret_reference};
use crate::osc::{Class, LogRange, ReadApi, Tagged};
use crate::plan::Marks;
use crate::report::json;
use crate::resolve::is_stack_name;
use crate::vault::{Vault, vault_key};

/// What the logs are of.
struct Subject {
    service: Arc<Service>,
    name: String,
}

pub(super) async fn run(
    args: &LogsArgs,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    let (subject, sign_in) = find(&args.address, settings, ui).await?;
    let platform = sign_in.connect().await?;
    let range = LogRange {
        since: args.since.map(Into::into),
        timestamps: args.timestamps,
    };
    let mut lines = read(&platform.reads(), &subject, range).await?;
    if let Some(tail) = args.tail {
        lines.drain(..lines.len().saturating_sub(tail));
    }
    let as_json = ui.json;
    ui.print(|out, _| match as_json {
        true => json::logs(out, &args.address, &lines),
        false => lines.iter().try_for_each(|line| writeln!(out, "{line}")),
    });
    if lines.is_empty() && !as_json && !ui.quiet {
        let (err, _) = ui.err();
        // With standard error gone there is nobody to tell.
        let _ = writeln!(err, "{} has logged nothing.", args.address);
    }
    Ok(Exit::Done)
}

/// `instances.KEY` of the manifest, or `SERVICE/NAME`, which needs none.
async fn find(
    address: &str,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<(Subject, SignIn), CliError> {
    if let Some((service, name)) = address.split_once('/') {
        let subject = undeclared(service, name)?;
        let environment = settings.environment.as_deref();
        let environment = environment.unwrap_or(DEFAULT_ENVIRONMENT);
        let sign_in = SignIn::find(settings, environment, None)?;
        sign_in.check_guard(settings)?;
        return Ok((subject, sign_in));
    }
    // An application may have logged what it was given.
    let (stack, sign_in) = Stack::signed_in(settings, Values::Read, ui).await?;
    let mut declared = stack.desired.instances.values();
    let known = stack.desired.instances.values();
    match declared.find(|instance| instance.address.as_str() == address) {
        Some(instance) => {
            let subject = Subject {
                service: Arc::clone(&instance.service),
                name: instance.name.clone(),
            };
            Ok((subject, sign_in))
        }
        None => {
            let message = format!("`{address}` is no instance of this stack");
            let hint = match nearest(address, known.map(|it| it.address.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write `instances.KEY`, or `SERVICE/NAME` for one that is not declared"
                    .to_owned(),
            };
            Err(CliError::usage_with(message, hint))
        }
    }
}

fn undeclared(service: &str, name: &str) -> Result<Subject, CliError> {
    let catalog = Catalog::bundled().map_err(|error| CliError::failed(error.to_string()))?;
    match catalog.service(service) {
        Some(found) => Ok(Subject {
            service: Arc::clone(found),
            name: name.to_owned(),
        }),
        None => {
            let message = format!("there is no service `{service}`");
            Err(match catalog.nearest(service) {
                Some(near) => CliError::usage_with(message, format!("did you mean `{near}`?")),
                None => CliError::usage(message),
            })
        }
    }
}

async fn read(
    reads: &ReadApi,
    subject: &Subject,
    range: LogRange,
) -> Result<Vec<String>, CliError> {
    let Subject { service, name } = subject;
    let subscriptions = reads.subscriptions().await?;
    let mut used = subscriptions.iter();
    let Some(subscription) = used.find(|it| it.service == service.id) else {
        return Err(missing(reads, subject).await);
    };
    let instance = match reads.instance(subscription, service, name).await {
        Err(error) if error.class == Class::Absent => return Err(missing(reads, subject).await),
        read => read?,
    };
    let values = instance.options.values();
    if values
        .map(OptionValue::expose)
        .any(|it| secret_reference(it).is_some())
    {
        learn_secrets(reads, subject).await?;
    }
    Ok(reads.logs(subscription, &instance, range).await?)
}

/// Learns what has been generated for the stack whose mark the instance carries: what its
/// references stand for is nowhere else to be read, and must not be shown.
async fn learn_secrets(reads: &ReadApi, subject: &Subject) -> Result<(), CliError> {
    let tagged = match reads.tags().await {
        Err(error) if error.class == Class::Unsupported => return Ok(()),
        read => read?,
    };
    let is_it = |it: &&Tagged| it.service == subject.service.id && it.name == subject.name;
    let own = tagged.iter().filter(is_it);
    let stacks = own.flat_map(|it| Marks::of(&it.tags).stacks);
    for stack in stacks.filter(|stack| is_stack_name(stack)) {
        match reads.tenant_secret(&vault_key(&stack)).await {
            Ok(text) => {
                let vault = Vault::parse(&text);
                let vault = vault.map_err(|error| CliError::failed(error.to_string()))?;
                reads.be_discreet_about(vault.confidential());
            }
            Err(error) if matches!(error.class, Class::Absent | Class::Unsupported) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Why there is no log: what is suspended is absent from its service, too (API notes 6.12).
async fn missing(reads: &ReadApi, subject: &Subject) -> CliError {
    let (service, name) = (&subject.service.id, &subject.name);
    let all = match reads.suspended(&[Arc::clone(&subject.service)]).await {
        Ok(all) => all,
        Err(error) => return error.into(),
    };
    if let Some(record) = all.iter().find(|it| it.is_of(service, name)) {
        return CliError::failed_with(
            format!("`{name}` of {service} is {record}, and what is suspended has no log"),
            "`osc-apply apply` resumes what the manifest declares",
        );
    }
    CliError::failed_with(
        format!("there is no instance `{name}` of {service}"),
        "its logs went with it; `osc-apply status` shows what there is",
    )
}
