use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::{
    DesiredInstance, DesiredOutput, DesiredSecret, Formula, GivenSecret, Inputs, Reference, Scope,
    SecretSource,
};
use crate::manifest::{self, Manifest, Secret};
use crate::model::{Diagnostics, Sources, excerpt};

/// A secret whose formula is compiled, where it has one and that compiled.
pub(super) struct DraftSecret<'m> {
    pub(super) name: &'m str,
    pub(super) written: &'m Secret,
    pub(super) formula: Option<Formula>,
}

/// Compiles the formulas of the secrets; what does not compile is reported.
pub(super) fn drafts<'m>(
    manifest: &'m Manifest,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<DraftSecret<'m>> {
    let secrets = manifest.secrets.iter();
    secrets
        .map(|(name, written)| DraftSecret {
            name,
            written,
            formula: match &written.source {
                Some(manifest::SecretSource::Value(node)) => Formula::compile(node, sources, found),
                _ => None,
            },
        })
        .collect()
}

/// The secrets as the manifest has them; the values that the run was given are known from here
/// on.
pub(super) fn settle(
    drafts: Vec<DraftSecret<'_>>,
    inputs: &Inputs,
    scope: &mut Scope,
) -> IndexMap<String, DesiredSecret> {
    let mut secrets = IndexMap::with_capacity(drafts.len());
    for draft in drafts {
        let span = draft.written.span;
        if let Some(source) = source(&draft, inputs, scope) {
            secrets.insert(draft.name.to_owned(), DesiredSecret { source, span });
        }
    }
    secrets
}

fn source(draft: &DraftSecret<'_>, inputs: &Inputs, scope: &mut Scope) -> Option<SecretSource> {
    use manifest::SecretSource as Written;
    let what = match draft.written.source.as_ref()? {
        Written::Generate(recipe) => return Some(SecretSource::Generate(*recipe)),
        Written::Value(_) => return draft.formula.clone().map(SecretSource::Value),
        Written::AccessToken => {
            let missing = given(draft.name, inputs, scope);
            return Some(SecretSource::AccessToken { missing });
        }
        Written::Env(name) => format!("the environment variable {}", excerpt(&name.value)),
        Written::File(path) => format!("the file {}", excerpt(&path.value)),
        Written::Command(words) => {
            let program = words.first().map_or("", |word| &word.value);
            format!("the command `{}`", excerpt(program))
        }
    };
    let missing = given(draft.name, inputs, scope);
    Some(SecretSource::Given { what, missing })
}

/// Takes the value that the run was given; else says why there is none.
fn given(name: &str, inputs: &Inputs, scope: &mut Scope) -> Option<String> {
    match inputs.secrets.get(name) {
        Some(GivenSecret::Value(value)) => {
            scope.set_secret(name, value.clone());
            None
        }
        Some(GivenSecret::Missing(why)) => Some(why.clone()),
        None => Some("its value has not been looked up".to_owned()),
    }
}

/// Reports the secrets that somebody uses and that can have no value. One that only left-out
/// instances use may well be made of what is left out with them.
pub(super) fn report_failures(
    secrets: &IndexMap<String, DesiredSecret>,
    instances: &IndexMap<String, DesiredInstance>,
    outputs: &IndexMap<String, DesiredOutput>,
    scope: &Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) {
    let mut used: BTreeSet<&str> = instances
        .values()
        .flat_map(DesiredInstance::secrets)
        .collect();
    let shown = outputs.values().flat_map(|it| it.formula.references());
    for reference in shown {
        if let Reference::Secret(name) = reference
            && used.insert(name)
        {
            used.extend(scope.composed().secrets(name));
        }
    }
    for (name, secret) in secrets {
        let SecretSource::Value(formula) = &secret.source else {
            continue;
        };
        // One that is made of another that failed has failed for that one's reason.
        if let Some(error) = scope.failure(&Reference::Secret(name.clone()))
            && error.span == formula.span()
            && used.contains(name.as_str())
        {
            found.push(error.diagnostic(sources));
        }
    }
}
