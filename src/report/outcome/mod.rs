//! What became of a plan, and how to go on.
//!
//! - `done`: what was changed, a line each
//! - `trouble`: what was not, with reasons
//! - `summary`: how many of what, in a line

mod done;
mod summary;
mod trouble;

use std::io::{self, Write};

use super::Look;
use super::action::shown;
use super::ink::Ink;
use super::measure::width;
use super::page::{Columns, Page, Piece};
use crate::apply::{Fate, Outcome};
use crate::model::{Address, printable};
use crate::plan::Plan;

/// Writes what became of a plan: what was done, what was not and why, how to go on, and a
/// summary.
///
/// # Errors
/// When the writer fails.
pub fn outcome(out: &mut dyn Write, plan: &Plan, outcome: &Outcome, look: Look) -> io::Result<()> {
    let mut page = Page::new(out, look);
    if outcome.any(|fate| !matches!(fate, Fate::Kept)) {
        // Apart from the progress that stands above.
        page.blank()?;
    }
    let mut teller = Teller::new(page, plan);
    for result in &outcome.results {
        teller.done(result)?;
    }
    teller.removed_secrets(outcome)?;
    for result in &outcome.results {
        teller.trouble(result)?;
    }
    teller.skipped(outcome)?;
    teller.not_begun(outcome)?;
    teller.warnings(outcome)?;
    teller.barred(outcome)?;
    teller.gap()?;
    let mut page = teller.page;
    if goes_on(outcome) {
        let text = "To go on, run the same command again: what is done stays done.";
        page.text(0, Ink::Plain, text)?;
    }
    let ink = if outcome.any(is_bad) || outcome.barred.is_some() {
        Ink::Alarm
    } else {
        Ink::Strong
    };
    page.text(0, ink, &summary::of(plan.purpose, outcome))
}

/// Tells one result after the other, with the columns that all share.
struct Teller<'p, 'w> {
    page: Page<'w>,
    plan: &'p Plan,
    /// Columns of the widest symbol.
    symbol: usize,
    /// Columns of the widest address, where they leave room for what stands beside them.
    address: usize,
    /// Whether anything has been written.
    begun: bool,
}

impl<'p, 'w> Teller<'p, 'w> {
    fn new(page: Page<'w>, plan: &'p Plan) -> Self {
        let symbols = plan
            .steps
            .iter()
            .map(|step| shown(step.action).symbol.len());
        let addresses = plan.steps.iter().map(|step| width(step.address.as_str()));
        let most = page.look.width / 3;
        Self {
            symbol: symbols.max().unwrap_or(1),
            address: addresses
                .filter(|columns| *columns <= most)
                .max()
                .unwrap_or(0),
            page,
            plan,
            begun: false,
        }
    }

    /// An empty line, unless this is the first.
    fn gap(&mut self) -> io::Result<()> {
        if self.begun {
            self.page.blank()
        } else {
            Ok(())
        }
    }

    fn heading(
        &mut self,
        address: &Address,
        (symbol, ink): (&str, Ink),
        text: &str,
    ) -> io::Result<()> {
        self.begun = true;
        let symbol = format!("{symbol:<0$} ", self.symbol);
        let pieces = [
            Piece::new(Ink::Strong, printable(address.as_str())).padded(self.address),
            Piece::new(ink, text),
        ];
        self.page
            .flow(2, self.columns().indent, Piece::new(ink, symbol), &pieces)
    }

    /// Where what belongs to a heading stands.
    fn columns(&self) -> Columns {
        Columns {
            indent: 2 + self.symbol + 1,
            label: "hint".len(),
        }
    }
}

/// Whether something went wrong, rather than was left on purpose.
fn is_bad(fate: &Fate) -> bool {
    matches!(fate, Fate::Failed(_) | Fate::NotReady(_) | Fate::Stale(_))
}

fn goes_on(outcome: &Outcome) -> bool {
    let unfinished = |fate: &Fate| matches!(fate, Fate::NotAwaited | Fate::NotBegun);
    outcome.interrupted || outcome.any(is_bad) || outcome.any(unfinished)
}
