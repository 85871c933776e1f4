use super::draft::Draft;
use super::formula::{Part, Shape, skeleton};
use super::scope::SecretVariables;
use super::{Formula, Literal, Reference};
use crate::model::sensitive;

/// The variables that hold secrets, judged by their names, their values, and what the manifest
/// does with them.
///
/// One that is the whole value of a sensitive option, or stands in the user part of a URL, is a
/// secret. One that is only a part of a sensitive value need not be: it is merely not quoted.
pub(super) fn secret_variables<'d>(
    drafts: &[Draft<'_>],
    composed: impl Iterator<Item = &'d Formula>,
    outputs: impl Iterator<Item = &'d Formula>,
    values: impl Iterator<Item = (&'d String, &'d Literal)>,
) -> SecretVariables {
    let mut secrets = SecretVariables::default();
    for draft in drafts {
        for option in &draft.options {
            let Some(formula) = &option.formula else {
                continue;
            };
            let sensitive = match &draft.service {
                Some(service) => service.is_sensitive(&option.name),
                None => sensitive::name_is_sensitive(&option.name),
            };
            if sensitive {
                take_sensitive(formula, &mut secrets);
            }
            take_user_parts(formula, &mut secrets);
        }
    }
    for formula in composed {
        take_sensitive(formula, &mut secrets);
        take_user_parts(formula, &mut secrets);
    }
    outputs.for_each(|formula| take_user_parts(formula, &mut secrets));
    for (name, value) in values {
        if sensitive::name_is_sensitive(name) || holds_url_with_user(value) {
            secrets.whole.insert(name.clone());
        }
    }
    secrets
}

/// Whether a formula holds a URL with a user part, whatever its expressions come to.
pub(super) fn is_url_with_user(formula: &Formula) -> bool {
    match formula.shape() {
        Shape::Literal(literal) => holds_url_with_user(literal),
        Shape::Text(parts) => sensitive::holds_url_with_user(&skeleton(parts).0),
        Shape::List(items) => items.iter().any(is_url_with_user),
        Shape::Expression(_) => false,
    }
}

/// Whether a value holds a URL with a user part.
pub(super) fn holds_url_with_user(value: &Literal) -> bool {
    match value {
        Literal::Text(text) => sensitive::holds_url_with_user(text),
        Literal::List(items) => items.iter().any(holds_url_with_user),
        _ => false,
    }
}

fn take_sensitive(formula: &Formula, secrets: &mut SecretVariables) {
    match formula.shape() {
        Shape::Expression(expression) if expression.sole_variable().is_some() => {
            secrets.whole.extend(variables(&expression.references));
        }
        Shape::List(items) => items.iter().for_each(|item| take_sensitive(item, secrets)),
        _ => secrets.parts.extend(variables(formula.references())),
    }
}

fn take_user_parts(formula: &Formula, secrets: &mut SecretVariables) {
    match formula.shape() {
        Shape::Text(parts) => {
            for part in parts.iter() {
                if let Part::Expression {
                    expression,
                    in_user_part: true,
                } = part
                {
                    secrets.whole.extend(variables(&expression.references));
                }
            }
        }
        Shape::List(items) => items.iter().for_each(|item| take_user_parts(item, secrets)),
        Shape::Literal(_) | Shape::Expression(_) => {}
    }
}

fn variables<'r>(
    references: impl IntoIterator<Item = &'r Reference>,
) -> impl Iterator<Item = String> {
    references
        .into_iter()
        .filter_map(|reference| match reference {
            Reference::Variable(name) => Some(name.clone()),
            _ => None,
        })
}
