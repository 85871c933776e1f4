use std::io::{self, Write};

use super::ink::Ink;
use super::measure::width;
use super::page::{Page, Piece};
use super::{Look, value};
use crate::model::printable;
use crate::plan::OutputValue;

/// Writes outputs as aligned `name = value`, never cut.
///
/// # Errors
/// When the writer fails.
pub fn outputs(
    out: &mut dyn Write,
    outputs: &[(String, OutputValue)],
    look: Look,
) -> io::Result<()> {
    let mut page = Page::new(out, look);
    let names = outputs
        .iter()
        .map(|(name, _)| width(name))
        .max()
        .unwrap_or(0);
    for (name, output) in outputs {
        let shown = value::of_output(output);
        let text = match shown {
            value::Shown::Text("") => "\"\"".into(),
            value::Shown::Text(text) => printable(text),
            other => other.words().unwrap_or_default().into(),
        };
        let ink = if shown.words().is_some() {
            Ink::Faint
        } else {
            Ink::Plain
        };
        let mut lines = text.trim_end_matches('\n').split('\n');
        let first = lines.next().unwrap_or_default();
        let label = Piece::new(Ink::Strong, printable(name)).padded(names);
        let equals = Piece::new(Ink::Faint, " = ");
        page.line(0, &[label, equals, Piece::new(ink, first)])?;
        for line in lines {
            page.line(names + 3, &[Piece::new(ink, line)])?;
        }
    }
    Ok(())
}
