use crate::apply::{Fate, Outcome};
use crate::plan::Purpose;
use crate::report::duration;

/// `Applied 2, failed 1, skipped 1 in 34s`
pub(super) fn of(purpose: Purpose, outcome: &Outcome) -> String {
    let took = duration::short(outcome.took);
    if !outcome.interrupted
        && outcome.removed_secrets.is_empty()
        && !outcome.any(|fate| !matches!(fate, Fate::Kept))
    {
        return format!("Nothing to change; looked for {took}");
    }
    let verb = match (purpose, outcome.interrupted) {
        (Purpose::Apply, false) => "Applied",
        (Purpose::Apply, true) => "Interrupted: applied",
        (Purpose::Destroy, false) => "Deleted",
        (Purpose::Destroy, true) => "Interrupted: deleted",
        (Purpose::Adopt, false) => "Adopted",
        (Purpose::Adopt, true) => "Interrupted: adopted",
        (Purpose::Rotate, false) => "Rotated for",
        (Purpose::Rotate, true) => "Interrupted: rotated for",
    };
    let count = |is: fn(&Fate) -> bool| {
        outcome
            .results
            .iter()
            .filter(|result| is(&result.fate))
            .count()
    };
    let done = count(|fate| matches!(fate, Fate::Applied | Fate::AppliedUnchecked(_)));
    let others = [
        ("already so", count(|fate| matches!(fate, Fate::AlreadySo))),
        ("failed", count(|fate| matches!(fate, Fate::Failed(_)))),
        ("not ready", count(|fate| matches!(fate, Fate::NotReady(_)))),
        ("stale", count(|fate| matches!(fate, Fate::Stale(_)))),
        ("skipped", count(|fate| matches!(fate, Fate::Skipped(_)))),
        ("held back", count(|fate| matches!(fate, Fate::Held(_)))),
        (
            "not waited for",
            count(|fate| matches!(fate, Fate::NotAwaited)),
        ),
        ("not begun", count(|fate| matches!(fate, Fate::NotBegun))),
    ];
    let others = others.into_iter().filter(|(_, count)| *count > 0);
    let others: String = others
        .map(|(what, count)| format!(", {what} {count}"))
        .collect();
    format!("{verb} {done}{others} in {took}")
}
