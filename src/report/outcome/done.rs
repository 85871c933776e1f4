use std::io;

use super::Teller;
use crate::apply::{Fate, StepResult};
use crate::plan::Action;
use crate::report::action::shown;
use crate::report::duration::short;

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
}
