use super::Formula;
use super::draft::{Draft, Drafts, instance_key};
use crate::model::{Diagnostic, Span};

/// The finding that these instances wait for each other, with the place of every step.
pub(super) fn finding(cycle: &[String], drafts: &Drafts<'_>) -> Diagnostic {
    let whole: Vec<&str> = cycle
        .iter()
        .chain(cycle.first())
        .map(String::as_str)
        .collect();
    let message = match cycle {
        [alone] => format!("the instance `{alone}` waits for itself"),
        _ => format!("these instances wait for each other: {}", whole.join(" → ")),
    };
    let steps: Vec<(Span, String)> = whole
        .windows(2)
        .filter_map(|step| Some(explain(drafts.get(step[0])?, step[1])))
        .collect();
    let first = steps.first().map(|(span, _)| *span).unwrap_or_default();
    let finding = Diagnostic::error(first, message)
        .help("take one of the references or `depends_on` entries away");
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
