//! What would change, and why.
//!
//! - `counts`: how many of what, in a line
//! - `secrets`: what is generated and what is removed as a whole
//! - `step`: one step from its heading to its last field
//! - `field`: one option before and after
//! - `inline`: a value on one line
//! - `difference`: two texts line by line

mod counts;
mod difference;
mod field;
mod inline;
mod secrets;
mod step;

use std::io::{self, Write};

pub(super) use counts::Counts;

use super::Look;
use super::ink::Ink;
use super::page::Page;
use crate::model::{Sources, printable};
use crate::plan::{Action, Plan, Purpose, Step};

/// Names listed in a folded line before they become a mere count.
const MOST_NAMED: usize = 8;

/// Writes what would change: the summary, every step that is more than "unchanged", what is
/// unchanged in a line, and the summary again.
///
/// # Errors
/// When the writer fails.
pub fn plan(out: &mut dyn Write, plan: &Plan, sources: &Sources, look: Look) -> io::Result<()> {
    let mut page = Page::new(out, look);
    let counts = Counts::of(plan);
    let (title, short) = match plan.purpose {
        Purpose::Apply => ("Plan for", "Plan"),
        Purpose::Destroy => ("Plan to destroy", "Plan"),
        Purpose::Adopt => ("Plan to adopt into", "Plan"),
        Purpose::Rotate => ("Plan to rotate secrets of", "Plan"),
    };
    let Plan {
        stack,
        workspace,
        environment,
        ..
    } = plan;
    let on = match &plan.tenant_plan {
        Some(name) => format!("{environment}, {name} plan"),
        None => environment.clone(),
    };
    let title = format!("{title} stack {stack} in workspace {workspace} ({on}): {counts}");
    page.text(0, Ink::Strong, &printable(&title))?;
    let (folded, shown): (Vec<&Step>, Vec<&Step>) =
        plan.steps.iter().partition(|step| is_folded(step));
    let layout = step::Layout::of(&shown, look);
    for step in shown {
        page.blank()?;
        step::write(&mut page, layout, plan, step, sources)?;
    }
    if !folded.is_empty() {
        page.blank()?;
        fold(&mut page, &folded)?;
    }
    secrets::write(&mut page, &plan.secrets)?;
    for note in &plan.notes {
        page.blank()?;
        page.text(2, Ink::Change, &printable(note))?;
    }
    page.blank()?;
    page.text(0, Ink::Strong, &format!("{short}: {counts}"))?;
    if counts.data_lost > 0 {
        let text = match counts.data_lost {
            1 => "The data of 1 instance will be lost.".to_owned(),
            several => format!("The data of {several} instances will be lost."),
        };
        page.text(0, Ink::Alarm, &text)?;
    }
    Ok(())
}

/// Whether there is nothing to say about a step but that it is as it should be.
fn is_folded(step: &Step) -> bool {
    let why = &step.explanation;
    step.action == Action::Keep && why.unmanaged.is_empty() && why.note.is_none()
}

fn fold(page: &mut Page<'_>, steps: &[&Step]) -> io::Result<()> {
    let count = steps.len();
    let what = if count == 1 { "instance" } else { "instances" };
    let text = if count <= MOST_NAMED {
        let names: Vec<&str> = steps.iter().map(|step| step.address.as_str()).collect();
        format!("{count} {what} unchanged: {}", printable(&names.join(", ")))
    } else {
        format!("{count} {what} unchanged")
    };
    page.text(2, Ink::Faint, &text)
}
