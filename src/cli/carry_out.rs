use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::args::ApplyArgs;
use super::interrupt;
use super::planning::Planned;
use super::ui::Ui;
use crate::apply::{self, Event, Limits, Outcome, Runner};
use crate::plan::Plan;
use crate::report::{self, Progress, json};

/// How a plan is carried out.
pub(super) struct Manner {
    /// Changes under way at once.
    pub(super) parallelism: u16,
    /// Whether another run's lease does not count.
    pub(super) take_over: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            parallelism: 4,
            take_over: false,
        }
    }
}

impl Manner {
    /// That which the flags ask for.
    pub(super) fn of(args: &ApplyArgs) -> Self {
        Self {
            parallelism: args.parallelism,
            take_over: args.lease.take_over,
        }
    }
}

/// Carries a plan out, showing how it goes and how it ended.
pub(super) async fn carry_out(planned: &Planned, manner: &Manner, ui: &mut Ui) -> Outcome {
    let Planned {
        plan,
        platform,
        who,
    } = planned;
    let stop = CancellationToken::new();
    let quiet = ui.quiet;
    interrupt::watch(stop.clone(), move || {
        if !quiet {
            report::interrupted(&mut std::io::stderr());
        }
    });
    let limits = Limits {
        changes_at_once: manner.parallelism.into(),
        ..platform.limits()
    };
    let (events, mut heard) = mpsc::unbounded_channel();
    let writes = platform.writes();
    let mut progress = progress(ui);
    let runner = Runner {
        who: who.clone(),
        take_over: manner.take_over,
        seed: rand::random(),
        clock: platform.clock(),
    };
    let running = apply::run(plan, &writes, limits, &runner, &stop, &events);
    tokio::pin!(running);
    let mut has_told = false;
    let mut tell = |event: Event| {
        has_told = true;
        progress.take(&event);
        if ui.json {
            ui.print(|out, _| json::event(out, &event));
        }
    };
    let outcome = loop {
        tokio::select! {
            // Events first, so that what happened is told before the end is.
            biased;
            Some(event) = heard.recv() => tell(event),
            outcome = &mut running => break outcome,
        }
    };
    while let Ok(event) = heard.try_recv() {
        tell(event);
    }
    progress.finish();
    // With nothing to do and nothing to wait for, the plan has said it all.
    if ui.json || plan.has_changes() || has_told || outcome.interrupted || outcome.barred.is_some()
    {
        show(plan, &outcome, ui);
    }
    outcome
}

fn show(plan: &Plan, outcome: &Outcome, ui: &mut Ui) {
    if ui.json {
        ui.print(|out, _| json::outcome(out, plan, outcome));
    } else {
        let (err, look) = ui.err();
        // Standard error is for people; with it gone there is nobody to tell.
        let _ = report::outcome(err, plan, outcome, look);
    }
}

fn progress(ui: &mut Ui) -> Progress {
    let live = ui.progress_is_live;
    let (_, look) = ui.err();
    if ui.quiet {
        Progress::quiet()
    } else if live {
        Progress::live(look)
    } else {
        Progress::lines(Box::new(std::io::stderr()), look)
    }
}
