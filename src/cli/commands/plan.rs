use crate::cli::args::PlanArgs;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::planning::{Aim, Planned, plan};
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;

pub(super) async fn run(
    args: &PlanArgs,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    let Planned { plan, .. } = plan(Aim::Apply(&args.consent), settings, ui).await?;
    Ok(match args.detailed_exitcode {
        true => Exit::of_plan(&plan),
        false => Exit::Done,
    })
}
