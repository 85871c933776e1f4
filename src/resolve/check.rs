use super::Literal;
use crate::catalog::{OptionKind, OptionSpec};
use crate::model::{Diagnostic, OptionValue, Span, excerpt, nearest};

/// Brings a value into the form the platform keeps for an option, and checks it.
///
/// A reference to one of OSC's own secrets (`{{secrets.NAME}}`) passes any enum and pattern:
/// they are about the value behind it. No finding quotes a sensitive value.
///
/// # Errors
/// When the type is wrong, the value is none of the option's `enums`, does not match its
/// pattern, or the pattern cannot be applied.
pub fn check(
    spec: &OptionSpec,
    literal: &Literal,
    sensitive: bool,
    span: Span,
) -> Result<OptionValue, Box<Diagnostic>> {
    let sensitive = sensitive || spec.sensitive;
    let text = canonical(spec, literal)
        .map_err(|(message, help)| Box::new(with_help(Diagnostic::error(span, message), help)))?;
    let value = OptionValue::new(text, sensitive);
    if !is_secret_reference(value.expose()) {
        check_enum(spec, &value, span)?;
        check_pattern(spec, &value, span)?;
    }
    Ok(value)
}

/// Whether a text is one of OSC's references to a service secret (API notes 8.1).
fn is_secret_reference(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("{{secrets.") && text.ends_with("}}")
}

type Problem = (String, Option<String>);

fn canonical(spec: &OptionSpec, literal: &Literal) -> Result<String, Problem> {
    let wrong = |wanted: &str, help: Option<&str>| {
        let message = format!(
            "`{}` must be {wanted}, this is {}",
            spec.name,
            literal.word()
        );
        Err((message, help.map(str::to_owned)))
    };
    match (&spec.kind, literal) {
        (OptionKind::Text | OptionKind::Enum(_), Literal::Text(text) | Literal::Number(text)) => {
            Ok(text.clone())
        }
        (OptionKind::Text | OptionKind::Enum(_), Literal::Boolean(_)) => {
            wrong("text", Some("write it in quotes"))
        }
        (OptionKind::Text, Literal::List(_)) => wrong(
            "text",
            Some("write the items as one text with commas between them"),
        ),
        (OptionKind::Text | OptionKind::Enum(_), _) => wrong("text", None),
        (OptionKind::Boolean, Literal::Boolean(_)) => {
            Ok(literal.as_text().unwrap_or_default().to_owned())
        }
        (OptionKind::Boolean, Literal::Text(text)) if is_secret_reference(text) => Ok(text.clone()),
        (OptionKind::Boolean, Literal::Text(text)) if text == "true" || text == "false" => {
            wrong("true or false", Some("write it without quotes"))
        }
        (OptionKind::Boolean, _) => wrong("true or false", None),
        (OptionKind::List, Literal::Text(text)) => Ok(text.clone()),
        (OptionKind::List, Literal::List(items)) => joined(spec, items),
        (OptionKind::List, _) => wrong("a list", None),
    }
}

/// A list goes out as one comma-separated text (API notes 6.4).
fn joined(spec: &OptionSpec, items: &[Literal]) -> Result<String, Problem> {
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        match item.as_text() {
            Some(text) if text.contains(',') => {
                let message = format!("an item of `{}` contains a comma", spec.name);
                let help = "the platform keeps lists as comma-separated text";
                return Err((message, Some(help.to_owned())));
            }
            Some(text) => texts.push(text),
            None => {
                let message = format!(
                    "an item of `{}` must be text, this is {}",
                    spec.name,
                    item.word()
                );
                return Err((message, None));
            }
        }
    }
    Ok(texts.join(","))
}

fn check_enum(spec: &OptionSpec, value: &OptionValue, span: Span) -> Result<(), Box<Diagnostic>> {
    let OptionKind::Enum(allowed) = &spec.kind else {
        return Ok(());
    };
    if allowed.iter().any(|one| one == value.expose()) {
        return Ok(());
    }
    let near = nearest(value.expose(), allowed.iter().map(String::as_str));
    let message = match value.shown() {
        Some(text) => format!("`{}` cannot be `{}`", spec.name, excerpt(text)),
        None => format!("`{}` has a value it cannot have", spec.name),
    };
    Err(Box::new(Diagnostic::error(span, message).did_you_mean(
        near,
        format!("one of: {}", allowed.join(", ")),
    )))
}

fn check_pattern(
    spec: &OptionSpec,
    value: &OptionValue,
    span: Span,
) -> Result<(), Box<Diagnostic>> {
    let Some(pattern) = &spec.pattern else {
        return Ok(());
    };
    let message = match pattern.matches(value.expose()) {
        Ok(true) => return Ok(()),
        Ok(false) => format!("the value of `{}` does not match its pattern", spec.name),
        Err(error) => format!("the value of `{}` cannot be checked: {error}", spec.name),
    };
    let help = format!("the service wants {}", pattern.as_str());
    Err(Box::new(Diagnostic::error(span, message).help(help)))
}

fn with_help(diagnostic: Diagnostic, help: Option<String>) -> Diagnostic {
    Diagnostic { help, ..diagnostic }
}
