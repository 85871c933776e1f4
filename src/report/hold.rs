use crate::model::Address;
use crate::plan::{Action, Fence, Hold, Plan, Step, Unclaimed};

/// Why a step is held back, and what would let it go on.
pub(super) fn explain(plan: &Plan, step: &Step, hold: &Hold, place: Option<&str>) -> String {
    let address = &step.address;
    let verb = match step.action {
        Action::Delete => "deleting",
        _ => "replacing",
    };
    let suspended = step.instance().is_some_and(|it| it.suspended.is_some());
    match hold {
        Hold::LosesData if suspended && !is_undeclared(step) => format!(
            "its data is gone since it was suspended, and it would {}; to go on, add \
             `--discard-data {address}`, or write `data: none` under {address} in the manifest if \
             it holds none worth keeping",
            match step.action {
                Action::Delete => "be deleted for good",
                _ => "start empty",
            }
        ),
        Hold::LeftSuspended if step.action == Action::Delete => {
            "what is suspended and not declared is kept; to have it deleted, name it under \
             `removed:` in the manifest"
                .to_owned()
        }
        Hold::LeftSuspended => format!(
            "`suspended: leave` wants it left alone; to have it resumed, remove that line under \
             {address} in the manifest"
        ),
        Hold::LosesData if is_undeclared(step) => format!(
            "{verb} it would lose its data; to allow that, add `--discard-data {address}`, or name \
             it under `removed:` in the manifest with `data: discard`"
        ),
        Hold::LosesData => format!(
            "{verb} it would lose its data; to allow that, add `--discard-data {address}`, or \
             write `data: none` under {address} in the manifest if it holds none worth keeping"
        ),
        Hold::Protected if step.explanation.span.is_none() => {
            "it was protected when it was last declared, which its tags remember; to let it go, \
             declare it without `protect: true`, run apply, and remove it then"
                .to_owned()
        }
        Hold::Protected => {
            let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
            format!(
                "`protect: true` forbids {verb} it; to allow that, remove that line under \
                 {address} in the manifest{place}"
            )
        }
        Hold::NotOurs => format!(
            "nothing is done to what is not this stack's; to take it over as it is, run \
             `osc-apply adopt {address}`"
        ),
        Hold::OfStack(stack) => format!(
            "it is part of the stack {stack}; to move it here as it is, run `osc-apply adopt \
             --from-stack {stack} {address}`"
        ),
        Hold::Unclaimed(Unclaimed::NoTags) => format!(
            "nobody can tell whether it is this stack's; to have it taken for that in this run, \
             add `--include-modified {address}`"
        ),
        Hold::Unclaimed(Unclaimed::UnreadTags) => {
            "nothing is done while nobody can tell whose it is; run the command again in a minute"
                .to_owned()
        }
        Hold::Modified => format!(
            "somebody has changed it since this stack did, so it is kept; to have it deleted all \
             the same, add `--include-modified {address}`"
        ),
        Hold::NotPruned => {
            "`prune: never` keeps what is not declared; to have it deleted, name it under \
             `removed:` in the manifest"
                .to_owned()
        }
        Hold::Fenced(fence) => fenced(fence),
        Hold::NoSecret { secret, why } => {
            format!("`secrets.{secret}` has no value to give it: {why}")
        }
        Hold::FirstStart => format!(
            "its service reads passwords at the first start only: change the password inside of the \
             instance, then run this with `--changed-inside {address}`; or, if its data may go, add \
             `--replace {address}`"
        ),
        Hold::NoRestart => format!(
            "its service offers neither a restart nor an update, so it would keep the old value: \
             change it inside of the instance, then run this with `--changed-inside {address}`; or \
             have it made again with `--replace {address}`"
        ),
        Hold::SharesSecret(other) => format!(
            "it shares a secret with {other}, which does not get the new value: both do, or none"
        ),
        Hold::NotRotated => {
            "only what has the rotated secrets is changed; `osc-apply apply` does the rest"
                .to_owned()
        }
        Hold::Unreadable => "nothing is done to what cannot be read".to_owned(),
        Hold::Needs(cause) => format!(
            "it needs {cause}, which {}; it goes on once that is solved",
            trouble(plan, cause)
        ),
        Hold::NeededBy(dependant) => format!("{dependant} could not be read and may still need it"),
    }
}

/// The same in one word or two, for programs.
pub(super) fn word(hold: &Hold) -> &'static str {
    match hold {
        Hold::LosesData => "loses_data",
        Hold::Protected => "protected",
        Hold::LeftSuspended => "left_suspended",
        Hold::Unreadable => "unreadable",
        Hold::Needs(_) => "needs",
        Hold::NeededBy(_) => "needed_by",
        Hold::NotOurs => "not_ours",
        Hold::OfStack(_) => "of_another_stack",
        Hold::Unclaimed(_) => "unclaimed",
        Hold::Modified => "modified",
        Hold::NotPruned => "not_pruned",
        Hold::Fenced(_) => "fenced",
        Hold::NoSecret { .. } => "no_secret",
        Hold::FirstStart => "first_start",
        Hold::NoRestart => "no_restart",
        Hold::SharesSecret(_) => "shares_secret",
        Hold::NotRotated => "not_rotated",
    }
}

/// The step that is the cause of a hold, where it is another one.
pub(super) fn cause(hold: &Hold) -> Option<&Address> {
    match hold {
        Hold::Needs(cause) | Hold::NeededBy(cause) | Hold::SharesSecret(cause) => Some(cause),
        _ => None,
    }
}

/// Whether the manifest does not declare it, so that nothing can be written under it there.
fn is_undeclared(step: &Step) -> bool {
    let target = step.instance();
    target.is_some_and(|target| step.address != Address::instance(&target.key))
}

fn fenced(fence: &Fence) -> String {
    match fence {
        Fence::Unread(what) => {
            format!("nothing is deleted in a run that could not read everything it had to: {what}")
        }
        Fence::ListsNone(service) => format!(
            "{service} lists no instances at all, although this stack has some: nothing is deleted \
             until that is cleared up"
        ),
        Fence::EmptyManifest => {
            "the manifest declares no instances; if that is meant, add `--allow-empty`".to_owned()
        }
        Fence::TooMany { deletes, owned } => format!(
            "this run would delete {deletes} of the {owned} instances of this stack; if that is \
             meant, add `--allow-deletes {deletes}`"
        ),
        Fence::NoneLeft { deletes } => format!(
            "none of this stack's instances is declared any longer; if that is meant, add \
             `--allow-deletes {deletes}`"
        ),
        Fence::Unattended => {
            "there is no terminal and no workspace is named, so nothing is deleted; write \
             `workspace:` in the manifest or set OSC_WORKSPACE"
                .to_owned()
        }
    }
}

fn trouble(plan: &Plan, cause: &Address) -> &'static str {
    let step = plan.steps.iter().find(|step| step.address == *cause);
    match step.map(|step| (step.action, &step.held)) {
        Some((Action::Unknown, _)) => "could not be read",
        Some((_, Some(Hold::LeftSuspended))) => "is suspended and left so",
        Some((_, Some(Hold::NotOurs | Hold::OfStack(_) | Hold::Unclaimed(_)))) => {
            "is not this stack's"
        }
        _ => "is itself held back",
    }
}
