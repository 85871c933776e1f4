use super::{OutputValue, Plan, PlannedOutput};
use crate::live::{Live, State};
use crate::model::{Diagnostics, OptionValue, Sources};
use crate::resolve::{
    Desired, DesiredInstance, DesiredOutput, EvaluationError, Literal, Scope, Setting, Value,
};

/// The outputs as they are now, every present instance's endpoint known.
///
/// An output that depends on something absent, unreadable or not exposed is
/// [`OutputValue::Unknown`].
///
/// # Errors
/// Findings about expressions that fail with what is known.
pub fn outputs_now(
    desired: &Desired,
    live: &Live,
    sources: &Sources,
) -> Result<Vec<(String, OutputValue)>, Diagnostics> {
    let mut scope = desired.scope.clone();
    for (key, instance) in &desired.instances {
        learn_options(key, instance, &mut scope);
        if let Some(State::Present(found)) = live.instances.get(key) {
            scope.set_endpoint(key, found.endpoint.clone());
        }
    }
    let mut found = Diagnostics::default();
    let outputs = planned(desired, &scope, sources, &mut found);
    if found.has_errors() {
        return Err(found);
    }
    Ok(outputs.into_iter().map(|it| (it.name, it.value)).collect())
}

impl Plan {
    /// The outputs as they are with what an apply has learned; one whose expression still fails
    /// has no value.
    pub fn outputs_with(&self, scope: &Scope) -> Vec<(String, OutputValue)> {
        self.outputs
            .iter()
            .map(|planned| {
                let value = value(&planned.output, scope).unwrap_or(OutputValue::Unknown);
                (planned.name.clone(), value)
            })
            .collect()
    }
}

/// The outputs as far as they are known.
pub(super) fn planned(
    desired: &Desired,
    scope: &Scope,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<PlannedOutput> {
    let mut all = Vec::with_capacity(desired.outputs.len());
    for (name, output) in &desired.outputs {
        match value(output, scope) {
            Ok(value) => all.push(PlannedOutput {
                name: name.clone(),
                output: output.clone(),
                value,
            }),
            Err(error) => found.push(error.diagnostic(sources)),
        }
    }
    all
}

fn value(output: &DesiredOutput, scope: &Scope) -> Result<OutputValue, EvaluationError> {
    Ok(match output.formula.evaluate(scope)? {
        Value::Unknown => OutputValue::Unknown,
        Value::Known(literal) => {
            let text = literal.as_text().unwrap_or_default().to_owned();
            OutputValue::Known(OptionValue::new(text, output.sensitive))
        }
    })
}

/// Makes the options known that wait for something live; one that fails stays unknown.
fn learn_options(key: &str, instance: &DesiredInstance, scope: &mut Scope) {
    for option in &instance.options {
        let Setting::Deferred(formula) = &option.setting else {
            continue;
        };
        if let Ok(Value::Known(literal)) = formula.evaluate(scope) {
            let value = (literal != Literal::Null).then_some(literal);
            scope.set_option(key, &option.name, value);
        }
    }
}
