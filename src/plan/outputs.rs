use std::collections::BTreeSet;

use super::fill::teach_options;
use super::pending_ports::PendingPorts;
use super::{OutputValue, Plan, PlannedOutput, whole};
use crate::live::{Live, State};
use crate::model::{Diagnostic, Diagnostics, OptionValue, Sources};
use crate::resolve::{Desired, DesiredOutput, Literal, Scope, Value};

/// The outputs as they are now, every present instance's endpoint known.
///
/// An output that depends on something absent, unreadable or not exposed is
/// [`OutputValue::Unknown`].
///
/// # Errors
/// Findings about expressions that fail with what is known, or that come to no text.
pub fn outputs_now(
    desired: &Desired,
    live: &Live,
    sources: &Sources,
) -> Result<Vec<(String, OutputValue)>, Diagnostics> {
    let mut scope = whole::scope(desired, live, &BTreeSet::new());
    let mut pending_ports = PendingPorts::default();
    for (key, instance) in &desired.instances {
        teach_options(key, &instance.options, &mut scope);
        if let Some(State::Present(found)) = live.instances.get(key) {
            pending_ports.note(key, found.endpoint.clone());
            scope.set_endpoint(key, found.endpoint.clone());
        }
    }
    let mut found = Diagnostics::default();
    let outputs = planned(desired, &scope, &pending_ports, sources, &mut found);
    if found.has_errors() {
        return Err(found);
    }
    Ok(outputs.into_iter().map(|it| (it.name, it.value)).collect())
}

impl Plan {
    /// The outputs as they are with what an apply has learned. One about which it learned nothing
    /// stays as it was planned; one of something that is gone has no value.
    pub fn outputs_with(&self, scope: &Scope) -> Vec<(String, OutputValue)> {
        let outputs = self.outputs.iter();
        outputs
            .map(|planned| {
                let formula = &planned.output.formula;
                let was_known = || matches!(formula.evaluate(&self.scope), Ok(Value::Known(_)));
                let value = match formula.evaluate(scope) {
                    Ok(Value::Known(literal)) => known(&planned.output, &literal),
                    Ok(Value::Unknown) if was_known() => Some(OutputValue::Unknown),
                    Ok(Value::Unknown) | Err(_) => None,
                };
                let value = value.unwrap_or_else(|| planned.value.clone());
                (planned.name.clone(), value)
            })
            .collect()
    }
}

/// The outputs as far as they are known.
pub(super) fn planned(
    desired: &Desired,
    scope: &Scope,
    pending_ports: &PendingPorts,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<PlannedOutput> {
    let as_read = pending_ports.as_read(scope);
    let mut all = Vec::with_capacity(desired.outputs.len());
    for (name, output) in &desired.outputs {
        let value = match pending_ports.evaluate(&output.formula, &as_read) {
            Ok(Value::Unknown) => Ok(OutputValue::Unknown),
            Ok(Value::Known(literal)) => {
                known(output, &literal).ok_or_else(|| no_text(output, &literal))
            }
            Err(error) => Err(error.diagnostic(sources)),
        };
        match value {
            Ok(value) => all.push(PlannedOutput {
                name: name.clone(),
                output: output.clone(),
                value,
            }),
            Err(finding) => found.push(finding),
        }
    }
    all
}

fn known(output: &DesiredOutput, literal: &Literal) -> Option<OutputValue> {
    let text = literal.as_text()?.to_owned();
    Some(OutputValue::Known(OptionValue::new(text, output.sensitive)))
}

fn no_text(output: &DesiredOutput, literal: &Literal) -> Diagnostic {
    let message = format!("an output must be text, this is {}", literal.word());
    Diagnostic::error(output.formula.span(), message)
}
