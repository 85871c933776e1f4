use std::collections::BTreeMap;

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
    let mut values = BTreeMap::new();
    for (name, variable) in &manifest.variables {
        let kind = kind_of(variable);
        if let Some(literal) =
            candidate(name, variable, inputs).and_then(|given| typed(name, given, kind, found))
        {
            check_pattern(name, variable, &literal, found);
            values.insert(name.clone(), literal);
        } else if candidate(name, variable, inputs).is_none() {
            found.push(missing(name, variable));
        }
    }
    values
}

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
        for (name, _) in file.values() {
            if !manifest.variables.contains_key(name) {
                let message = format!("the manifest has no variable `{name}`");
                found.push(
                    Diagnostic::error(file.place(name).0, message)
                        .did_you_mean(nearest(name, known()), ""),
                );
            }
        }
    }
}

fn candidate(name: &str, variable: &Variable, inputs: &Inputs) -> Option<Candidate> {
    let text = |text: &String, source: String| Candidate {
        literal: Literal::Text(text.clone()),
        source,
        span: None,
    };
    let flag = inputs.flags.iter().rev().find(|(given, _)| given == name);
    if let Some((_, value)) = flag {
        return Some(text(value, format!("`--var {name}=…`")));
    }
    for file in inputs.files.iter().rev() {
        if let Some((_, value)) = file.values().find(|(given, _)| *given == name) {
            return Some(Candidate {
                literal: of_yaml(value),
                source: format!("the value of `{name}`"),
                span: Some(file.place(name).1),
            });
        }
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

fn of_yaml(value: &serde_yaml::Value) -> Literal {
    match value {
        serde_yaml::Value::Bool(value) => Literal::Boolean(*value),
        serde_yaml::Value::Number(number) => Literal::Number(number.to_string()),
        serde_yaml::Value::String(text) => Literal::Text(text.clone()),
        serde_yaml::Value::Sequence(items) => Literal::List(items.iter().map(of_yaml).collect()),
        _ => Literal::Null,
    }
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

fn check_pattern(name: &str, variable: &Variable, value: &Literal, found: &mut Diagnostics) {
    let Some(pattern) = &variable.pattern else {
        return;
    };
    let texts: Vec<&str> = match value {
        Literal::List(items) => items.iter().filter_map(Literal::as_text).collect(),
        scalar => scalar.as_text().into_iter().collect(),
    };
    let compiled = Pattern::new(&pattern.value);
    for text in texts {
        match compiled.matches(text) {
            Ok(true) => {}
            Ok(false) => {
                let message = format!("the value of `{name}` does not match its pattern");
                found.push(Diagnostic::error(pattern.span, message).label("must match this"));
            }
            Err(error) => found.push(Diagnostic::error(pattern.span, error.to_string())),
        }
    }
}

fn missing(name: &str, variable: &Variable) -> Diagnostic {
    Diagnostic::error(variable.span, format!("the variable `{name}` has no value")).help(format!(
        "give it one: `--var {name}=VALUE`, OSC_VAR_{name}, a `--var-file`, or a `default`"
    ))
}
