use std::collections::BTreeMap;

use secrecy::SecretString;

use super::{After, InstanceTarget};
use crate::model::{Diagnostic, OptionValue};
use crate::osc::Instance;
use crate::resolve::{
    EvaluationError, Formula, Literal, OptionSetting, Origin, Reference, Scope, Setting, Value,
    check,
};

/// The options of an instance with every formula filled in.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    /// What the manifest declares: a value, or nothing to unset it.
    pub declared: BTreeMap<String, Option<OptionValue>>,
    /// Mandatory options the manifest does not name, for a create.
    pub defaults: BTreeMap<String, OptionValue>,
    /// The values of those options that hold a reference to a secret, as far as they are known.
    pub secrets: BTreeMap<String, Option<SecretString>>,
}

/// An option that cannot be filled in.
#[derive(Debug, Clone)]
pub enum Unfilled {
    /// What it depends on has no value yet.
    Unknown {
        /// The option.
        option: String,
    },
    /// The expression fails.
    Failed(EvaluationError),
    /// The value is not one the option can have.
    Refused(Box<Diagnostic>),
}

impl InstanceTarget {
    /// Fills in every option; of a secret only the reference has to be known.
    ///
    /// # Errors
    /// When one is still unknown, fails, or may not have the value it comes to.
    pub fn fill(&self, scope: &Scope) -> Result<Filled, Unfilled> {
        let mut filled = Filled::default();
        for option in &self.options {
            let value = match self.settle(option, scope)?.0 {
                After::Value(value) => {
                    if self.secrets.contains_key(&option.name) {
                        let secret = self.secret_value(option, scope)?;
                        filled.secrets.insert(option.name.clone(), secret);
                    }
                    Some(value)
                }
                After::Unset => None,
                After::Unknown { .. } => {
                    return Err(Unfilled::Unknown {
                        option: option.name.clone(),
                    });
                }
            };
            match (option.origin, value) {
                (Origin::Declared, value) => {
                    filled.declared.insert(option.name.clone(), value);
                }
                (Origin::CatalogDefault, Some(value)) => {
                    filled.defaults.insert(option.name.clone(), value);
                }
                (Origin::CatalogDefault, None) => {}
            }
        }
        Ok(filled)
    }

    /// What one option is to hold as far as it is known, and its value for other expressions. One
    /// that is made of a secret holds a reference, which is always known.
    pub(super) fn settle(
        &self,
        option: &OptionSetting,
        scope: &Scope,
    ) -> Result<(After, Option<Literal>), Unfilled> {
        let (value, literal) = self.value(option, scope)?;
        let held = match (value, self.secrets.get(&option.name)) {
            (After::Value(_) | After::Unknown { .. }, Some(secret)) => {
                After::Value(OptionValue::new(secret.reference(), true))
            }
            (value, _) => value,
        };
        Ok((held, literal))
    }

    /// The value behind an option's reference, where it is known.
    ///
    /// # Errors
    /// When the option may not have it.
    pub fn secret_value(
        &self,
        option: &OptionSetting,
        scope: &Scope,
    ) -> Result<Option<SecretString>, Unfilled> {
        Ok(match self.value(option, scope)?.0 {
            After::Value(OptionValue::Sensitive(value)) => Some(value),
            After::Value(OptionValue::Plain(value)) => Some(value.into()),
            After::Unset | After::Unknown { .. } => None,
        })
    }

    fn value(
        &self,
        option: &OptionSetting,
        scope: &Scope,
    ) -> Result<(After, Option<Literal>), Unfilled> {
        let formula: &Formula = match &option.setting {
            Setting::Unset => return Ok((After::Unset, None)),
            Setting::Known(value) => {
                let value = value.clone();
                let value = if option.sensitive {
                    value.into_sensitive()
                } else {
                    value
                };
                return Ok((After::Value(value), None));
            }
            Setting::Deferred(formula) => formula,
        };
        let value = formula.evaluate(scope);
        let spec = self.service.option(&option.name);
        let literal = match value.map_err(Unfilled::Failed)? {
            Value::Unknown => {
                return Ok((
                    After::Unknown {
                        sensitive: option.sensitive,
                    },
                    None,
                ));
            }
            Value::Known(Literal::Null) if spec.is_some_and(|spec| spec.mandatory) => {
                let message = format!("`{}` is mandatory and cannot be null", option.name);
                let finding = Diagnostic::error(option.span, message);
                return Err(Unfilled::Refused(Box::new(finding)));
            }
            Value::Known(Literal::Null) => return Ok((After::Unset, Some(Literal::Null))),
            Value::Known(literal) => literal,
        };
        let Some(spec) = spec else {
            return Ok((After::Unset, None));
        };
        let value =
            check(spec, &literal, option.sensitive, option.span).map_err(Unfilled::Refused)?;
        Ok((After::Value(value), Some(literal)))
    }

    /// Makes the values known of the options that waited for something live; one that still
    /// waits, or fails, stays unknown.
    pub fn teach(&self, scope: &mut Scope) {
        teach_options(&self.key, &self.options, scope);
    }

    /// Whether any option is made of the ports of the instance with this key.
    pub fn refers_to_ports_of(&self, key: &str, scope: &Scope) -> bool {
        let deferred = self
            .options
            .iter()
            .filter_map(|option| match &option.setting {
                Setting::Deferred(formula) => Some(formula),
                Setting::Unset | Setting::Known(_) => None,
            });
        deferred
            .flat_map(|formula| scope.references(formula))
            .any(|reference| match reference {
                Reference::Instance(of, attribute) => of == key && attribute.needs_ports(),
                _ => false,
            })
    }

    /// Whether a live instance already is as the filled options say.
    pub fn is_met_by(&self, filled: &Filled, live: &Instance) -> bool {
        filled.declared.iter().all(|(name, wanted)| {
            super::compare::same(
                self.service.option(name),
                live.options.get(name),
                wanted.as_ref(),
            )
        })
    }
}

/// As [`InstanceTarget::teach`].
pub(super) fn teach_options(key: &str, options: &[OptionSetting], scope: &mut Scope) {
    for option in options {
        let Setting::Deferred(formula) = &option.setting else {
            continue;
        };
        if let Ok(Value::Known(literal)) = formula.evaluate(scope) {
            let value = (literal != Literal::Null).then_some(literal);
            scope.set_option(key, &option.name, value);
        }
    }
}

impl Filled {
    /// Every value to send with a create.
    pub fn for_create(&self) -> BTreeMap<String, OptionValue> {
        let declared = self.declared.iter();
        let set = declared.filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        self.defaults.clone().into_iter().chain(set).collect()
    }
}
