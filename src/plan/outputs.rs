use super::fill::teach_options;
use super::pending_ports::PendingPorts;
use super::{OutputValue, Plan, PlannedOutput};
use crate::live::{Live, State};
use crate::model::{Diagnostics, OptionValue, Sources};
use crate::resolve::{Desired, DesiredOutput, EvaluationError, Scope, Value};

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
    let mut pending_ports = PendingPorts::default();
    for (key, instance) in &desired.instances {
        teach_options(key, &instance.options, &mut scope);
        if let Some(State::Present(found)) = live.instances.get(key) {
            pending_ports.note(key, &found.endpoint);
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
    /// The outputs as they are with what an apply has learned; one whose expression still fails
    /// has no value.
    pub fn outputs_with(&self, scope: &Scope) -> Vec<(String, OutputValue)> {
        self.outputs
            .iter()
            .map(|planned| {
                let value = value(&planned.output, scope, &PendingPorts::default())
                    .unwrap_or(OutputValue::Unknown);
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
    let mut all = Vec::with_capacity(desired.outputs.len());
    for (name, output) in &desired.outputs {
        match value(output, scope, pending_ports) {
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

fn value(
    output: &DesiredOutput,
    scope: &Scope,
    pending_ports: &PendingPorts,
) -> Result<OutputValue, EvaluationError> {
    Ok(match pending_ports.evaluate(&output.formula, scope)? {
        Value::Unknown => OutputValue::Unknown,
        Value::Known(literal) => {
            let text = literal.as_text().unwrap_or_default().to_owned();
            OutputValue::Known(OptionValue::new(text, output.sensitive))
        }
    })
}
