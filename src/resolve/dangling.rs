use super::draft::{Draft, Drafts, instance_key};
use super::expression::{Expression, place_of_reference};
use super::{Attribute, Formula, Reference};
use crate::manifest::Manifest;
use crate::model::{Diagnostic, Diagnostics, Sources, Span, excerpt, nearest};

/// Reports references to variables, secrets, instances and options that the manifest does not have.
pub(super) struct Dangling<'r> {
    pub(super) manifest: &'r Manifest,
    pub(super) drafts: &'r Drafts<'r>,
    pub(super) sources: &'r Sources,
}

impl Dangling<'_> {
    /// In everything an instance says. Its `when` and `name` cannot refer to instances at all,
    /// which is said where they are evaluated.
    pub(super) fn report_draft(&self, draft: &Draft<'_>, found: &mut Diagnostics) {
        for formula in draft.options.iter().filter_map(|it| it.formula.as_ref()) {
            self.report(formula, found);
        }
        for formula in draft.when.iter().chain(&draft.name) {
            self.report_variables(formula, found);
        }
        for target in &draft.written.depends_on {
            let key = instance_key(&target.value);
            if !self.drafts.contains_key(key) {
                found.push_error(|| self.no_instance(key, target.span, "write `instances.KEY`"));
            }
        }
    }

    /// In one value.
    pub(super) fn report(&self, formula: &Formula, found: &mut Diagnostics) {
        for (value, expression) in formula.expressions() {
            for reference in &expression.references {
                self.report_reference(value, expression, reference, found);
            }
        }
    }

    /// In a value that cannot refer to instances.
    pub(super) fn report_variables(&self, formula: &Formula, found: &mut Diagnostics) {
        for (value, expression) in formula.expressions() {
            for reference in &expression.references {
                if let Reference::Variable(_) = reference {
                    self.report_reference(value, expression, reference, found);
                }
            }
        }
    }

    fn report_reference(
        &self,
        value: Span,
        expression: &Expression,
        reference: &Reference,
        found: &mut Diagnostics,
    ) {
        let at = || {
            let path = reference.path().join(".");
            place_of_reference(self.sources, value, &expression.source, &path)
        };
        match reference {
            Reference::Variable(name) if !self.manifest.variables.contains_key(name) => {
                found.push_error(|| self.no_variable(name, at()));
            }
            Reference::Secret(name) if !self.manifest.secrets.contains_key(name) => {
                found.push_error(|| self.no_secret(name, at()));
            }
            Reference::Instance(key, attribute) => {
                let Some(draft) = self.drafts.get(key.as_str()) else {
                    let help = "declare it under `instances:`";
                    found.push_error(|| self.no_instance(key, at(), help));
                    return;
                };
                if let Attribute::Option(option) = attribute
                    && let Some((message, help)) = undeclared(draft, option)
                {
                    found.push_error(|| Diagnostic::error(at(), message).help(help));
                }
            }
            _ => {}
        }
    }

    fn no_variable(&self, name: &str, at: Span) -> Diagnostic {
        let known = self.manifest.variables.keys().map(String::as_str);
        Diagnostic::error(at, format!("there is no variable `{}`", excerpt(name)))
            .did_you_mean(nearest(name, known), "declare it under `variables:`")
    }

    fn no_secret(&self, name: &str, at: Span) -> Diagnostic {
        let known = self.manifest.secrets.keys().map(String::as_str);
        Diagnostic::error(at, format!("there is no secret `{}`", excerpt(name)))
            .did_you_mean(nearest(name, known), "declare it under `secrets:`")
    }

    fn no_instance(&self, key: &str, at: Span, otherwise: &str) -> Diagnostic {
        let known = self.manifest.instances.keys().map(String::as_str);
        Diagnostic::error(at, format!("there is no instance `{}`", excerpt(key)))
            .did_you_mean(nearest(key, known), otherwise)
    }
}

/// What is wrong with referring to an option whose value the manifest does not give.
fn undeclared(draft: &Draft<'_>, option: &str) -> Option<(String, String)> {
    let service = draft.service.as_ref()?;
    let spec = service.option(option);
    let by_default = spec.is_some_and(|spec| spec.mandatory && spec.default.is_some());
    if by_default || draft.options.iter().any(|it| it.name == option) {
        return None;
    }
    let key = draft.key;
    let names = || service.options.keys().map(String::as_str);
    let below = format!("{option}.");
    let members: Vec<&str> = names().filter(|name| name.starts_with(&below)).collect();
    if !members.is_empty() {
        let message = format!("`{option}` is a group of options");
        return Some((message, format!("name one of: {}", members.join(", "))));
    }
    if spec.is_some() {
        let message = format!("`{key}` does not say what its option `{option}` is");
        let help = format!("declare it in the `options` of `{key}` to refer to it");
        return Some((message, help));
    }
    let message = format!("{} has no option `{option}`", service.id);
    let help = match nearest(option, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`options` of `{key}` says which it has"),
    };
    Some((message, help))
}
