use super::draft::Draft;
use super::{Formula, Literal, Reference, Scope, Value};
use crate::model::{Diagnostic, Diagnostics, Sources};

/// The value of something that must be known before anything is read and may be shown.
///
/// Instances and secrets in it are reported, as is whatever else keeps it from having a value.
pub(super) fn fixed(
    formula: &Formula,
    what: &str,
    scope: &Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Literal> {
    let live = |reference: &Reference| matches!(reference, Reference::Instance(..));
    if formula.references().any(live) {
        let message = format!("{what} cannot depend on an instance");
        let help = "it is needed before anything is read: use variables";
        found.push(Diagnostic::error(formula.span(), message).help(help));
        return None;
    }
    if scope.mentions_secret(formula.references()) {
        let message = format!("{what} cannot hold a secret: it is shown");
        let is_secret = |reference: &Reference| matches!(reference, Reference::Secret(_));
        let help = match formula.references().any(is_secret) {
            true => "use a variable",
            false => "a variable is a secret by its name, or by being the value of a secret option",
        };
        found.push(Diagnostic::error(formula.span(), message).help(help));
        return None;
    }
    match formula.evaluate(scope) {
        Ok(Value::Known(literal)) => Some(literal),
        Ok(Value::Unknown) => {
            let workspace = |reference: &Reference| *reference == Reference::Workspace;
            if scope.workspace.is_none() && formula.references().any(workspace) {
                let message = format!("{what} needs the workspace, and nobody is signed in");
                let help = "add `workspace: NAME` to the manifest";
                found.push(Diagnostic::error(formula.span(), message).help(help));
            }
            None
        }
        Err(error) => {
            found.push(error.diagnostic(sources));
            None
        }
    }
}

/// Whether `when` keeps the instance in; it stays in where that cannot be said.
pub(super) fn is_wanted(
    draft: &Draft<'_>,
    scope: &Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> bool {
    let Some(when) = &draft.when else { return true };
    match fixed(when, "`when`", scope, sources, found) {
        Some(Literal::Boolean(wanted)) => wanted,
        Some(other) => {
            let message = format!("`when` must be true or false, this is {}", other.word());
            found.push(Diagnostic::error(when.span(), message));
            true
        }
        None => true,
    }
}
