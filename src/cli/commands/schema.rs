use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::ui::Ui;
use crate::manifest;

pub(super) fn run(ui: &mut Ui) -> Result<Exit, CliError> {
    let schema = manifest::schema().map_err(|error| CliError::failed(error.to_string()))?;
    ui.print(|out, _| out.write_all(schema.as_bytes()));
    Ok(Exit::Done)
}
