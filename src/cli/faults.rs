use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::args::Global;
use super::error::CliError;
use super::files;
use crate::model::{nearest, printable};
use crate::sandbox::{Fault, FaultError, Faults};

/// How many names an error lists at most.
const LISTED: usize = 60;

/// The sandbox's faults as flags and file say: first those of the flags. Each can strike at this
/// speed.
pub(super) fn faults(global: &Global, speed: f64) -> Result<Faults, CliError> {
    let mut faults = Vec::new();
    for text in &global.sandbox_fault {
        let fault = text.parse();
        faults.push(fault.map_err(|error| wrong("`--sandbox-fault`", error))?);
    }
    for path in &global.sandbox_faults {
        faults.extend(in_file(path)?);
    }
    if let Some(idle) = faults.iter().find(|fault| fault.never_strikes_at(speed)) {
        return Err(never_strikes(idle, speed));
    }
    Ok(Faults::new(faults, global.sandbox_seed.unwrap_or_default()))
}

fn never_strikes(fault: &Fault, speed: f64) -> CliError {
    let name = fault.kind().name;
    CliError::usage_with(
        format!("{name} would never strike: at `--sandbox-speed {speed}` it lasts for no time"),
        "a lower speed, such as `--sandbox-speed 100`, leaves it some",
    )
}

fn in_file(path: &Path) -> Result<Vec<Fault>, CliError> {
    let name = path.display().to_string();
    let bytes = files::read(path).map_err(|error| files::unreadable(&name, path, &error))?;
    let list: Vec<Mapping> = serde_yaml::from_slice(&bytes).map_err(|error| {
        CliError::usage_with(
            format!(
                "{name} is no list of faults: {}",
                printable(&error.to_string())
            ),
            "one looks like `- { fault: read-502, target: catalog, count: 2 }`",
        )
    })?;
    let numbered = list.iter().zip(1..);
    numbered
        .map(|(entry, number)| of_entry(entry, &format!("{name}, fault {number}")))
        .collect()
}

fn of_entry(entry: &Mapping, place: &str) -> Result<Fault, CliError> {
    let mut name = None;
    let mut settings = Vec::new();
    for (key, value) in entry {
        match (key.as_str(), scalar(value)) {
            (Some("fault"), Some(value)) => name = Some(value),
            (Some(key), Some(value)) => settings.push((key, value)),
            _ => {
                let message =
                    format!("{place}: a setting is a word, and its value a text or a number");
                return Err(CliError::usage(message));
            }
        }
    }
    let name = name.ok_or_else(|| {
        let message = format!("{place}: `fault` is missing");
        CliError::usage_with(message, "`osc-apply sandbox faults` lists what it can be")
    })?;
    let settings = settings.iter().map(|(key, value)| (*key, value.as_str()));
    Fault::new(&name, settings).map_err(|error| wrong(place, error))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A mistake, with what was meant or could have been.
fn wrong(place: &str, error: FaultError) -> CliError {
    let message = format!("{place}: {error}");
    let known = &error.known;
    let near = error.unknown.as_deref();
    let near = near.and_then(|unknown| nearest(unknown, known.iter().copied()));
    let meant = near.map(|near| format!("did you mean `{near}`?"));
    let listed = (1..=LISTED).contains(&known.len());
    let listed = listed.then(|| format!("Known are {}", known.join(", ")));
    let hints: Vec<String> = meant.into_iter().chain(listed).collect();
    if hints.is_empty() {
        CliError::usage(message)
    } else {
        CliError::usage_with(message, hints.join(" "))
    }
}
