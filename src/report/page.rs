use std::io::{self, Write};

use super::Look;
use super::ink::Ink;
use super::measure::{width, wrap};

/// A writer that knows how wide it is and whether it has colours.
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
    pub(super) look: Look,
}

/// A piece of a line.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    ink: Ink,
    text: String,
    columns: usize,
}

/// Where labels and what they label stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    /// Columns before the label.
    pub(super) indent: usize,
    /// Columns of the label.
    pub(super) label: usize,
}

/// Below this many columns a value goes under its label.
const LEAST_FOR_A_VALUE: usize = 16;

impl Piece {
    pub(super) fn new(ink: Ink, text: impl Into<String>) -> Self {
        let text = text.into();
        let columns = width(&text);
        Self { ink, text, columns }
    }

    /// Followed by spaces up to so many columns, to which no ink goes.
    pub(super) fn padded(self, columns: usize) -> Self {
        Self {
            columns: self.columns.max(columns),
            ..self
        }
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    fn draw(&self, look: Look) -> String {
        let space = self.columns - width(&self.text);
        format!("{}{:space$}", self.ink.on(&self.text, look), "")
    }
}

impl Columns {
    /// For these labels, aligned as far as they leave room for what they label.
    pub(super) fn fit<'l>(
        indent: usize,
        labels: impl Iterator<Item = &'l str>,
        look: Look,
    ) -> Self {
        let most = (look.width / 3).clamp(4, 32);
        let label = labels.map(width).filter(|label| *label <= most).max();
        Self {
            indent,
            label: label.unwrap_or(0),
        }
    }

    fn value(self) -> usize {
        self.indent + self.label + 2
    }
}

impl<'a> Page<'a> {
    pub(super) fn new(out: &'a mut dyn Write, look: Look) -> Self {
        Self { out, look }
    }

    pub(super) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// One line as it is, however wide.
    pub(super) fn line(&mut self, indent: usize, pieces: &[Piece]) -> io::Result<()> {
        let text: String = pieces.iter().map(|piece| piece.draw(self.look)).collect();
        writeln!(self.out, "{:indent$}{}", "", text.trim_end_matches(' '))
    }

    /// Pieces with two spaces between them, the first right after `lead`; what does not fit
    /// goes on below, at `hanging`. Empty pieces are left out.
    pub(super) fn flow(
        &mut self,
        indent: usize,
        hanging: usize,
        lead: Piece,
        pieces: &[Piece],
    ) -> io::Result<()> {
        let (mut at, mut used) = (indent, indent + lead.columns);
        let mut line = vec![lead];
        let mut fresh = true;
        for piece in pieces.iter().filter(|piece| !piece.text.is_empty()) {
            if !fresh && used + 2 + width(&piece.text) > self.look.width {
                self.line(at, &line)?;
                line.clear();
                (at, used, fresh) = (hanging, hanging, true);
            }
            if !fresh {
                line.push(Piece::new(Ink::Plain, "  "));
                used += 2;
            }
            used += piece.columns;
            line.push(piece.clone());
            fresh = false;
        }
        self.line(at, &line)
    }

    /// Text in as many lines as it takes.
    pub(super) fn text(&mut self, indent: usize, ink: Ink, text: &str) -> io::Result<()> {
        for line in wrap(text, self.look.width.saturating_sub(indent)) {
            self.line(indent, &[Piece::new(ink, line)])?;
        }
        Ok(())
    }

    /// A label and text beside it in as many lines as it takes.
    pub(super) fn said(
        &mut self,
        columns: Columns,
        label: &str,
        ink: Ink,
        text: &str,
    ) -> io::Result<()> {
        let room = self.room(columns, label);
        let lines = wrap(text, room);
        let lines = lines.into_iter().map(|line| vec![Piece::new(ink, line)]);
        self.field(columns, Piece::new(Ink::Faint, label), lines.collect())
    }

    /// A label and lines beside it, or below it where there is no room.
    pub(super) fn field(
        &mut self,
        columns: Columns,
        label: Piece,
        lines: Vec<Vec<Piece>>,
    ) -> io::Result<()> {
        let below = self.below(columns, &label.text);
        let hanging = if below {
            columns.indent + 2
        } else {
            columns.value()
        };
        let mut lines = lines.into_iter();
        if below {
            self.line(columns.indent, &[label])?;
        } else {
            let label = label.padded(columns.label);
            let mut first = vec![label, Piece::new(Ink::Plain, "  ")];
            first.extend(lines.next().unwrap_or_default());
            self.line(columns.indent, &first)?;
        }
        for line in lines {
            self.line(hanging, &line)?;
        }
        Ok(())
    }

    /// Columns there are for what stands beside or below a label.
    pub(super) fn room(&self, columns: Columns, label: &str) -> usize {
        let start = if self.below(columns, label) {
            columns.indent + 2
        } else {
            columns.indent + columns.label.max(width(label)) + 2
        };
        self.look.width.saturating_sub(start).max(LEAST_FOR_A_VALUE)
    }

    fn below(&self, columns: Columns, label: &str) -> bool {
        let start = columns.indent + columns.label.max(width(label)) + 2;
        start + LEAST_FOR_A_VALUE > self.look.width
    }
}
