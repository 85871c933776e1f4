use std::collections::BTreeSet;

use super::error::CliError;
use super::stack::Stack;
use crate::model::nearest;
use crate::plan::{Plan, Step};
use crate::resolve::SecretSource;

/// The names of the secrets to rotate: generated ones, and those whose values the run has, which are
/// given anew.
pub(super) fn names(given: &[String], stack: &Stack) -> Result<BTreeSet<String>, CliError> {
    given.iter().map(|address| name(address, stack)).collect()
}

fn name(address: &str, stack: &Stack) -> Result<String, CliError> {
    let secrets = &stack.desired.secrets;
    let name = address.strip_prefix("secrets.").unwrap_or(address);
    let Some(secret) = secrets.get(name) else {
        let message = format!("the manifest has no secret `{address}`");
        return Err(match nearest(name, secrets.keys().map(String::as_str)) {
            Some(near) => CliError::usage_with(message, format!("did you mean `secrets.{near}`?")),
            None => CliError::usage_with(message, "write `secrets.NAME`"),
        });
    };
    match &secret.source {
        SecretSource::Generate(_)
        | SecretSource::AccessToken { missing: None }
        | SecretSource::Given { missing: None, .. } => Ok(name.to_owned()),
        SecretSource::AccessToken { missing: Some(why) }
        | SecretSource::Given {
            missing: Some(why), ..
        } => Err(CliError::usage(format!(
            "`secrets.{name}` has no value to be given: {why}"
        ))),
        SecretSource::Value(_) => Err(CliError::usage_with(
            format!("`secrets.{name}` is made of other values"),
            "rotate the secret that it is made of",
        )),
    }
}

/// Refuses a rotation that cannot reach everything that has the secret: with the new value in the
/// vault and the old one somewhere, nothing would work.
pub(super) fn check(plan: &Plan) -> Result<(), CliError> {
    let stuck = |step: &&Step| {
        let gives = step.instance().is_some_and(|target| target.gives_secrets);
        step.held.is_some() && gives
    };
    match plan.steps.iter().find(stuck) {
        None => Ok(()),
        Some(step) => Err(CliError::Guard {
            message: format!(
                "nothing is rotated: {} has the secret and is held back, as said above",
                step.address
            ),
            hint: "a secret changes for all that have it, or for none".to_owned(),
        }),
    }
}
