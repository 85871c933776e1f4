use std::collections::{BTreeMap, HashMap};

use super::{Inputs, Literal};
use crate::catalog::Pattern;
use crate::manifest::{Manifest, Variable, VariableType};
use crate::model::{Diagnostic, Diagnostics, Span, nearest};

/// A value on its way to a variable.
struct Candidate {
    literal: Literal,
    /// Where it came from, for messages.
    source: String,
    span: Option<Span>,
}

/// The value of every variable; what has none, or a wrong one, is reported.
///
/// Order: `--var`, `--var-file`, `OSC_VAR_NAME`, the default.
pub(super) fn values(
    manifest: &Manifest,
    inputs: &Inputs,
    found: &mut Diagnostics,
) -> BTreeMap<String, Literal> {
    report_strangers(manifest, inputs, found);
    // Of two flags for one variable the later one stays.
    let flags = inputs.flags.iter();
    let flags: Flags<'_> = flags.map(|(name, value)| (name.as_str(), value)).collect();
    let mut values = BTreeMap::new();
    for (name, variable) in &manifest.variables {
        let Some(given) = candidate(name, variable, inputs, &flags) else {
            if !variable.default_unreadable {
                found.push(missing(name, variable));
            }
            continue;
        };
        let place = given.span;
        if let Some(literal) = typed(name, given, kind_of(variable), found) {
            check_pattern(name, variable, &literal, place, found);
            values.insert(name.clone(), literal);
        }
    }
    values
}

type Flags<'i> = HashMap<&'i str, &'i String>;

/// Names given by flag or file that the manifest does not declare.
fn report_strangers(manifest: &Manifest, inputs: &Inputs, found: &mut Diagnostics) {
    let known = || manifest.variables.keys().map(String::as_str);
    for (name, _) in &inputs.flags {
        if !manifest.variables.contains_key(name) {
            let message = format!("`--var {name}=…` names a variable the manifest does not have");
            found.push(
                Diagnostic::error_without_place(message).did_you_mean(nearest(name, known()), ""),
            );
        }
    }
    for file in &inputs.files {
        for (name, value) in file.values() {
            if !manifest.variables.contains_key(name) {
                let message = format!("the manifest has no variable `{name}`");
                found.push_error(|| {
                    Diagnostic::error(value.key, message).did_you_mean(nearest(name, known()), "")
                });
            }
        }
    }
}

fn candidate(
    name: &str,
    variable: &Variable,
    inputs: &Inputs,
    flags: &Flags<'_>,
) -> Option<Candidate> {
    let text = |text: &String, source: String| Candidate {
        literal: Literal::Text(text.clone()),
        source,
        span: None,
    };
    if let Some(value) = flags.get(name) {
        return Some(text(value, format!("`--var {name}=…`")));
    }
    if let Some(value) = inputs.files.iter().rev().find_map(|file| file.value(name)) {
        return Some(Candidate {
            literal: value.literal.clone(),
            source: format!("the value of `{name}`"),
            span: Some(value.span),
        });
    }
    if let Some(value) = inputs.process.get(name) {
        return Some(text(value, format!("OSC_VAR_{name}")));
    }
    variable.default.as_ref().map(|default| Candidate {
        literal: Literal::of_node(&default.kind).unwrap_or(Literal::Null),
        source: format!("the default of `{name}`"),
        span: Some(default.span),
    })
}

fn kind_of(variable: &Variable) -> VariableType {
    let by_default = || match variable
        .default
        .as_ref()
        .and_then(|node| Literal::of_node(&node.kind))
    {
        Some(Literal::Boolean(_)) => VariableType::Boolean,
        Some(Literal::Number(_)) => VariableType::Number,
        Some(Literal::List(_)) => VariableType::List,
        _ => VariableType::String,
    };
    variable
        .kind
        .as_ref()
        .map_or_else(by_default, |kind| kind.value)
}

/// The candidate as a value of the variable's type. Text from flags and the environment is
/// read as that type; values from files must be of it.
fn typed(
    name: &str,
    given: Candidate,
    kind: VariableType,
    found: &mut Diagnostics,
) -> Option<Literal> {
    let from_text = given.span.is_none();
    let value = match (kind, given.literal) {
        (VariableType::String, text @ Literal::Text(_)) => Some(text),
        (VariableType::String, Literal::Number(digits)) => Some(Literal::Text(digits)),
        (VariableType::Boolean, value @ Literal::Boolean(_)) => Some(value),
        (VariableType::Boolean, Literal::Text(text)) if from_text => match text.as_str() {
            "true" => Some(Literal::Boolean(true)),
            "false" => Some(Literal::Boolean(false)),
            _ => None,
        },
        (VariableType::Number, number @ Literal::Number(_)) => Some(number),
        (VariableType::Number, Literal::Text(text)) if from_text => text
            .parse::<f64>()
            .is_ok_and(f64::is_finite)
            .then_some(Literal::Number(text)),
        (VariableType::List, Literal::Text(text)) if from_text => Some(Literal::List(
            text.split(',')
                .map(|item| Literal::Text(item.trim().to_owned()))
                .collect(),
        )),
        (VariableType::List, Literal::List(items)) => items
            .iter()
            .all(|item| item.as_text().is_some())
            .then_some(Literal::List(items)),
        _ => None,
    };
    if value.is_none() {
        let message = format!("{} must be {}", given.source, wanted(kind));
        found.push(match given.span {
            Some(span) => Diagnostic::error(span, message),
            None => Diagnostic::error_without_place(message)
                .help(format!("the manifest declares `{name}` with that type")),
        });
    }
    value
}

fn wanted(kind: VariableType) -> &'static str {
    match kind {
        VariableType::String => "text",
        VariableType::Boolean => "true or false",
        VariableType::Number => "a number",
        VariableType::List => "a list of texts",
    }
}

fn check_pattern(
    name: &str,
    variable: &Variable,
    value: &Literal,
    place: Option<Span>,
    found: &mut Diagnostics,
) {
    let Some(pattern) = &variable.pattern else {
        return;
    };
    let texts: Vec<&str> = match value {
        Literal::List(items) => items.iter().filter_map(Literal::as_text).collect(),
        scalar => scalar.as_text().into_iter().collect(),
    };
    let compiled = Pattern::new(&pattern.value);
    let results: Result<Vec<bool>, _> = texts.into_iter().map(|it| compiled.matches(it)).collect();
    let finding = match results {
        Ok(results) if results.iter().all(|matches| *matches) => return,
        Ok(_) => {
            let message = format!("the value of `{name}` does not match its pattern");
            match place {
                Some(value) => Diagnostic::error(value, message),
                None => Diagnostic::error_without_place(message),
            }
            .related(pattern.span, "the pattern")
        }
        Err(error) => Diagnostic::error(pattern.span, error.to_string()),
    };
    found.push(finding);
}

fn missing(name: &str, variable: &Variable) -> Diagnostic {
    Diagnostic::error(variable.span, format!("the variable `{name}` has no value")).help(format!(
        "give it one: `--var {name}=VALUE`, OSC_VAR_{name}, a `--var-file`, or a `default`"
    ))
}
