use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::plan as plan_command;
use crate::apply::{self, Fate, Limits, Outcome};
use crate::cli::args::ApplyArgs;
use crate::cli::confirm::{self, Question};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::interrupt;
use crate::cli::platform::Platform;
use crate::cli::settings::Settings;
use crate::cli::stack::{self, Stack};
use crate::cli::ui::Ui;
use crate::osc::Class;
use crate::plan::{self, Hold, Plan, Purpose};
use crate::report::{self, Progress, json};

pub(super) async fn run(
    args: &ApplyArgs,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    confirm::can_be_asked(settings, args.yes)?;
    let (stack, sign_in) = Stack::signed_in(settings, ui)?;
    let consent = stack.consent(&args.consent.discard_data, false)?;
    let platform = sign_in.connect().await?;
    let live = stack.read(&platform.reads()).await?;
    let plan = plan::plan(&stack.desired, &live, &consent, &stack.sources)
        .map_err(|found| stack::findings(found, &stack.sources))?;
    plan_command::show(&plan, &stack, ui);
    if plan.has_changes() && !args.yes {
        let text = format!("Apply this to workspace {}?", plan.workspace);
        confirm::ask(ui, &Question::Yes(&text))?;
    }
    let outcome = carry_out(&plan, &platform, args, ui).await;
    let outputs = plan.outputs_with(&outcome.scope);
    if !ui.json && !outputs.is_empty() && !outcome.interrupted {
        ui.print(|out, look| report::outputs(out, &outputs, look));
    }
    Ok(exit(&plan, &outcome, args.strict))
}

/// Carries a plan out, showing how it goes and how it ended.
pub(super) async fn carry_out(
    plan: &Plan,
    platform: &Platform,
    args: &ApplyArgs,
    ui: &mut Ui,
) -> Outcome {
    let stop = CancellationToken::new();
    let quiet = ui.quiet;
    interrupt::watch(stop.clone(), move || {
        if !quiet {
            report::interrupted(&mut std::io::stderr());
        }
    });
    let limits = Limits {
        changes_at_once: args.parallelism.into(),
        ..platform.limits()
    };
    let (events, mut heard) = mpsc::unbounded_channel();
    let writes = platform.writes();
    let mut progress = progress(ui, plan);
    let running = apply::run(plan, &writes, limits, &stop, &events);
    tokio::pin!(running);
    let outcome = loop {
        tokio::select! {
            // Events first, so that what happened is told before the end is.
            biased;
            Some(event) = heard.recv() => {
                progress.take(&event);
                if ui.json {
                    ui.print(|out, _| json::event(out, &event));
                }
            }
            outcome = &mut running => break outcome,
        }
    };
    while let Ok(event) = heard.try_recv() {
        progress.take(&event);
        if ui.json {
            ui.print(|out, _| json::event(out, &event));
        }
    }
    progress.finish();
    show(plan, &outcome, ui);
    outcome
}

fn show(plan: &Plan, outcome: &Outcome, ui: &mut Ui) {
    if ui.json {
        ui.print(|out, _| json::outcome(out, plan, outcome));
    } else {
        let (err, look) = ui.err();
        let _ = report::outcome(err, plan, outcome, look);
    }
}

fn progress(ui: &mut Ui, plan: &Plan) -> Progress {
    let live = ui.progress_is_live;
    let (_, look) = ui.err();
    if ui.quiet || !plan.has_changes() {
        Progress::quiet()
    } else if live {
        Progress::live(look)
    } else {
        Progress::lines(Box::new(std::io::stderr()), look)
    }
}

/// The first that applies of 130, 4, 6, 7, 8, 5.
pub(super) fn exit(plan: &Plan, outcome: &Outcome, strict: bool) -> Exit {
    let failed = outcome.any(|fate| matches!(fate, Fate::Failed(_) | Fate::Skipped(_)));
    if outcome.interrupted {
        Exit::Interrupted
    } else if outcome.signed_out() {
        Exit::SignedOut
    } else if outcome.any(|fate| matches!(fate, Fate::Stale(_))) {
        Exit::Stale
    } else if failed && nothing_changed(outcome) {
        Exit::Error
    } else if failed {
        Exit::Partly
    } else if outcome.any(|fate| matches!(fate, Fate::NotReady(_))) {
        Exit::NotReady
    } else if plan
        .held()
        .any(|(_, hold)| holds_back(plan.purpose, hold, strict))
    {
        Exit::Held
    } else {
        Exit::Done
    }
}

/// Whether the platform certainly took no change.
fn nothing_changed(outcome: &Outcome) -> bool {
    !outcome.any(|fate| match fate {
        Fate::Applied | Fate::AppliedUnchecked | Fate::NotReady(_) | Fate::NotAwaited => true,
        Fate::Failed(failure) => {
            failure.deleted_not_recreated
                || !matches!(
                    failure.class,
                    Some(Class::Refused | Class::Limit | Class::Conflict | Class::Unsupported)
                )
        }
        _ => false,
    })
}

/// Whether a step held back like this is a failure of the run.
fn holds_back(purpose: Purpose, hold: &Hold, strict: bool) -> bool {
    match (purpose, hold) {
        (_, Hold::Protected) | (Purpose::Destroy, Hold::LosesData) => strict,
        _ => true,
    }
}
