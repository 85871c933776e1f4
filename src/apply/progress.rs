use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::{Fate, StepResult};
use crate::model::Address;
use crate::plan::Step;

/// Which steps of a plan can start, and what became of those that are over.
pub(super) struct Progress<'p> {
    steps: &'p [Step],
    dependants: Vec<Vec<usize>>,
    /// How many unfinished steps each step still needs.
    waiting: Vec<usize>,
    /// Steps that can start, in the plan's order.
    ready: BTreeSet<usize>,
    results: Vec<Option<(Fate, Duration)>>,
}

impl<'p> Progress<'p> {
    pub(super) fn new(steps: &'p [Step]) -> Self {
        let index: HashMap<&Address, usize> = steps
            .iter()
            .enumerate()
            .map(|(at, step)| (&step.address, at))
            .collect();
        let mut dependants = vec![Vec::new(); steps.len()];
        let mut waiting = vec![0; steps.len()];
        for (at, step) in steps.iter().enumerate() {
            for need in step.needs.iter().filter_map(|need| index.get(need)) {
                dependants[*need].push(at);
                waiting[at] += 1;
            }
        }
        let ready = (0..steps.len()).filter(|at| waiting[*at] == 0).collect();
        Self {
            steps,
            dependants,
            waiting,
            ready,
            results: vec![None; steps.len()],
        }
    }

    /// The next step that needs nothing any more; each is given once.
    pub(super) fn next_ready(&mut self) -> Option<usize> {
        self.ready.pop_first()
    }

    /// The steps that need this one and change something.
    pub(super) fn changing_dependants(&self, at: usize) -> impl Iterator<Item = &'p Step> {
        let steps = self.steps;
        self.dependants[at]
            .iter()
            .map(|dependant| &steps[*dependant])
            .filter(|step| step.runs())
    }

    /// Notes what became of a step and lets its dependants go on, or not.
    ///
    /// Returns the steps that will never run because of it.
    pub(super) fn end(&mut self, at: usize, fate: Fate, took: Duration) -> Vec<&'p Step> {
        let goes_on = fate.lets_dependants_run();
        let interrupted = matches!(fate, Fate::NotAwaited | Fate::NotBegun);
        self.results[at] = Some((fate, took));
        if goes_on {
            for dependant in &self.dependants[at] {
                self.waiting[*dependant] -= 1;
                if self.waiting[*dependant] == 0 {
                    self.ready.insert(*dependant);
                }
            }
        } else if !interrupted {
            return self.skip_dependants(at);
        }
        Vec::new()
    }

    /// Marks everything that needs a failed step, naming that step and not the ones between.
    fn skip_dependants(&mut self, failed: usize) -> Vec<&'p Step> {
        let steps = self.steps;
        let cause = &steps[failed].address;
        let mut skipped = BTreeSet::new();
        let mut pending = self.dependants[failed].clone();
        while let Some(at) = pending.pop() {
            if self.results[at].is_some() {
                continue;
            }
            let fate = match left_alone(&steps[at]) {
                Fate::NotBegun => {
                    skipped.insert(at);
                    Fate::Skipped(cause.clone())
                }
                fate => fate,
            };
            self.results[at] = Some((fate, Duration::ZERO));
            pending.extend(&self.dependants[at]);
        }
        skipped.into_iter().map(|at| &steps[at]).collect()
    }

    /// What became of every step, in the plan's order; those without a result have not begun.
    pub(super) fn into_results(self) -> Vec<StepResult> {
        let results = self.steps.iter().zip(self.results);
        results
            .map(|(step, result)| {
                let (fate, took) = result.unwrap_or_else(|| (left_alone(step), Duration::ZERO));
                StepResult {
                    address: step.address.clone(),
                    action: step.action,
                    fate,
                    took,
                }
            })
            .collect()
    }
}

/// What becomes of a step that nobody starts.
pub(super) fn left_alone(step: &Step) -> Fate {
    match &step.held {
        Some(hold) => Fate::Held(hold.clone()),
        None if step.action.changes() => Fate::NotBegun,
        None => Fate::Kept,
    }
}
