use super::draft::{Draft, compile_text};
use super::fixed::fixed;
use super::{Formula, Literal, Scope};
use crate::manifest::Manifest;
use crate::model::{Diagnostic, Diagnostics, Sources, Span, excerpt};

/// The longest name the platform keeps (API notes 6.9).
const MAX_NAME: usize = 20;
/// The longest `{tenant}-{service}-{name}`: it becomes a DNS label (API notes 6.9).
const MAX_LABEL: usize = 63;

/// What the manifest calls the stack, compiled; nothing where it does not say, or not in a way
/// that compiles.
pub(super) fn stack_formula(
    manifest: &Manifest,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Formula> {
    let written = &manifest.stack;
    // The reader has reported a stack that is missing or no text.
    let is_written = !written.value.is_empty() || !sources.text(written.span).is_empty();
    is_written
        .then(|| compile_text(written, sources, found))
        .flatten()
}

const STACK_RULE: &str = "1 to 24 lower-case letters, digits and `-`, beginning with a letter";

/// The name of the stack that a flag gives, in place of the manifest's.
pub(super) fn given_stack(name: &str, found: &mut Diagnostics) -> Option<String> {
    let fits = is_stack_name(name);
    if !fits {
        let message = format!("`--stack {}` cannot be the name of a stack", excerpt(name));
        found.push(Diagnostic::error_without_place(message).help(STACK_RULE));
    }
    fits.then(|| name.to_owned())
}

/// Whether a stack can be called that.
pub fn is_stack_name(name: &str) -> bool {
    let usable = |c: char| c == '-' || c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= 24
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(usable)
}

/// The name of the stack.
pub(super) fn stack(
    formula: &Formula,
    scope: &Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<String> {
    let literal = fixed(formula, "`stack`", scope, sources, found)?;
    let name = text(&literal, "`stack`", formula.span(), found)?;
    let fits = is_stack_name(name);
    if !fits {
        let message = format!(
            "{} cannot be the name of a stack",
            quoted(name, formula, scope)
        );
        found.push(Diagnostic::error(formula.span(), message).help(STACK_RULE));
    }
    fits.then(|| name.to_owned())
}

/// The name of the instance in the workspace, checked against the platform's limits.
pub(super) fn instance(
    draft: &Draft<'_>,
    scope: &Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<String> {
    let formula = draft.name.as_ref()?;
    let literal = fixed(formula, "`name`", scope, sources, found)?;
    let name = text(&literal, "`name`", formula.span(), found)?;
    let shown = quoted(name, formula, scope);
    let finding = if fits(name) {
        too_long(name, &shown, formula.span(), draft, scope)
    } else {
        let message = format!("{shown} cannot be the name of an instance");
        let help = rule_for(name, draft, may_quote(formula, scope));
        Some(Diagnostic::error(formula.span(), message).help(help))
    };
    match finding {
        None => Some(name.to_owned()),
        Some(finding) => {
            found.push(finding);
            None
        }
    }
}

fn text<'l>(
    literal: &'l Literal,
    what: &str,
    span: Span,
    found: &mut Diagnostics,
) -> Option<&'l str> {
    let text = literal.as_text();
    if text.is_none() {
        let message = format!("{what} must be text, this is {}", literal.word());
        found.push(Diagnostic::error(span, message));
    }
    text
}

fn is_usable(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// Whether the platform takes it as the name of an instance, but for its length with others.
pub(super) fn fits(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_NAME && name.chars().all(is_usable)
}

/// What names are.
pub(super) fn rule() -> String {
    format!("names are 1 to {MAX_NAME} lower-case letters and digits")
}

/// The same, with one that would do where that can be guessed.
fn rule_for(wrong: &str, draft: &Draft<'_>, may_quote: bool) -> String {
    let lower = wrong.to_lowercase();
    let fitting: String = lower
        .chars()
        .filter(|c| is_usable(*c))
        .take(MAX_NAME)
        .collect();
    let rule = rule();
    match draft.written.name {
        _ if fitting.is_empty() || !may_quote => rule,
        Some(_) => format!("{rule}: `{fitting}` would do"),
        None => format!("{rule}; the key is the default: add `name: {fitting}`"),
    }
}

fn too_long(
    name: &str,
    shown: &str,
    span: Span,
    draft: &Draft<'_>,
    scope: &Scope,
) -> Option<Diagnostic> {
    let (workspace, service) = (scope.workspace.as_ref()?, draft.service.as_ref()?);
    let length = workspace.len() + service.id.len() + name.len() + 2;
    if length <= MAX_LABEL {
        return None;
    }
    let message = format!(
        "{shown} is too long: `{workspace}-{}-NAME` comes to {length} characters, the platform \
         allows {MAX_LABEL}",
        service.id
    );
    let help = match MAX_LABEL.checked_sub(length - name.len()) {
        Some(left @ 1..) => format!("at most {left} characters are left for the name"),
        _ => "no name is short enough in this workspace".to_owned(),
    };
    Some(Diagnostic::error(span, message).help(help))
}

/// A name for a message, without what may be a part of a secret.
pub(super) fn quoted(name: &str, formula: &Formula, scope: &Scope) -> String {
    if may_quote(formula, scope) {
        format!("`{}`", excerpt(name))
    } else {
        "this".to_owned()
    }
}

fn may_quote(formula: &Formula, scope: &Scope) -> bool {
    formula.references().all(|it| scope.may_quote(it))
}
