use super::formula::{Part, Shape, skeleton, user_parts};
use super::{Formula, Literal};
use crate::catalog::{OptionKind, OptionSpec};
use crate::model::{Diagnostic, Span};

/// The warning about a secret that stands in the manifest as it is, in an option's value.
///
/// Texts with expressions in them are not looked at, but for the password of a URL: what varies
/// from run to run is not written down. Switches and fixed words are no secrets.
pub(super) fn in_option(key: &str, spec: &OptionSpec, formula: &Formula) -> Option<Diagnostic> {
    let is_text = matches!(spec.kind, OptionKind::Text | OptionKind::List);
    if spec.sensitive && is_text && is_literal(formula) {
        let name = suggested_name(key, &spec.name);
        let message = format!("`{}` is a secret that stands here as it is", spec.name);
        let line = format!("{}: ${{secrets.{name}}}", spec.name);
        return Some(warning(formula.span(), message, &name, &line));
    }
    let name = suggested_name(key, &format!("{}_password", spec.name));
    in_url(formula, &name)
}

/// The same in the value of a secret, where another secret should stand.
pub(super) fn in_secret(key: &str, formula: &Formula) -> Option<Diagnostic> {
    let name = suggested_name(key, "password");
    if let Some(url) = in_url(formula, &name) {
        return Some(url);
    }
    is_literal(formula).then(|| {
        let message = format!("the secret `{key}` stands here as it is");
        let help = format!(
            "take it from the environment: `{key}: {{ env: {} }}`; or let it be made: \
             `{key}: {{ generate: {{}} }}`",
            key.to_uppercase()
        );
        Diagnostic::warning(formula.span(), message).help(help)
    })
}

/// A literal password in the user part of a URL.
fn in_url(formula: &Formula, name: &str) -> Option<Diagnostic> {
    if !has_literal_password(formula) {
        return None;
    }
    let message = "the password of this URL stands here as it is".to_owned();
    let line = format!("…:${{secrets.{name}}}@…");
    Some(warning(formula.span(), message, name, &line))
}

fn has_literal_password(formula: &Formula) -> bool {
    match formula.shape() {
        Shape::Literal(Literal::Text(text)) => passwords(text).any(|_| true),
        Shape::Text(parts) => {
            let (text, places) = skeleton(parts);
            passwords(&text).any(|password| {
                let is_inside =
                    |place: &Option<usize>| place.is_some_and(|at| password.contains(&at));
                !places.iter().any(is_inside)
            })
        }
        Shape::List(items) => items.iter().any(has_literal_password),
        Shape::Literal(_) | Shape::Expression(_) => false,
    }
}

/// The places of the passwords in the URLs of a text, other than OSC's own references.
fn passwords(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    user_parts(text).into_iter().filter_map(|user| {
        let colon = text[user.clone()].find(':')?;
        let password = user.start + colon + 1..user.end;
        let written = &text[password.clone()];
        (!written.is_empty() && !written.contains("{{secrets.")).then_some(password)
    })
}

/// Whether a value says everything itself, and something.
fn is_literal(formula: &Formula) -> bool {
    match formula.shape() {
        Shape::Literal(Literal::Text(text)) => {
            !text.trim().is_empty() && !text.contains("{{secrets.")
        }
        Shape::Literal(Literal::Number(_)) => true,
        Shape::Literal(_) => false,
        Shape::Expression(expression) => expression.references.is_empty(),
        Shape::Text(parts) => parts.iter().all(|part| match part {
            Part::Text(_) => true,
            Part::Expression { expression, .. } => expression.references.is_empty(),
        }),
        Shape::List(items) => items.iter().any(is_literal),
    }
}

fn warning(span: Span, message: String, name: &str, line: &str) -> Diagnostic {
    let help = format!(
        "move it into `secrets:`, and refer to it here\n\nsecrets:\n  {name}: {{ env: {} }}\n\n{line}",
        name.to_uppercase()
    );
    Diagnostic::warning(span, message).help(help)
}

/// `storage_root_password` for the option `RootPassword` of `storage`, at most as long as a name
/// may be.
fn suggested_name(key: &str, option: &str) -> String {
    const LONGEST: usize = 64;
    let mut name = String::new();
    let mut after_lower = false;
    for c in format!("{key}_{option}").chars() {
        let is_word = c.is_ascii_alphanumeric();
        if (c.is_ascii_uppercase() && after_lower) || !is_word {
            name.push('_');
        }
        if is_word {
            name.push(c.to_ascii_lowercase());
        }
        after_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    name.truncate(LONGEST);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_name_reads_like_one_that_somebody_chose() {
        for (option, name) in [
            ("RootPassword", "s3_root_password"),
            ("s3SecretAccessKey", "s3_s3_secret_access_key"),
            ("opts.webhook.apikey", "s3_opts_webhook_apikey"),
            ("DB_PASSWORD", "s3_db_password"),
            ("AWSSecretKey", "s3_awssecret_key"),
        ] {
            assert_eq!(suggested_name("s3", option), name);
        }
        let long = "x".repeat(80);
        assert_eq!(suggested_name("a", &long).len(), 64);
    }
}
