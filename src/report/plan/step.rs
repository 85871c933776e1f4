use std::io;

use super::field;
use crate::model::{Sources, printable};
use crate::plan::{Action, Plan, Step, Target};
use crate::report::action::shown;
use crate::report::ink::Ink;
use crate::report::measure::width;
use crate::report::page::{Columns, Page, Piece};
use crate::report::{Look, hold};

/// Below this width columns of different steps are not aligned: the space is needed.
const LEAST_FOR_COLUMNS: usize = 60;

/// The columns that all steps of a plan share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    symbol: usize,
    address: usize,
    action: usize,
}

impl Layout {
    pub(super) fn of(steps: &[&Step], look: Look) -> Self {
        let most =
            |length: fn(&Step) -> usize| steps.iter().map(|step| length(step)).max().unwrap_or(0);
        let aligned = look.width >= LEAST_FOR_COLUMNS;
        let least = |columns: usize| if aligned { columns } else { 0 };
        Self {
            symbol: most(|step| shown(step.action).symbol.len()),
            address: least(most(|step| width(step.address.as_str()))).min(40),
            action: least(most(|step| shown(step.action).word.len())),
        }
    }

    fn fields(self) -> usize {
        2 + self.symbol + 1
    }
}

/// Writes one step.
pub(super) fn write(
    page: &mut Page<'_>,
    layout: Layout,
    plan: &Plan,
    step: &Step,
    sources: &Sources,
) -> io::Result<()> {
    let place = place(step, sources);
    heading(page, layout, step, place.as_deref())?;
    let why = &step.explanation;
    let held = step.held.is_some();
    let labels = why.fields.iter().map(|change| change.option.as_str());
    let columns = Columns::fit(
        layout.fields(),
        labels
            .chain(held.then_some("held"))
            .chain(why.note.as_ref().map(|_| "note"))
            .chain(why.proof.as_ref().map(|_| "proof"))
            .chain(["why"]),
        page.look,
    );
    page.said(columns, "why", Ink::Faint, &printable(&why.reason))?;
    if let Some(proof) = &why.proof {
        page.said(columns, "proof", Ink::Faint, &printable(proof))?;
    }
    if let Some(held) = &step.held {
        let text = hold::explain(plan, step, held, place.as_deref());
        page.said(columns, "held", Ink::Change, &printable(&text))?;
    }
    if let Some(note) = &why.note {
        page.said(columns, "note", Ink::Faint, &printable(note))?;
    }
    for change in &why.fields {
        field::write(page, columns, step.action, change)?;
    }
    if why.equal > 0 && step.action.changes() {
        let what = if why.equal == 1 { "option" } else { "options" };
        let text = format!("{} {what} unchanged", why.equal);
        page.text(columns.indent, Ink::Faint, &text)?;
    }
    unmanaged(page, columns, &why.unmanaged)
}

/// `~ instances.site  update  wordpress-wordpress myblog  osc.yaml:20  restarts`
fn heading(
    page: &mut Page<'_>,
    layout: Layout,
    step: &Step,
    place: Option<&str>,
) -> io::Result<()> {
    let action = shown(step.action);
    let symbol = format!("{:<1$} ", action.symbol, layout.symbol);
    let address = printable(step.address.as_str());
    page.flow(
        2,
        layout.fields(),
        Piece::new(action.ink, symbol),
        &[
            Piece::new(Ink::Strong, address).padded(layout.address),
            Piece::new(action.ink, action.word).padded(layout.action),
            Piece::new(Ink::Plain, printable(&subject(step))),
            Piece::new(Ink::Faint, place.unwrap_or_default()),
            Piece::new(Ink::Change, if restarts(step) { "restarts" } else { "" }),
            Piece::new(
                Ink::Alarm,
                match (loses_data(step), step.action) {
                    (false, _) => "",
                    (true, Action::Resume) => "starts empty",
                    (true, _) => "loses its data",
                },
            ),
            Piece::new(Ink::Change, if is_held(step) { "held back" } else { "" }),
        ],
    )
}

fn subject(step: &Step) -> String {
    match &step.target {
        Target::Subscriptions(services) => services.join(", "),
        Target::Instance(target) => format!("{} {}", target.service.id, target.name),
    }
}

fn place(step: &Step, sources: &Sources) -> Option<String> {
    let (name, position) = sources.locate(step.explanation.span?)?;
    Some(printable(&format!("{name}:{}", position.line)).into_owned())
}

fn restarts(step: &Step) -> bool {
    matches!(step.action, Action::Update | Action::Restart)
        && step.runs()
        && step.explanation.restarts
}

fn loses_data(step: &Step) -> bool {
    step.runs() && step.explanation.loses_data
}

fn is_held(step: &Step) -> bool {
    step.action.changes() && step.held.is_some()
}

/// Options nobody declares, each with the line that would clear it.
fn unmanaged(page: &mut Page<'_>, columns: Columns, options: &[String]) -> io::Result<()> {
    if options.is_empty() {
        return Ok(());
    }
    let text = "set in the workspace and not in the manifest; under `options:`, these lines \
                would clear them:";
    page.text(columns.indent, Ink::Faint, text)?;
    for option in options {
        let line = format!("{}: null", printable(option));
        page.line(columns.indent + 2, &[Piece::new(Ink::Plain, line)])?;
    }
    Ok(())
}
