use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::draft::{Draft, DraftOption};
use super::secret_variables::is_url_with_user;
use super::{
    Attribute, DesiredSecret, Formula, Literal, OptionSetting, Origin, Reference, Scope,
    SecretSource, Setting, Value, check, plain_secret,
};
use crate::catalog::{OptionKind, OptionSpec, Service};
use crate::model::{Diagnostic, Diagnostics, OptionValue, Sources, Span};

/// The most that all values of a manifest may come to, in bytes: a short expression can stand
/// for a long text, and there can be many of them.
const MAX_TOTAL: usize = 64 << 20;

/// Evaluates and checks options, and makes their values known to others.
pub(super) struct Settler<'r> {
    pub(super) scope: &'r mut Scope,
    pub(super) secrets: &'r IndexMap<String, DesiredSecret>,
    pub(super) sources: &'r Sources,
    pub(super) found: &'r mut Diagnostics,
    /// How many bytes all values have come to so far.
    pub(super) total: usize,
}

impl Settler<'_> {
    /// The settings of an instance. What is wrong with one is reported and leaves it out.
    pub(super) fn settle(&mut self, draft: &Draft<'_>, service: &Service) -> Vec<OptionSetting> {
        let mut settings = Vec::with_capacity(draft.options.len());
        for DraftOption { name, formula } in &draft.options {
            if let (Some(spec), Some(formula)) = (service.option(name), formula) {
                settings.extend(self.declared(draft.key, spec, formula));
            }
        }
        self.add_mandatory(draft, service, &mut settings);
        settings
    }

    fn declared(
        &mut self,
        key: &str,
        spec: &OptionSpec,
        formula: &Formula,
    ) -> Option<OptionSetting> {
        if let Some(warning) = plain_secret::in_option(key, spec, formula) {
            self.found.push(warning);
        }
        let secrets = self.secrets_of(formula)?;
        let mut sensitive = spec.sensitive
            || self.scope.mentions_secret(formula.references())
            || is_url_with_user(formula);
        if sensitive {
            self.scope.add_secret_option(key, &spec.name, &secrets);
        }
        let mut setting = self.setting(key, spec, formula, (sensitive, &secrets))?;
        if !sensitive && matches!(&setting, Setting::Known(value) if value.is_sensitive()) {
            sensitive = true;
            self.scope.add_secret_option(key, &spec.name, &secrets);
        }
        if !secrets.is_empty() {
            setting = Setting::Deferred(formula.clone());
        }
        Some(OptionSetting {
            name: spec.name.clone(),
            setting,
            origin: Origin::Declared,
            sensitive,
            secrets,
            span: formula.span(),
        })
    }

    /// The secrets of the manifest that a value is made of: directly, through other secrets, and
    /// through the options of other instances.
    fn secrets_of(&mut self, formula: &Formula) -> Option<BTreeSet<String>> {
        let mut secrets = BTreeSet::new();
        for reference in self.scope.references(formula) {
            match reference {
                Reference::Secret(name) => {
                    secrets.insert(name.clone());
                    let behind = self.scope.composed().secrets(name);
                    secrets.extend(behind.map(str::to_owned));
                }
                Reference::Instance(key, Attribute::Option(option)) => {
                    if let Some(facts) = self.scope.instances.get(key) {
                        secrets.extend(facts.secrets_of(option).map(str::to_owned));
                    }
                }
                _ => {}
            }
        }
        let size = secrets.iter().map(String::len).sum();
        self.weigh(size, formula.span())?;
        Some(secrets)
    }

    fn setting(
        &mut self,
        key: &str,
        spec: &OptionSpec,
        formula: &Formula,
        (sensitive, secrets): (bool, &BTreeSet<String>),
    ) -> Option<Setting> {
        if self.scope.has_failed(formula) {
            return Some(Setting::Deferred(formula.clone()));
        }
        let literal = match formula.evaluate(self.scope) {
            Ok(Value::Known(literal)) => literal,
            Ok(Value::Unknown) => return Some(Setting::Deferred(formula.clone())),
            Err(error) => {
                self.found.push(error.diagnostic(self.sources));
                return None;
            }
        };
        self.weigh(literal.size(), formula.span())?;
        if literal == Literal::Null {
            self.scope.set_option(key, &spec.name, None);
            return self.unset(spec, formula.span());
        }
        match check(spec, &literal, sensitive, offender(spec, formula, &literal)) {
            Ok(value) => {
                self.scope.set_option(key, &spec.name, Some(literal));
                Some(Setting::Known(value))
            }
            Err(finding) => {
                self.found.push(self.with_sources(*finding, secrets));
                None
            }
        }
    }

    /// The finding with where the values came from that are not in the manifest.
    fn with_sources(&self, finding: Diagnostic, secrets: &BTreeSet<String>) -> Diagnostic {
        let secrets = secrets.iter().filter_map(|name| self.secrets.get(name));
        secrets.fold(finding, |finding, secret| match &secret.source {
            SecretSource::Given { what, .. } => {
                finding.related(secret.span, format!("its value comes from {what}"))
            }
            _ => finding,
        })
    }

    fn unset(&mut self, spec: &OptionSpec, span: Span) -> Option<Setting> {
        if spec.mandatory {
            let message = format!("`{}` is mandatory and cannot be null", spec.name);
            self.found.push(Diagnostic::error(span, message));
            return None;
        }
        Some(Setting::Unset)
    }

    /// Counts a value; reports the first that is too much and takes no more.
    fn weigh(&mut self, size: usize, span: Span) -> Option<()> {
        let before = self.total;
        self.total = before.saturating_add(size);
        if before <= MAX_TOTAL && self.total > MAX_TOTAL {
            let message = format!("the values come to more than {} MiB here", MAX_TOTAL >> 20);
            self.found.push(Diagnostic::error(span, message));
        }
        (self.total <= MAX_TOTAL).then_some(())
    }

    /// Mandatory options the manifest does not name: the catalog's default, or a finding.
    fn add_mandatory(
        &mut self,
        draft: &Draft<'_>,
        service: &Service,
        settings: &mut Vec<OptionSetting>,
    ) {
        let named = |name: &str| draft.options.iter().any(|option| option.name == name);
        let mut missing = Vec::new();
        for spec in service.options.values() {
            match &spec.default {
                _ if !spec.mandatory || named(&spec.name) => {}
                Some(default) => settings.push(self.by_default(draft, spec, default)),
                None => missing.push(format!("`{}`", spec.name)),
            }
        }
        if !missing.is_empty() && !draft.written.options_unreadable {
            let names = missing.join(", ");
            let are = if missing.len() == 1 {
                "option is"
            } else {
                "options are"
            };
            let message = format!("{}: mandatory {are} missing: {names}", service.id);
            let help = format!("add {names} to the `options` of `{}`", draft.key);
            let finding = Diagnostic::error(draft.written.span, message);
            self.found.push(finding.help(help));
        }
    }

    fn by_default(&mut self, draft: &Draft<'_>, spec: &OptionSpec, default: &str) -> OptionSetting {
        let literal = match spec.kind {
            OptionKind::Boolean => Literal::Boolean(default == "true"),
            _ => Literal::Text(default.to_owned()),
        };
        if spec.sensitive {
            let none = BTreeSet::new();
            self.scope.add_secret_option(draft.key, &spec.name, &none);
        }
        self.scope.set_option(draft.key, &spec.name, Some(literal));
        OptionSetting {
            name: spec.name.clone(),
            setting: Setting::Known(OptionValue::new(default.to_owned(), spec.sensitive)),
            origin: Origin::CatalogDefault,
            sensitive: spec.sensitive,
            secrets: BTreeSet::new(),
            span: draft.written.span,
        }
    }
}

/// The place to blame for a value that does not pass: the item, where it is one of a list.
fn offender(spec: &OptionSpec, formula: &Formula, literal: &Literal) -> Span {
    let Literal::List(values) = literal else {
        return formula.span();
    };
    let alone = |value: &Literal| Literal::List(vec![value.clone()]);
    let wrong = |value: &Literal| check(spec, &alone(value), true, formula.span()).is_err();
    let mut items = formula.items().iter().zip(values);
    match (&spec.kind, items.find(|(_, value)| wrong(value))) {
        (OptionKind::List, Some((item, _))) => item.span(),
        _ => formula.span(),
    }
}
