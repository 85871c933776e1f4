//! What happens while it happens.
//!
//! - `words`: events in words
//! - `lines`: a line for every change of state, for logs
//! - `live`: a line for every step in flight, for a terminal

mod lines;
mod live;
mod words;

use std::io::Write;

use lines::Lines;
use live::Live;

use super::Look;
use super::ink::Ink;
use crate::apply::Event;

/// Shows events as they come.
pub struct Progress(Kind);

enum Kind {
    Live(Live),
    Lines(Lines),
    Quiet,
}

impl Progress {
    /// Draws on standard error: one moving line for each step in flight, finished ones above.
    ///
    /// Nothing is drawn where standard error is no terminal.
    pub fn live(look: Look) -> Self {
        Self(Kind::Live(Live::new(look)))
    }

    /// Writes one line for each change of state, with the seconds since the beginning.
    ///
    /// A writer that fails is not written to again; the run goes on.
    pub fn lines(writer: Box<dyn Write + Send>, look: Look) -> Self {
        Self(Kind::Lines(Lines::new(writer, look)))
    }

    /// Shows nothing.
    pub fn quiet() -> Self {
        Self(Kind::Quiet)
    }

    /// Shows an event.
    pub fn take(&mut self, event: &Event) {
        match &mut self.0 {
            Kind::Live(live) => live.take(event),
            Kind::Lines(lines) => lines.take(event),
            Kind::Quiet => {}
        }
    }

    /// Clears whatever still moves.
    pub fn finish(self) {
        if let Kind::Live(live) = self.0 {
            live.finish();
        }
    }
}

/// Writes what the first Ctrl-C does.
pub fn interrupted(out: &mut dyn Write) {
    // Where this cannot be written there is nobody to read it.
    let _ = writeln!(
        out,
        "\nInterrupted: nothing new is started, calls in flight are finished. Again: exit at once."
    );
}

/// The ink of a line about an event.
fn ink(bad: bool, over: bool) -> Ink {
    match (bad, over) {
        (true, _) => Ink::Remove,
        (false, true) => Ink::Add,
        (false, false) => Ink::Plain,
    }
}
