use crate::cli::args::RotateArgs;
use crate::cli::carry_out::{Manner, carry_out};
use crate::cli::confirm::{self, Question};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::planning::{Aim, plan};
use crate::cli::rotation;
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;

pub(super) async fn run(
    args: &RotateArgs,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    let RotateArgs { secrets, apply } = args;
    confirm::can_be_asked(settings, apply.yes)?;
    let planned = plan(Aim::Rotate(&apply.consent, secrets), settings, ui).await?;
    rotation::check(&planned.plan)?;
    if planned.plan.has_changes() && !apply.yes {
        let text = format!("Rotate this in workspace {}?", planned.plan.workspace);
        confirm::ask(ui, &Question::Yes(&text))?;
    }
    let outcome = carry_out(&planned, &Manner::of(apply), ui).await;
    Ok(Exit::of(&planned.plan, &outcome, apply.strict))
}
