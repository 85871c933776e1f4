use std::collections::BTreeSet;

use super::args::ConsentArgs;
use super::error::CliError;
use super::stack::Stack;
use crate::model::nearest;
use crate::plan::Consent;

/// Who stands behind a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bearing {
    /// Whether the whole stack is to go.
    pub(super) destroys: bool,
    /// Whether nobody looks on and no workspace is named.
    pub(super) unattended: bool,
}

/// What the flags consent to; their addresses must be those of instances.
///
/// An instance that the manifest does not declare is `SERVICE/NAME`: whether there is one shows only
/// once the workspace has been read.
pub(super) fn consent(
    args: &ConsentArgs,
    stack: &Stack,
    bearing: Bearing,
) -> Result<Consent, CliError> {
    let (all, discard): (Vec<&String>, Vec<&String>) = args
        .discard_data
        .iter()
        .partition(|address| *address == "all" && bearing.destroys);
    Ok(Consent {
        discard_all: !all.is_empty(),
        discard: addresses("--discard-data", discard, stack)?,
        replace: addresses("--replace", &args.replace, stack)?,
        changed_inside: addresses("--changed-inside", &args.changed_inside, stack)?,
        modified: addresses("--include-modified", &args.include_modified, stack)?,
        deletes: args.allow_deletes,
        empty: args.allow_empty,
        unattended: bearing.unattended,
    })
}

fn addresses<'a>(
    flag: &str,
    given: impl IntoIterator<Item = &'a String>,
    stack: &Stack,
) -> Result<BTreeSet<String>, CliError> {
    let given = given.into_iter();
    given
        .map(|address| check(flag, address, stack).map(|()| address.clone()))
        .collect()
}

/// Makes sure that an address can be one of an instance.
fn check(flag: &str, address: &str, stack: &Stack) -> Result<(), CliError> {
    if let Some((service, name)) = address.split_once('/')
        && stack.catalog.service(service).is_some()
        && !name.is_empty()
    {
        return Ok(());
    }
    let known = stack.desired.instances.values();
    let known = known.map(|it| it.address.as_str());
    if known.clone().any(|known| known == address) {
        return Ok(());
    }
    let message = format!("`{flag} {address}` names no instance of this stack");
    Err(match nearest(address, known) {
        Some(near) => CliError::usage_with(message, format!("did you mean `{near}`?")),
        None => CliError::usage_with(
            message,
            "write `instances.KEY`, or `SERVICE/NAME` for one that is not declared",
        ),
    })
}
