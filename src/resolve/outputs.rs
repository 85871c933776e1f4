use indexmap::IndexMap;

use super::secret_variables::{holds_url_with_user, is_url_with_user};
use super::{DesiredOutput, Formula, Scope, Value};
use crate::manifest::{Manifest, Output};
use crate::model::{Diagnostic, Diagnostics, Sources};

/// An output whose formula is compiled.
pub(super) struct DraftOutput<'m> {
    pub(super) name: &'m str,
    pub(super) written: &'m Output,
    pub(super) formula: Formula,
}

/// Compiles the outputs; what does not compile is reported and left out.
pub(super) fn drafts<'m>(
    manifest: &'m Manifest,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<DraftOutput<'m>> {
    let outputs = manifest.outputs.iter();
    outputs
        .filter_map(|(name, written)| {
            Some(DraftOutput {
                name,
                written,
                formula: Formula::compile(&written.value, sources, found)?,
            })
        })
        .collect()
}

/// Checks the outputs as far as they are known.
pub(super) fn settle(
    drafts: Vec<DraftOutput<'_>>,
    scope: &Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> IndexMap<String, DesiredOutput> {
    let mut outputs = IndexMap::with_capacity(drafts.len());
    for draft in drafts {
        if let Some(finding) = problem(&draft, scope, sources) {
            found.push(finding);
        }
        let output = DesiredOutput {
            sensitive: draft.written.sensitive,
            formula: draft.formula,
        };
        outputs.insert(draft.name.to_owned(), output);
    }
    outputs
}

fn problem(draft: &DraftOutput<'_>, scope: &Scope, sources: &Sources) -> Option<Diagnostic> {
    let formula = &draft.formula;
    let value = match formula.evaluate(scope) {
        // Why, is said at the secret.
        _ if scope.has_failed(formula) => None,
        Ok(Value::Known(literal)) => Some(literal),
        Ok(Value::Unknown) => None,
        Err(error) => return Some(error.diagnostic(sources)),
    };
    let secret = scope.mentions_secret(formula.references())
        || is_url_with_user(formula)
        || value.as_ref().is_some_and(holds_url_with_user);
    if secret && !draft.written.sensitive {
        let message = format!("the output `{}` would print a secret", draft.name);
        let help = "write it as a mapping with `value:` and `sensitive: true`";
        return Some(Diagnostic::error(formula.span(), message).help(help));
    }
    let value = value.filter(|value| value.as_text().is_none())?;
    let message = format!("an output must be text, this is {}", value.word());
    Some(Diagnostic::error(formula.span(), message))
}
