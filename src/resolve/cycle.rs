use std::collections::HashMap;

use super::draft::{Draft, Drafts, instance_key};
use super::expression::place_of_reference;
use super::{Formula, Reference};
use crate::model::{Diagnostic, Sources, Span};

/// The finding that these instances wait for each other, with the place of every step.
pub(super) fn finding(cycle: &[String], drafts: &Drafts<'_>) -> Diagnostic {
    let whole = closed(cycle);
    let message = match cycle {
        [alone] => format!("the instance `{alone}` waits for itself"),
        _ => format!("these instances wait for each other: {}", whole.join(" → ")),
    };
    let steps: Vec<(Span, String)> = whole
        .windows(2)
        .filter_map(|step| Some(explain(drafts.get(step[0])?, step[1])))
        .collect();
    with_steps(
        message,
        "take one of the references or `depends_on` entries away",
        steps,
    )
}

/// The finding that these secrets are made of each other, with the place of every step.
pub(super) fn of_secrets(
    cycle: &[String],
    formulas: &HashMap<&str, &Formula>,
    sources: &Sources,
) -> Diagnostic {
    let whole = closed(cycle);
    let message = match cycle {
        [alone] => format!("the secret `{alone}` is made of itself"),
        _ => format!(
            "these secrets are made of each other: {}",
            whole.join(" → ")
        ),
    };
    let explain = |step: &[&str]| {
        let (from, to) = (step[0], step[1]);
        let mut expressions = formulas.get(from)?.expressions();
        let wanted = Reference::Secret(to.to_owned());
        let (value, expression) = expressions.find(|(_, it)| it.references.contains(&wanted))?;
        let path = wanted.path().join(".");
        let span = place_of_reference(sources, value, &expression.source, &path);
        Some((span, format!("`{from}` is made of `{to}`")))
    };
    let steps = whole.windows(2).filter_map(explain).collect();
    with_steps(message, "take one of the references away", steps)
}

/// The cycle with its first again at the end.
fn closed(cycle: &[String]) -> Vec<&str> {
    let whole = cycle.iter().chain(cycle.first());
    whole.map(String::as_str).collect()
}

fn with_steps(message: String, help: &str, steps: Vec<(Span, String)>) -> Diagnostic {
    let first = steps.first().map(|(span, _)| *span).unwrap_or_default();
    let finding = Diagnostic::error(first, message).help(help);
    steps.into_iter().fold(finding, |finding, (span, label)| {
        finding.related(span, label)
    })
}

/// Why and where one instance waits for another.
fn explain(from: &Draft<'_>, to: &str) -> (Span, String) {
    let key = from.key;
    let why = from.edges.get(to).map(String::as_str).unwrap_or_default();
    if why == "depends_on" {
        let mut listed = from.written.depends_on.iter();
        let entry = listed.find(|target| instance_key(&target.value) == to);
        let span = entry.map_or(from.written.span, |target| target.span);
        return (span, format!("`{key}` names `{to}` in `depends_on`"));
    }
    let option = from.options.iter().find(|option| option.name == why);
    let formula = option.and_then(|option| option.formula.as_ref());
    let span = formula.map_or(from.written.span, Formula::span);
    (span, format!("`{key}` needs `{to}` for `{why}`"))
}
