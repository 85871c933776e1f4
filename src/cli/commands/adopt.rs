use crate::cli::args::AdoptArgs;
use crate::cli::carry_out::{Manner, carry_out};
use crate::cli::confirm::{self, Question};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::planning::{Aim, plan};
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;

pub(super) async fn run(
    args: &AdoptArgs,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    confirm::can_be_asked(settings, args.yes)?;
    let planned = plan(Aim::Adopt(args), settings, ui).await?;
    if !args.yes {
        let plan = &planned.plan;
        let text = format!(
            "Take this over into stack {} of workspace {}?",
            plan.stack, plan.workspace
        );
        confirm::ask(ui, &Question::Yes(&text))?;
    }
    let manner = Manner {
        take_over: args.lease.take_over,
        ..Manner::default()
    };
    let outcome = carry_out(&planned, &manner, ui).await;
    Ok(Exit::of(&planned.plan, &outcome, false))
}
