use std::collections::HashMap;
use std::io::Write;

use super::ink;
use super::words::Known;
use crate::apply::Event;
use crate::model::{Address, printable};
use crate::report::Look;
use crate::report::ink::Ink;

/// A line for every change of state; no line is ever taken back.
pub(super) struct Lines {
    writer: Option<Box<dyn Write + Send>>,
    look: Look,
    known: Known,
    last: HashMap<Address, String>,
}

impl Lines {
    pub(super) fn new(writer: Box<dyn Write + Send>, look: Look) -> Self {
        Self {
            writer: Some(writer),
            look,
            known: Known::default(),
            last: HashMap::new(),
        }
    }

    pub(super) fn take(&mut self, event: &Event) {
        let said = self.known.say(event);
        let last = self.last.insert(event.address.clone(), said.text.clone());
        // Polls that bring nothing new are no change of state.
        if last.as_ref() == Some(&said.text) {
            return;
        }
        let Some(writer) = &mut self.writer else {
            return;
        };
        let address = Ink::Strong.on(&printable(event.address.as_str()), self.look);
        let text = ink(said.bad, said.over).on(&said.text, self.look);
        let line = writeln!(writer, "{:>4}s  {address}  {text}", event.at.as_secs());
        if line.and_then(|()| writer.flush()).is_err() {
            self.writer = None;
        }
    }
}
