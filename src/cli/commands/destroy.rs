use crate::cli::args::ApplyArgs;
use crate::cli::carry_out::carry_out;
use crate::cli::confirm::{self, Question};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::planning::{Planned, plan};
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::plan::Purpose;

pub(super) async fn run(
    args: &ApplyArgs,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    confirm::can_be_asked(settings, args.yes)?;
    let Planned { plan, platform } = plan(Purpose::Destroy, &args.consent, settings, ui).await?;
    if plan.has_changes() && !args.yes {
        let text = format!(
            "This deletes from workspace {} what is marked above.",
            plan.workspace
        );
        confirm::ask(ui, &Question::Word(&text, &plan.stack))?;
    }
    let outcome = carry_out(&plan, &platform, args, ui).await;
    Ok(Exit::of(&plan, &outcome, args.strict))
}
