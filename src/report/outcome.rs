use std::io::{self, Write};

use super::action::shown;
use super::ink::Ink;
use super::measure::cut;
use super::page::{Columns, Page, Piece};
use super::{Look, duration, hold};
use crate::apply::{Failure, Fate, Outcome, StepResult};
use crate::model::{Address, printable};
use crate::plan::{Action, Hold, Plan, Purpose};

/// Writes what became of a plan: what was done, what was not and why, how to go on, and a
/// summary.
///
/// # Errors
/// When the writer fails.
pub fn outcome(out: &mut dyn Write, plan: &Plan, outcome: &Outcome, look: Look) -> io::Result<()> {
    let mut page = Page::new(out, look);
    let mut teller = Teller {
        page: &mut page,
        plan,
        begun: false,
    };
    for result in &outcome.results {
        teller.done(result)?;
    }
    for result in &outcome.results {
        teller.trouble(result)?;
    }
    teller.skipped(outcome)?;
    teller.not_begun(outcome)?;
    let begun = teller.begun;
    if begun {
        page.blank()?;
    }
    if goes_on(outcome) {
        let text = "To go on, run the same command again: what is done stays done.";
        page.text(0, Ink::Plain, text)?;
    }
    let ink = if outcome.any(is_bad) {
        Ink::Alarm
    } else {
        Ink::Strong
    };
    page.text(0, ink, &summary(plan.purpose, outcome))
}

struct Teller<'p, 'w> {
    page: &'p mut Page<'w>,
    plan: &'p Plan,
    /// Whether anything has been written.
    begun: bool,
}

impl Teller<'_, '_> {
    fn done(&mut self, result: &StepResult) -> io::Result<()> {
        let action = shown(result.action);
        let took = duration::short(result.took);
        let text = match (&result.fate, result.action) {
            (Fate::Applied, _) => format!("{} in {took}", action.done),
            (Fate::AppliedUnchecked, _) => format!(
                "{} in {took}; the platform has no health check for it",
                action.done
            ),
            (Fate::AlreadySo, Action::Delete) => "already gone".to_owned(),
            (Fate::AlreadySo, _) => "already as declared".to_owned(),
            (Fate::NotAwaited, _) => format!("{}, and not waited for", action.done),
            _ => return Ok(()),
        };
        self.begun = true;
        self.heading(&result.address, (action.symbol, action.ink), &text)
    }

    fn trouble(&mut self, result: &StepResult) -> io::Result<()> {
        let (text, body) = match &result.fate {
            Fate::Failed(failure) if failure.deleted_not_recreated => {
                ("DELETED, NOT RECREATED".to_owned(), Body::Failure(failure))
            }
            Fate::Failed(failure) => (
                format!("{} failed", shown(result.action).word),
                Body::Failure(failure),
            ),
            Fate::NotReady(failure) => {
                let done = match result.action {
                    Action::Create | Action::Update | Action::Replace => {
                        format!("{}, but not ready", shown(result.action).done)
                    }
                    _ => "not ready".to_owned(),
                };
                (done, Body::Failure(failure))
            }
            Fate::Stale(why) => (
                "changed since the plan was made".to_owned(),
                Body::Stale(why),
            ),
            Fate::Held(hold) => ("held back".to_owned(), Body::Held(hold)),
            _ => return Ok(()),
        };
        if self.begun {
            self.page.blank()?;
        }
        self.begun = true;
        let ink = if is_bad(&result.fate) {
            Ink::Alarm
        } else {
            Ink::Change
        };
        self.heading(&result.address, ("!", ink), &text)?;
        let columns = Columns {
            indent: 4,
            label: 4,
        };
        match body {
            Body::Failure(failure) => self.failure(columns, failure),
            Body::Stale(why) => {
                self.page
                    .said(columns, "why", Ink::Plain, &printable(why))?;
                let hint = "nothing was done to it; the same command plans anew";
                self.page.said(columns, "hint", Ink::Plain, hint)
            }
            Body::Held(hold) => self.held(columns, &result.address, hold),
        }
    }

    fn failure(&mut self, columns: Columns, failure: &Failure) -> io::Result<()> {
        if failure.deleted_not_recreated {
            let text = "the old instance is deleted and the new one does not exist; the same \
                        command creates it";
            self.page.text(columns.indent, Ink::Alarm, text)?;
        }
        self.page
            .said(columns, "why", Ink::Plain, &printable(&failure.message))?;
        if let Some(hint) = &failure.hint {
            self.page
                .said(columns, "hint", Ink::Plain, &printable(hint))?;
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

    fn held(&mut self, columns: Columns, address: &Address, hold: &Hold) -> io::Result<()> {
        let step = self.plan.steps.iter().find(|step| step.address == *address);
        let Some(step) = step else { return Ok(()) };
        let text = hold::explain(self.plan, step, hold, None);
        self.page
            .said(columns, "why", Ink::Plain, &printable(&text))
    }

    /// What was not begun, a line for each step that is to blame.
    fn skipped(&mut self, outcome: &Outcome) -> io::Result<()> {
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

    fn not_begun(&mut self, outcome: &Outcome) -> io::Result<()> {
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

    fn list(&mut self, text: &str) -> io::Result<()> {
        if self.begun {
            self.page.blank()?;
        }
        self.begun = true;
        self.page.text(2, Ink::Change, &printable(text))
    }

    fn heading(
        &mut self,
        address: &Address,
        (symbol, ink): (&str, Ink),
        text: &str,
    ) -> io::Result<()> {
        let symbols = self
            .plan
            .steps
            .iter()
            .map(|step| shown(step.action).symbol.len());
        let symbol = format!("{symbol:<0$} ", symbols.max().unwrap_or(1));
        let pieces = [
            Piece::new(Ink::Strong, printable(address.as_str())),
            Piece::new(ink, text),
        ];
        self.page.flow(2, 4, Piece::new(ink, symbol), &pieces)
    }
}

enum Body<'a> {
    Failure(&'a Failure),
    Stale(&'a str),
    Held(&'a Hold),
}

/// Whether something went wrong, rather than was left on purpose.
fn is_bad(fate: &Fate) -> bool {
    matches!(fate, Fate::Failed(_) | Fate::NotReady(_) | Fate::Stale(_))
}

fn goes_on(outcome: &Outcome) -> bool {
    let unfinished = |fate: &Fate| matches!(fate, Fate::NotAwaited | Fate::NotBegun);
    outcome.interrupted || outcome.any(is_bad) || outcome.any(unfinished)
}

fn summary(purpose: Purpose, outcome: &Outcome) -> String {
    let count = |is: fn(&Fate) -> bool| {
        outcome
            .results
            .iter()
            .filter(|result| is(&result.fate))
            .count()
    };
    let done = count(|fate| matches!(fate, Fate::Applied | Fate::AppliedUnchecked));
    let verb = match purpose {
        Purpose::Apply => "applied",
        Purpose::Destroy => "deleted",
    };
    let mut parts = vec![format!("{verb} {done}")];
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
    parts.extend(others.map(|(what, count)| format!("{what} {count}")));
    let took = duration::short(outcome.took);
    let text = format!("{} in {took}", parts.join(", "));
    if outcome.interrupted {
        return format!("Interrupted: {text}");
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
