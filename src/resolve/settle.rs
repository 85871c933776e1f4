use super::draft::{Draft, DraftOption};
use super::secrets::is_url_with_user;
use super::{Formula, Literal, OptionSetting, Origin, Scope, Setting, Value, check};
use crate::catalog::{OptionKind, OptionSpec, Service};
use crate::model::{Diagnostic, Diagnostics, OptionValue, Sources, Span};

/// The most that all values of a manifest may come to, in bytes: a short expression can stand
/// for a long text, and there can be many of them.
const MAX_TOTAL: usize = 64 << 20;

/// Evaluates and checks options, and makes their values known to others.
pub(super) struct Settler<'r> {
    pub(super) scope: &'r mut Scope,
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
        let mut sensitive = spec.sensitive
            || self.scope.mentions_secret(formula.references())
            || is_url_with_user(formula);
        let setting = self.setting(key, spec, formula, sensitive)?;
        sensitive |= matches!(&setting, Setting::Known(value) if value.is_sensitive());
        if sensitive {
            self.scope.add_secret_option(key, &spec.name);
        }
        Some(OptionSetting {
            name: spec.name.clone(),
            setting,
            origin: Origin::Declared,
            sensitive,
            secrets: Default::default(),
            span: formula.span(),
        })
    }

    fn setting(
        &mut self,
        key: &str,
        spec: &OptionSpec,
        formula: &Formula,
        sensitive: bool,
    ) -> Option<Setting> {
        let literal = match formula.evaluate(self.scope) {
            Ok(Value::Known(literal)) => literal,
            Ok(Value::Unknown) => return Some(Setting::Deferred(formula.clone())),
            Err(error) => {
                self.found.push(error.diagnostic(self.sources));
                return None;
            }
        };
        self.weigh(&literal, formula.span())?;
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
                self.found.push(*finding);
                None
            }
        }
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
    fn weigh(&mut self, literal: &Literal, span: Span) -> Option<()> {
        let before = self.total;
        self.total = before.saturating_add(literal.size());
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
        self.scope.set_option(draft.key, &spec.name, Some(literal));
        if spec.sensitive {
            self.scope.add_secret_option(draft.key, &spec.name);
        }
        OptionSetting {
            name: spec.name.clone(),
            setting: Setting::Known(OptionValue::new(default.to_owned(), spec.sensitive)),
            origin: Origin::CatalogDefault,
            sensitive: spec.sensitive,
            secrets: Default::default(),
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
