use std::io;

use super::Teller;
use crate::apply::{Fate, Outcome, StepResult};
use crate::model::printable;
use crate::plan::Action;
use crate::report::action::shown;
use crate::report::duration::short;
use crate::report::ink::Ink;

impl Teller<'_, '_> {
    /// A line about what was done, where it was.
    pub(super) fn done(&mut self, result: &StepResult) -> io::Result<()> {
        let action = shown(result.action);
        let (done, took) = (action.done, short(result.took));
        let text = match (&result.fate, result.action) {
            (Fate::Applied, _) => format!("{done} in {took}"),
            (Fate::AppliedUnchecked(short), _) => {
                let (reached, wanted, why) = (short.reached, short.wanted, &short.why);
                format!("{done} in {took}: {reached}; not checked whether it is {wanted}: {why}")
            }
            (Fate::AlreadySo, Action::Delete) => "already gone".to_owned(),
            (Fate::AlreadySo, _) => "already as declared".to_owned(),
            (Fate::NotAwaited, _) => format!("{done}, and not waited for"),
            _ => return Ok(()),
        };
        self.heading(&result.address, (action.symbol, action.ink), &text)
    }

    /// A line about the service secrets that are gone, where any are.
    pub(super) fn removed_secrets(&mut self, outcome: &Outcome) -> io::Result<()> {
        if outcome.removed_secrets.is_empty() {
            return Ok(());
        }
        let all = outcome.removed_secrets.iter();
        let names: Vec<String> = all
            .map(|secret| format!("{} of {}", secret.name, secret.service))
            .collect();
        let text = format!("removed secrets: {}", names.join(", "));
        self.begun = true;
        self.page.text(2, Ink::Remove, &printable(&text))
    }
}
