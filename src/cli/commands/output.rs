use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;
use crate::cli::stack::{self, Stack, Values};
use crate::cli::ui::Ui;
use crate::live::{Live, State};
use crate::model::{nearest, printable};
use crate::plan::{self, OutputValue};
use crate::report::{self, json};

pub(super) async fn run(
    name: Option<&str>,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    let (stack, sign_in) = Stack::signed_in(settings, Values::Read, ui).await?;
    if let Some(name) = name.filter(|name| !stack.desired.outputs.contains_key(*name)) {
        return Err(unknown(name, &stack));
    }
    let platform = sign_in.connect().await?;
    let live = stack.read(&platform.reads()).await?;
    let mut outputs = plan::outputs_now(&stack.desired, &live, &stack.sources)
        .map_err(|found| stack::findings(found, &stack.sources))?;
    let is_wanted = |known: &str| name.is_none_or(|name| name == known);
    if outputs
        .iter()
        .any(|(known, value)| is_wanted(known) && *value == OutputValue::Unknown)
    {
        check_readable(&stack, &live)?;
    }
    let Some(name) = name else {
        let as_json = ui.json;
        ui.print(|out, look| {
            if as_json {
                json::outputs(out, &outputs)
            } else {
                report::outputs(out, &outputs, look)
            }
        });
        return Ok(Exit::Done);
    };
    outputs.retain(|(known, _)| known == name);
    match outputs.pop() {
        Some((_, OutputValue::Known(value))) => {
            let as_json = ui.json;
            // Asked for by its name, a secret is printed as it is; other values may come from
            // the platform.
            let text = match value.shown() {
                Some(shown) => printable(shown),
                None => value.expose().into(),
            };
            ui.print(|out, _| match as_json {
                true => json::bare(out, &text),
                false => writeln!(out, "{text}"),
            });
            Ok(Exit::Done)
        }
        _ => Err(CliError::failed_with(
            format!("the output `{name}` has no value yet"),
            "run `osc-apply apply` first",
        )),
    }
}

/// What could not be read may well have the value that is missing.
fn check_readable(stack: &Stack, live: &Live) -> Result<(), CliError> {
    for (key, instance) in &stack.desired.instances {
        if let Some(State::Unreadable(error)) = live.instances.get(key) {
            let message = format!("{} could not be read: {error}", instance.address);
            return Err(match error.hint() {
                Some(hint) => CliError::failed_with(message, hint),
                None => CliError::failed(message),
            });
        }
    }
    Ok(())
}

fn unknown(name: &str, stack: &Stack) -> CliError {
    let known = || stack.desired.outputs.keys().map(String::as_str);
    let message = format!("the manifest has no output `{name}`");
    match nearest(name, known()) {
        Some(near) => CliError::usage_with(message, format!("did you mean `{near}`?")),
        None if known().next().is_none() => CliError::usage(message),
        None => {
            let known = known().collect::<Vec<_>>().join(", ");
            CliError::usage_with(message, format!("it has: {known}"))
        }
    }
}
