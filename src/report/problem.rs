use std::io::{self, Write};
use std::time::Duration;

use super::Look;
use super::duration::short;
use super::ink::Ink;
use super::page::Page;
use crate::model::printable;

/// Writes why a command could not do its work, and what to do about it.
///
/// # Errors
/// When the writer fails.
pub fn problem(
    out: &mut dyn Write,
    message: &str,
    hint: Option<&str>,
    look: Look,
) -> io::Result<()> {
    let error = Ink::Alarm.on("error", look);
    said(out, &error, message, hint, look)
}

/// Writes something that a command could do only in part, or not as asked.
///
/// # Errors
/// When the writer fails.
pub fn warning(out: &mut dyn Write, message: &str, look: Look) -> io::Result<()> {
    let warning = Ink::Change.on("warning", look);
    said(out, &warning, message, None, look)
}

/// Writes that the access token ends soon, in `left`, and cannot be renewed.
///
/// # Errors
/// When the writer fails.
pub fn ending(out: &mut dyn Write, left: Duration, look: Look) -> io::Result<()> {
    let warning = Ink::Change.on("warning", look);
    let message = format!(
        "the access token ends in {} and cannot be renewed",
        short(left)
    );
    let hint = "sign in anew before a long run; one that it ends is taken up by the next";
    said(out, &warning, &message, Some(hint), look)
}

fn said(
    out: &mut dyn Write,
    kind: &str,
    message: &str,
    hint: Option<&str>,
    look: Look,
) -> io::Result<()> {
    writeln!(out, "{kind}: {}", printable(message))?;
    match hint {
        Some(hint) => {
            Page::new(out, look).text(2, Ink::Plain, &format!("help: {}", printable(hint)))
        }
        None => Ok(()),
    }
}
