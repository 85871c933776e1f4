use std::io::{self, Write};

use serde::Serialize;

use super::document::write;
use crate::model::{Diagnostic, Diagnostics, Severity, Sources, Span};

#[derive(Serialize)]
struct Body<'a> {
    valid: bool,
    errors: usize,
    warnings: usize,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    severity: &'static str,
    message: &'a str,
    label: Option<&'a str>,
    place: Option<Place<'a>>,
    related: Vec<Related<'a>>,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct Related<'a> {
    label: &'a str,
    place: Option<Place<'a>>,
}

/// From the first character to the one after the last; lines and columns from 1.
#[derive(Serialize)]
pub(super) struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl<'a> Place<'a> {
    pub(super) fn of(span: Span, sources: &'a Sources) -> Option<Self> {
        let file = sources.get(span.file)?;
        let (start, end) = (file.position(span.start), file.position(span.end));
        Some(Self {
            file: &file.name,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        })
    }
}

/// Writes findings, none being a valid manifest: `osc-apply/findings`.
///
/// # Errors
/// When the writer fails.
pub fn findings(out: &mut dyn Write, found: &Diagnostics, sources: &Sources) -> io::Result<()> {
    let all = found.sorted();
    let errors = found.error_count();
    let body = Body {
        valid: errors == 0,
        errors,
        warnings: found.warning_count(),
        findings: all.into_iter().map(|one| finding(one, sources)).collect(),
    };
    write(out, "osc-apply/findings", body)
}

fn finding<'a>(finding: &'a Diagnostic, sources: &'a Sources) -> Finding<'a> {
    let related = finding.related.iter().map(|related| Related {
        label: &related.label,
        place: Place::of(related.span, sources),
    });
    Finding {
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: &finding.message,
        label: (!finding.label.is_empty()).then_some(&finding.label),
        place: finding.span.and_then(|span| Place::of(span, sources)),
        related: related.collect(),
        help: finding.help.as_deref(),
    }
}
