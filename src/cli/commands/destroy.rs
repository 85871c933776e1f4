use super::plan as plan_command;
use crate::cli::args::ApplyArgs;
use crate::cli::carry_out::carry_out;
use crate::cli::confirm::{self, Question};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;
use crate::cli::stack::Stack;
use crate::cli::ui::Ui;
use crate::plan;

pub(super) async fn run(
    args: &ApplyArgs,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    confirm::can_be_asked(settings, args.yes)?;
    let (stack, sign_in) = Stack::signed_in(settings, ui)?;
    let consent = stack.consent(&args.consent.discard_data, true)?;
    let platform = sign_in.connect().await?;
    let live = stack.read_without_ports(&platform.reads()).await?;
    let plan = plan::destroy(&stack.desired, &live, &consent);
    plan_command::show(&plan, &stack, ui);
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
