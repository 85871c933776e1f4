use std::time::Duration;

use super::args::ConsentArgs;
use super::error::CliError;
use super::platform::{Platform, SignIn};
use super::settings::Settings;
use super::stack::{self, Stack};
use super::ui::Ui;
use crate::live::with_tenant_plan;
use crate::plan::{self, Plan, Purpose};
use crate::report::{self, json};

/// A plan that has been shown, and the platform it was made for.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) platform: Platform,
}

/// Reads the manifest and the workspace, makes the plan and shows it.
pub(super) async fn plan(
    purpose: Purpose,
    consent: &ConsentArgs,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Planned, CliError> {
    let (stack, sign_in) = Stack::signed_in(settings, ui).await?;
    warn_of_the_end(&sign_in, ui);
    let consent = stack.consent(&consent.discard_data, purpose == Purpose::Destroy)?;
    let platform = sign_in.connect().await?;
    let reads = platform.reads();
    let plan = match purpose {
        Purpose::Apply => {
            let live = with_tenant_plan(&reads, stack.read(&reads)).await?;
            plan::plan(&stack.desired, &live, &consent, &stack.sources)
                .map_err(|found| stack::findings(found, &stack.sources))?
        }
        Purpose::Destroy => {
            let live = with_tenant_plan(&reads, stack.read_without_ports(&reads)).await?;
            plan::destroy(&stack.desired, &live, &consent)
        }
    };
    let as_json = ui.json;
    ui.print(|out, look| match as_json {
        true => json::plan(out, &plan, &stack.sources),
        false => report::plan(out, &plan, &stack.sources, look),
    });
    Ok(Planned { plan, platform })
}

/// Says so where the token may not last for the run.
fn warn_of_the_end(sign_in: &SignIn, ui: &mut Ui) {
    /// Longer than most runs take.
    const SOON: Duration = Duration::from_secs(1800);
    let left = sign_in.ends_in().filter(|left| *left < SOON);
    if let Some(left) = left
        && !ui.quiet
    {
        let (err, look) = ui.err();
        // With standard error gone there is nobody to tell.
        let _ = report::ending(err, left, look);
    }
}
