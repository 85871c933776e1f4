use crate::cli::args::ApplyArgs;
use crate::cli::carry_out::{Manner, carry_out};
use crate::cli::confirm::{self, Question};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::planning::{Aim, plan};
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;

pub(super) async fn run(
    args: &ApplyArgs,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    confirm::can_be_asked(settings, args.yes)?;
    let planned = plan(Aim::Destroy(&args.consent), settings, ui).await?;
    let plan = &planned.plan;
    if plan.has_changes() && !args.yes {
        let text = format!(
            "This deletes from workspace {} what is marked above.",
            plan.workspace
        );
        confirm::ask(ui, &Question::Word(&text, &plan.stack))?;
    }
    let outcome = carry_out(&planned, &Manner::of(args), ui).await;
    Ok(Exit::of(plan, &outcome, args.strict))
}
