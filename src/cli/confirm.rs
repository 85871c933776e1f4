use std::io::{self, BufRead};

use super::error::CliError;
use super::files;
use super::settings::Settings;
use super::ui::Ui;

/// What a question wants to hear.
pub(super) enum Question<'a> {
    /// `y` or `yes`.
    Yes(&'a str),
    /// This word.
    Word(&'a str, &'a str),
}

/// Makes sure that somebody can answer before anything is read.
pub(super) fn can_be_asked(settings: &Settings, yes: bool) -> Result<(), CliError> {
    if yes {
        Ok(())
    } else if files::reads_stdin(&settings.files) {
        Err(CliError::usage_with(
            "the manifest is on standard input, so nobody can be asked there",
            "pass `--yes` after looking at `osc-apply plan`",
        ))
    } else if !settings.can_ask {
        Err(CliError::usage_with(
            "there is no terminal to ask at",
            "pass `--yes` after looking at `osc-apply plan`",
        ))
    } else {
        Ok(())
    }
}

/// Asks; anything but the right answer declines.
pub(super) fn ask(ui: &mut Ui, question: &Question<'_>) -> Result<(), CliError> {
    let (err, _) = ui.err();
    let prompted = match question {
        Question::Yes(text) => write!(err, "{text} [y/N] "),
        Question::Word(text, word) => write!(err, "{text} Type `{word}` to go on: "),
    };
    prompted
        .and_then(|()| err.flush())
        .map_err(|error| CliError::failed(error.to_string()))?;
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| CliError::failed(format!("the answer cannot be read: {error}")))?;
    let answer = answer.trim();
    let agreed = match question {
        Question::Yes(_) => matches!(answer, "y" | "Y" | "yes"),
        Question::Word(_, word) => answer == *word,
    };
    if agreed {
        Ok(())
    } else {
        Err(CliError::Declined)
    }
}
