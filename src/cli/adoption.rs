use super::args::AdoptArgs;
use super::error::CliError;
use super::stack::Stack;
use crate::model::nearest;
use crate::plan::{Adoption, NotAdoptable};

/// What the flags ask to take over: only what the manifest declares, since the next apply would
/// delete anything else.
pub(super) fn adoption(args: &AdoptArgs, stack: &Stack) -> Result<Adoption, CliError> {
    let own = &stack.desired.stack;
    if args.from_stack.as_ref() == Some(own) {
        let message = format!("`{own}` is this stack itself");
        return Err(CliError::usage_with(
            message,
            "`--from-stack` names the one that the instances are moved from",
        ));
    }
    for address in &args.addresses {
        let known = stack.desired.instances.values();
        let known = known.map(|it| it.address.as_str());
        if known.clone().any(|known| known == address) {
            continue;
        }
        let message = format!("the manifest declares no `{address}`");
        return Err(match nearest(address, known) {
            Some(near) => CliError::usage_with(message, format!("did you mean `{near}`?")),
            None => CliError::usage_with(
                message,
                "declare it under `instances:` first: what is taken over and not declared would \
                 be deleted by the next apply; `osc-apply import` writes such a manifest",
            ),
        });
    }
    Ok(Adoption {
        addresses: args.addresses.iter().cloned().collect(),
        from_stack: args.from_stack.clone(),
    })
}

/// The first reason why nothing is taken over, and that there are others.
pub(super) fn refused(refused: Vec<NotAdoptable>) -> CliError {
    let reasons = refused
        .iter()
        .map(|it| format!("{} cannot be taken over: {}", it.address, it.why));
    CliError::Guard {
        message: reasons.collect::<Vec<_>>().join("; "),
        hint: "nothing was changed".to_owned(),
    }
}
