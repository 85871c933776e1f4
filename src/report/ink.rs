use anstyle::{AnsiColor, Effects, Style};

use super::Look;

/// What a piece of text means, and so how it is coloured.
///
/// Only colours that stand out on dark and on light backgrounds: no white, black or blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Ordinary text.
    Plain,
    /// Addresses and summaries.
    Strong,
    /// Reasons, places, labels.
    Faint,
    /// What comes.
    Add,
    /// What changes, and warnings.
    Change,
    /// What goes, and failures.
    Remove,
    /// What must not be overlooked.
    Alarm,
}

impl Ink {
    pub(super) const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().effects(Effects::BOLD),
            Self::Faint => Style::new().effects(Effects::DIMMED),
            Self::Add => AnsiColor::Green.on_default(),
            Self::Change => AnsiColor::Yellow.on_default(),
            Self::Remove => AnsiColor::Red.on_default(),
            Self::Alarm => AnsiColor::Red.on_default().effects(Effects::BOLD),
        }
    }

    /// The text in this ink.
    pub(super) fn on(self, text: &str, look: Look) -> String {
        let style = self.style();
        if !look.color || text.is_empty() || style == Style::new() {
            return text.to_owned();
        }
        format!("{style}{text}{style:#}")
    }
}
