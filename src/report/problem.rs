use std::io::{self, Write};

use super::Look;
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
    writeln!(out, "{error}: {}", printable(message))?;
    match hint {
        Some(hint) => {
            Page::new(out, look).text(2, Ink::Plain, &format!("help: {}", printable(hint)))
        }
        None => Ok(()),
    }
}
