use std::collections::HashMap;
use std::io::{self, Write};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use super::ink;
use super::words::Known;
use crate::apply::Event;
use crate::model::{Address, printable};
use crate::report::ink::Ink;
use crate::report::{Look, duration};

/// A moving line for every step in flight, with what is over printed above them.
pub(super) struct Live {
    lines: MultiProgress,
    look: Look,
    known: Known,
    in_flight: HashMap<Address, ProgressBar>,
}

impl Live {
    pub(super) fn new(look: Look) -> Self {
        Self {
            lines: MultiProgress::new(),
            look,
            known: Known::default(),
            in_flight: HashMap::new(),
        }
    }

    pub(super) fn take(&mut self, event: &Event) {
        let said = self.known.say(event);
        let text = ink(said.bad, said.over).on(&said.text, self.look);
        if !said.over {
            let bar = self
                .in_flight
                .entry(event.address.clone())
                .or_insert_with(|| add(&self.lines, &event.address, self.look));
            bar.set_message(text);
            return;
        }
        if let Some(bar) = self.in_flight.remove(&event.address) {
            bar.finish_and_clear();
            self.lines.remove(&bar);
        }
        let address = Ink::Strong.on(&printable(event.address.as_str()), self.look);
        let at = format!("{:>7}", duration::short(event.at));
        if self.lines.is_hidden() {
            return;
        }
        // Not by `println`, which fills the line with spaces up to the edge of the terminal.
        // Losing a line of progress is no reason to stop.
        let _ = self
            .lines
            .suspend(|| writeln!(io::stderr(), "{at}  {address}  {text}"));
    }

    pub(super) fn finish(self) {
        for bar in self.in_flight.values() {
            bar.finish_and_clear();
        }
        let _ = self.lines.clear();
    }
}

fn add(lines: &MultiProgress, address: &Address, look: Look) -> ProgressBar {
    let bar = lines.add(ProgressBar::new_spinner());
    let style = ProgressStyle::with_template("{spinner} {for:>5}  {prefix}  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .with_key(
            "for",
            |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                // Whole seconds: tenths that flicker tell nobody anything.
                let elapsed = Duration::from_secs(state.elapsed().as_secs());
                let text = match elapsed.as_secs() {
                    0 => "0s".to_owned(),
                    _ => duration::short(elapsed),
                };
                let _ = out.write_str(&text);
            },
        );
    bar.set_style(style);
    bar.set_prefix(Ink::Strong.on(&printable(address.as_str()), look));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
