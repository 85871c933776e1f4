use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;

use super::document::{seconds, write, write_value};
use super::value::{self, Value};
use crate::plan::OutputValue;
use crate::report::StatusRow;
use crate::report::value::of_output;

/// One output.
#[derive(Serialize)]
pub(super) struct Output<'a> {
    name: &'a str,
    #[serde(flatten)]
    value: Option<Value<'a>>,
}

impl<'a> Output<'a> {
    pub(super) fn of(name: &'a str, output: &'a OutputValue) -> Self {
        Self {
            name,
            value: value::of(of_output(output)),
        }
    }
}

/// Writes outputs: `osc-apply/outputs`.
///
/// # Errors
/// When the writer fails.
pub fn outputs(out: &mut dyn Write, outputs: &[(String, OutputValue)]) -> io::Result<()> {
    #[derive(Serialize)]
    struct Body<'a> {
        outputs: Vec<Output<'a>>,
    }
    let outputs = outputs
        .iter()
        .map(|(name, value)| Output::of(name, value))
        .collect();
    write(out, "osc-apply/outputs", Body { outputs })
}

/// Writes the state of instances: `osc-apply/status`.
///
/// # Errors
/// When the writer fails.
pub fn status(out: &mut dyn Write, rows: &[StatusRow]) -> io::Result<()> {
    #[derive(Serialize)]
    struct Body<'a> {
        instances: Vec<Row<'a>>,
    }
    #[derive(Serialize)]
    struct Row<'a> {
        address: &'a str,
        service: &'a str,
        name: &'a str,
        state: &'a str,
        detail: Option<&'a str>,
        url: Option<&'a str>,
    }
    let instances = rows.iter().map(|row| {
        let (state, detail) = row.state();
        Row {
            address: row.address.as_str(),
            service: &row.service,
            name: &row.name,
            state,
            detail,
            url: row.url.as_deref(),
        }
    });
    write(
        out,
        "osc-apply/status",
        Body {
            instances: instances.collect(),
        },
    )
}

/// Writes log lines: `osc-apply/logs`.
///
/// # Errors
/// When the writer fails.
pub fn logs(out: &mut dyn Write, address: &str, lines: &[String]) -> io::Result<()> {
    #[derive(Serialize)]
    struct Body<'a> {
        address: &'a str,
        lines: &'a [String],
    }
    write(out, "osc-apply/logs", Body { address, lines })
}

/// Writes a text as a mere JSON string: the one value somebody asked for by name.
///
/// # Errors
/// When the writer fails.
pub fn bare(out: &mut dyn Write, text: &str) -> io::Result<()> {
    write_value(out, &text)
}

/// A way in which the sandbox can misbehave.
#[derive(Debug)]
pub struct FaultRow<'a> {
    /// Its name.
    pub name: &'a str,
    /// What happens, in a line.
    pub summary: &'a str,
    /// The settings it takes.
    pub settings: Vec<&'a str>,
    /// How many requests it strikes unless told otherwise; `None` is all.
    pub count: Option<u32>,
    /// How long it lasts unless told otherwise, if that is limited.
    pub duration: Option<Duration>,
}

/// Writes the ways in which the sandbox can misbehave: `osc-apply/faults`.
///
/// # Errors
/// When the writer fails.
pub fn faults(out: &mut dyn Write, rows: &[FaultRow<'_>]) -> io::Result<()> {
    #[derive(Serialize)]
    struct Body<'a> {
        faults: Vec<Row<'a>>,
    }
    #[derive(Serialize)]
    struct Row<'a> {
        name: &'a str,
        summary: &'a str,
        settings: &'a [&'a str],
        count: Option<u32>,
        seconds: Option<f64>,
    }
    let faults = rows
        .iter()
        .map(|row| Row {
            name: row.name,
            summary: row.summary,
            settings: &row.settings,
            count: row.count,
            seconds: row.duration.map(seconds),
        })
        .collect();
    write(out, "osc-apply/faults", Body { faults })
}
