use std::io;

use super::{Teller, is_bad};
use crate::apply::{Failure, Fate, Outcome, StepResult};
use crate::model::{Address, printable};
use crate::plan::{Action, Hold};
use crate::report::action::shown;
use crate::report::hold;
use crate::report::ink::Ink;
use crate::report::measure::cut;
use crate::report::page::Piece;

impl Teller<'_, '_> {
    /// What was not done or went wrong, and why.
    pub(super) fn trouble(&mut self, result: &StepResult) -> io::Result<()> {
        let Some(title) = title(result) else {
            return Ok(());
        };
        self.gap()?;
        let ink = if is_bad(&result.fate) {
            Ink::Alarm
        } else {
            Ink::Change
        };
        self.heading(&result.address, ("!", ink), &title)?;
        match &result.fate {
            Fate::Failed(failure) | Fate::NotReady(failure) => self.failure(failure),
            Fate::Stale(why) => {
                self.say("why", why)?;
                self.say(
                    "hint",
                    "nothing was done to it; the same command plans anew",
                )
            }
            Fate::Held(hold) => self.held(&result.address, hold),
            _ => Ok(()),
        }
    }

    fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        let columns = self.columns();
        if failure.deleted_not_recreated {
            let text = "the old instance is deleted and the new one does not exist; the same \
                        command creates it";
            self.page.text(columns.indent, Ink::Alarm, text)?;
        }
        self.say("why", &failure.message)?;
        if let Some(hint) = &failure.hint {
            self.say("hint", hint)?;
        }
        let room = self.page.room(columns, "log");
        let lines = failure.log.iter().flat_map(|line| line.lines());
        let lines: Vec<_> = lines
            .map(|line| vec![Piece::new(Ink::Faint, cut(&printable(line), room))])
            .collect();
        if lines.is_empty() {
            return Ok(());
        }
        self.page
            .field(columns, Piece::new(Ink::Faint, "log"), lines)
    }

    fn held(&mut self, address: &Address, hold: &Hold) -> io::Result<()> {
        let plan = self.plan;
        match plan.steps.iter().find(|step| step.address == *address) {
            Some(step) => self.say("why", &hold::explain(plan, step, hold, None)),
            None => Ok(()),
        }
    }

    fn say(&mut self, label: &str, text: &str) -> io::Result<()> {
        self.page
            .said(self.columns(), label, Ink::Plain, &printable(text))
    }

    /// What was not begun, a line for each step that is to blame.
    pub(super) fn skipped(&mut self, outcome: &Outcome) -> io::Result<()> {
        let mut causes: Vec<(&Address, Vec<&str>)> = Vec::new();
        for result in &outcome.results {
            if let Fate::Skipped(cause) = &result.fate {
                let address = result.address.as_str();
                match causes.iter_mut().find(|(known, _)| *known == cause) {
                    Some((_, skipped)) => skipped.push(address),
                    None => causes.push((cause, vec![address])),
                }
            }
        }
        for (cause, skipped) in causes {
            self.list(&format!(
                "skipped because of {cause}: {}",
                skipped.join(", ")
            ))?;
        }
        Ok(())
    }

    /// What an interruption left for the next run.
    pub(super) fn not_begun(&mut self, outcome: &Outcome) -> io::Result<()> {
        let results = outcome.results.iter();
        let all: Vec<&str> = results
            .filter(|result| matches!(result.fate, Fate::NotBegun))
            .map(|result| result.address.as_str())
            .collect();
        if all.is_empty() {
            return Ok(());
        }
        self.list(&format!("not begun: {}", all.join(", ")))
    }

    /// What else happened to the workspace.
    pub(super) fn warnings(&mut self, outcome: &Outcome) -> io::Result<()> {
        outcome
            .warnings
            .iter()
            .try_for_each(|warning| self.list(&format!("warning: {warning}")))
    }

    /// What kept the whole run from beginning, or from going on.
    pub(super) fn barred(&mut self, outcome: &Outcome) -> io::Result<()> {
        let Some(barred) = &outcome.barred else {
            return Ok(());
        };
        self.gap()?;
        self.begun = true;
        let (columns, message) = (self.columns(), printable(&barred.message));
        self.page
            .text(2, Ink::Alarm, &format!("stopped: {message}"))?;
        match &barred.hint {
            Some(hint) => self
                .page
                .said(columns, "hint", Ink::Plain, &printable(hint)),
            None => Ok(()),
        }
    }

    fn list(&mut self, text: &str) -> io::Result<()> {
        self.gap()?;
        self.begun = true;
        self.page.text(2, Ink::Change, &printable(text))
    }
}

fn title(result: &StepResult) -> Option<String> {
    let action = shown(result.action);
    Some(match (&result.fate, result.action) {
        (Fate::Failed(failure), _) if failure.deleted_not_recreated => {
            "DELETED, NOT RECREATED".to_owned()
        }
        (Fate::Failed(_), _) => format!("{} failed", action.word),
        (
            Fate::NotReady(_),
            Action::Create | Action::Resume | Action::Update | Action::Restart | Action::Replace,
        ) => {
            format!("{}, but not ready", action.done)
        }
        (Fate::NotReady(_), _) => "not ready".to_owned(),
        (Fate::Stale(_), _) => "changed since the plan was made".to_owned(),
        (Fate::Held(_), _) => "held back".to_owned(),
        _ => return None,
    })
}
