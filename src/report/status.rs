use std::io::{self, Write};

use super::Look;
use super::ink::Ink;
use super::measure::width;
use super::page::{Page, Piece};
use crate::model::{Address, printable};

/// How one instance is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRow {
    /// What it is called in the manifest.
    pub address: Address,
    /// The id of its service.
    pub service: String,
    /// Its name in the workspace.
    pub name: String,
    /// A health word of the platform, `absent`, `suspended` and since when, or `unreadable: ` and
    /// why.
    pub state: String,
    /// Where it answers.
    pub url: Option<String>,
}

impl StatusRow {
    /// The state in a word, and more about it where there is more.
    pub(super) fn state(&self) -> (&str, Option<&str>) {
        for (word, separator) in [("unreadable", ": "), ("suspended", " ")] {
            if let Some((first, more)) = self.state.split_once(separator)
                && first == word
            {
                return (word, Some(more));
            }
        }
        (&self.state, None)
    }
}

/// Writes the state of instances as a table, or as blocks where a table does not fit.
///
/// # Errors
/// When the writer fails.
pub fn status(out: &mut dyn Write, rows: &[StatusRow], look: Look) -> io::Result<()> {
    let mut page = Page::new(out, look);
    if rows.is_empty() {
        return page.text(0, Ink::Faint, "The manifest declares no instances.");
    }
    let table: Vec<[String; 5]> = rows.iter().map(cells).collect();
    let titles = ["ADDRESS", "SERVICE", "NAME", "HEALTH", "URL"];
    let mut widths = titles.map(width);
    for row in &table {
        for (most, cell) in widths.iter_mut().zip(row) {
            *most = (*most).max(width(cell));
        }
    }
    if widths.iter().sum::<usize>() + 2 * (widths.len() - 1) > look.width {
        return blocks(&mut page, rows, &table);
    }
    let titles = titles.map(|title| Piece::new(Ink::Faint, title));
    line(&mut page, titles, widths)?;
    for (row, [address, service, name, health, url]) in rows.iter().zip(table) {
        let pieces = [
            Piece::new(Ink::Strong, address),
            Piece::new(Ink::Plain, service),
            Piece::new(Ink::Plain, name),
            Piece::new(ink(row), health),
            Piece::new(Ink::Plain, url),
        ];
        line(&mut page, pieces, widths)?;
        detail(&mut page, row)?;
    }
    Ok(())
}

fn cells(row: &StatusRow) -> [String; 5] {
    [
        row.address.as_str(),
        &row.service,
        &row.name,
        row.state().0,
        row.url.as_deref().unwrap_or_default(),
    ]
    .map(|text| printable(text).replace('\n', " "))
}

fn line(page: &mut Page<'_>, pieces: [Piece; 5], widths: [usize; 5]) -> io::Result<()> {
    let padded = pieces
        .into_iter()
        .zip(widths)
        .map(|(piece, most)| piece.padded(most + 2));
    page.line(0, &padded.collect::<Vec<_>>())
}

fn blocks(page: &mut Page<'_>, rows: &[StatusRow], table: &[[String; 5]]) -> io::Result<()> {
    for (row, [address, service, name, health, url]) in rows.iter().zip(table) {
        let none = || Piece::new(Ink::Plain, "");
        let first = [
            Piece::new(Ink::Strong, address),
            Piece::new(ink(row), health),
        ];
        page.flow(0, 2, none(), &first)?;
        let second = [
            Piece::new(Ink::Plain, service),
            Piece::new(Ink::Plain, name),
        ];
        page.flow(2, 2, none(), &second)?;
        if !url.is_empty() {
            page.line(2, &[Piece::new(Ink::Plain, url)])?;
        }
        detail(page, row)?;
    }
    Ok(())
}

fn detail(page: &mut Page<'_>, row: &StatusRow) -> io::Result<()> {
    match row.state().1 {
        Some(why) => page.text(2, Ink::Faint, &printable(why)),
        None => Ok(()),
    }
}

fn ink(row: &StatusRow) -> Ink {
    match row.state().0 {
        "running" => Ink::Add,
        "starting" | "suspended" => Ink::Change,
        "failed" | "stopped" | "unreadable" => Ink::Remove,
        _ => Ink::Faint,
    }
}
