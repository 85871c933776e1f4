use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;
use crate::cli::stack::Stack;
use crate::cli::ui::Ui;
use crate::model::{Diagnostics, Sources};
use crate::report::json;

pub(super) fn run(settings: &Settings, ui: &mut Ui) -> Result<Exit, CliError> {
    match Stack::offline(settings, ui) {
        Ok(stack) if ui.json => {
            ui.print(|out, _| json::findings(out, &Diagnostics::default(), &stack.sources));
        }
        Ok(Stack { desired, .. }) => {
            let instances = counted(desired.instances.len(), "instance");
            let outputs = counted(desired.outputs.len(), "output");
            let stack = &desired.stack;
            ui.print(|out, _| writeln!(out, "Stack {stack} is valid: {instances}, {outputs}."));
        }
        Err(CliError::Findings(found, sources)) if ui.json => {
            return Ok(invalid(&found, &sources, ui));
        }
        Err(error) => return Err(error),
    }
    Ok(Exit::Done)
}

fn invalid(found: &Diagnostics, sources: &Sources, ui: &mut Ui) -> Exit {
    ui.print(|out, _| json::findings(out, found, sources));
    Exit::Usage
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
