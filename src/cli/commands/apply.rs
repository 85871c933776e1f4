use crate::cli::args::ApplyArgs;
use crate::cli::carry_out::{Manner, carry_out};
use crate::cli::confirm::{self, Question};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::planning::{Aim, plan};
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::report;

pub(super) async fn run(
    args: &ApplyArgs,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    confirm::can_be_asked(settings, args.yes)?;
    let planned = plan(Aim::Apply(&args.consent), settings, ui).await?;
    let plan = &planned.plan;
    if plan.has_changes() && !args.yes {
        let text = format!("Apply this to workspace {}?", plan.workspace);
        confirm::ask(ui, &Question::Yes(&text))?;
    }
    let outcome = carry_out(&planned, &Manner::of(args), ui).await;
    let outputs = plan.outputs_with(&outcome.scope);
    if !ui.json && !outputs.is_empty() && !outcome.interrupted {
        ui.print(|out, look| report::outputs(out, &outputs, look));
    }
    Ok(Exit::of(plan, &outcome, args.strict))
}
