use super::super::fields::{Fields, boolean, text, texts, wrong_type};
use super::super::{Node, NodeKind, Secret, SecretSource, Spanned};
use super::words::{optional_text, word};
use crate::model::{Characters, Diagnostic, Diagnostics, Recipe};

pub(crate) const KEYS: &[&str] = &[
    "generate",
    "env",
    "file",
    "command",
    "value",
    "access_token",
];
pub(crate) const GENERATE_KEYS: &[&str] = &["length", "characters"];

/// The words for what a generated value is drawn from.
pub(crate) const CHARACTERS: [(&str, Characters); 5] = [
    ("url_safe", Characters::UrlSafe),
    ("alphanumeric", Characters::Alphanumeric),
    ("lower", Characters::Lower),
    ("hex", Characters::Hex),
    ("digits", Characters::Digits),
];

const DEFAULT_LENGTH: u16 = 24;
pub(crate) const SHORTEST: u16 = 8;
pub(crate) const LONGEST: u16 = 128;

/// Roots of what expressions refer to: a text that mentions one means an expression.
const ROOTS: &[&str] = &[
    "variables",
    "secrets",
    "instances",
    "workspace",
    "stack",
    "environment",
];

/// A secret; one whose source could not be read is still one, so that nobody who refers to it is
/// told that there is none.
pub(super) fn secret(key: Spanned<String>, node: Node, found: &mut Diagnostics) -> Option<Secret> {
    let named = |source| {
        Some(Secret {
            span: key.span,
            source,
        })
    };
    if !matches!(node.kind, NodeKind::Map(_) | NodeKind::Null) {
        let finding = wrong_type(node.span, "a secret", "a mapping", &node.kind);
        found.push(finding.help("say where it comes from: `{ generate: {} }` or `{ env: NAME }`"));
        return named(None);
    }
    let before = found.error_count();
    let Some(mut fields) = Fields::of(node, "a secret", KEYS, found) else {
        return named(None);
    };
    let mut written = KEYS
        .iter()
        .filter_map(|name| Some((*name, fields.take(name)?)))
        .collect::<Vec<_>>();
    // In the order of the file: the first is the one that counts.
    written.sort_by_key(|(_, node)| node.span);
    let mut written = written.into_iter();
    let Some((name, first)) = written.next() else {
        if found.error_count() == before {
            let message = format!(
                "the secret `{}` does not say where it comes from",
                key.value
            );
            found.push(Diagnostic::error(key.span, message).help(one_of()));
        }
        return named(None);
    };
    if let Some((other, again)) = written.next() {
        let message = format!("a secret comes from one place: this has `{name}` and `{other}`");
        let finding = Diagnostic::error(again.span, message).help("take one of them away");
        found.push(finding.related(first.span, "the other one"));
        return named(None);
    }
    named(source(name, first, found))
}

fn one_of() -> String {
    let names: Vec<String> = KEYS.iter().map(|name| format!("`{name}`")).collect();
    format!("one of {}", names.join(", "))
}

fn source(name: &str, node: Node, found: &mut Diagnostics) -> Option<SecretSource> {
    match name {
        "generate" => recipe(node, found).map(SecretSource::Generate),
        "env" => variable_name(node, found).map(SecretSource::Env),
        "file" => path(node, found).map(SecretSource::File),
        "command" => command(node, found).map(SecretSource::Command),
        "value" => value(node, found).map(SecretSource::Value),
        _ => access_token(&node, found),
    }
}

fn recipe(node: Node, found: &mut Diagnostics) -> Option<Recipe> {
    let mut fields = Fields::of(node, "`generate`", GENERATE_KEYS, found)?;
    let length = match fields.take("length") {
        None => Some(DEFAULT_LENGTH),
        Some(node) => length(&node, found),
    };
    let characters = match optional_text(&mut fields, "characters", found) {
        None => Some(Characters::default()),
        Some(written) => word(&written, "`characters`", &CHARACTERS, found).map(|it| it.value),
    };
    Some(Recipe {
        length: length?,
        characters: characters?,
    })
}

fn length(node: &Node, found: &mut Diagnostics) -> Option<u16> {
    let number = match &node.kind {
        NodeKind::Number(digits) => digits.parse().ok(),
        _ => None,
    };
    let length = number.filter(|length| (SHORTEST..=LONGEST).contains(length));
    if length.is_none() {
        let message = format!("`length` is not a number from {SHORTEST} to {LONGEST}");
        found.push(Diagnostic::error(node.span, message));
    }
    length
}

fn variable_name(node: Node, found: &mut Diagnostics) -> Option<Spanned<String>> {
    let name = without_expression(text(node, "`env`", found)?, found)?;
    if !is_variable_name(&name.value) {
        // Whoever writes a value there has written a secret.
        let finding = Diagnostic::error(name.span, "`env` is not the name of a variable");
        found.push(finding.help("write the name alone: `env: SMTP_PASSWORD`"));
        return None;
    }
    Some(name)
}

fn is_variable_name(name: &str) -> bool {
    let usable = |c: char| c == '_' || c.is_ascii_alphanumeric();
    name.chars().all(usable) && name.starts_with(|c: char| usable(c) && !c.is_ascii_digit())
}

fn path(node: Node, found: &mut Diagnostics) -> Option<Spanned<String>> {
    let path = without_expression(text(node, "`file`", found)?, found)?;
    if path.value.is_empty() {
        found.push(Diagnostic::error(path.span, "`file` names no file"));
        return None;
    }
    Some(path)
}

fn command(node: Node, found: &mut Diagnostics) -> Option<Vec<Spanned<String>>> {
    let span = node.span;
    if let NodeKind::Text(_) = node.kind {
        let finding = wrong_type(span, "`command`", "a list", &node.kind);
        let help = "there is no shell: write each word as an item, as in `[sops, -d, FILE]`";
        found.push(finding.help(help));
        return None;
    }
    let before = found.error_count();
    let words = texts(node, "`command`", found)
        .into_iter()
        .filter_map(|word| without_expression(word, found))
        .collect::<Vec<_>>();
    if found.error_count() > before {
        return None;
    }
    if words.first().is_none_or(|program| program.value.is_empty()) {
        let finding = Diagnostic::error(span, "`command` names no program");
        found.push(finding.help("write it as the first item, as in `[sops, -d, FILE]`"));
        return None;
    }
    Some(words)
}

fn value(node: Node, found: &mut Diagnostics) -> Option<Node> {
    match node.kind {
        NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) => {
            found.push(wrong_type(node.span, "`value`", "text", &node.kind));
            None
        }
        _ => Some(node),
    }
}

fn access_token(node: &Node, found: &mut Diagnostics) -> Option<SecretSource> {
    let wanted = boolean(node, "`access_token`", found)?;
    if !wanted.value {
        let finding = Diagnostic::error(wanted.span, "`access_token` can only be true");
        found.push(finding.help(one_of()));
        return None;
    }
    Some(SecretSource::AccessToken)
}

/// What would be taken as it stands is better refused.
fn without_expression(
    written: Spanned<String>,
    found: &mut Diagnostics,
) -> Option<Spanned<String>> {
    let is_expression = written.value.split("${").skip(1).any(|inner| {
        let path = inner.trim_start();
        ROOTS.iter().any(|root| path.starts_with(root))
    });
    if is_expression {
        let message = "of what a secret comes from, only `value` takes expressions";
        found.push(Diagnostic::error(written.span, message).help("write the text itself"));
        return None;
    }
    Some(written)
}
