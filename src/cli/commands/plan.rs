use crate::cli::args::PlanArgs;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;
use crate::cli::stack::{self, Stack};
use crate::cli::ui::Ui;
use crate::plan::{self, Plan};
use crate::report::{self, json};

pub(super) async fn run(
    args: &PlanArgs,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    let (stack, sign_in) = Stack::signed_in(settings, ui)?;
    let consent = stack.consent(&args.consent.discard_data, false)?;
    let platform = sign_in.connect().await?;
    let live = stack.read(&platform.reads()).await?;
    let plan = plan::plan(&stack.desired, &live, &consent, &stack.sources)
        .map_err(|found| stack::findings(found, &stack.sources))?;
    show(&plan, &stack, ui);
    Ok(match args.detailed_exitcode {
        true => Exit::of_plan(&plan),
        false => Exit::Done,
    })
}

/// Prints a plan.
pub(super) fn show(plan: &Plan, stack: &Stack, ui: &mut Ui) {
    let as_json = ui.json;
    ui.print(|out, look| {
        if as_json {
            json::plan(out, plan, &stack.sources)
        } else {
            report::plan(out, plan, &stack.sources, look)
        }
    });
}
