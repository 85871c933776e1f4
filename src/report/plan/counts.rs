use std::fmt;

use crate::plan::{Action, Plan, Target};

/// How many steps a plan has of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::report) struct Counts {
    /// Services, not steps.
    pub(in crate::report) subscribe: usize,
    pub(in crate::report) create: usize,
    pub(in crate::report) resume: usize,
    pub(in crate::report) update: usize,
    pub(in crate::report) restart: usize,
    pub(in crate::report) replace: usize,
    pub(in crate::report) delete: usize,
    pub(in crate::report) adopt: usize,
    pub(in crate::report) mark: usize,
    pub(in crate::report) unmark: usize,
    pub(in crate::report) unchanged: usize,
    /// Neither carried out nor unreadable.
    pub(in crate::report) held: usize,
    pub(in crate::report) unreadable: usize,
    /// Steps among those carried out that lose data; what is suspended has none left.
    pub(in crate::report) data_lost: usize,
}

impl Counts {
    pub(in crate::report) fn of(plan: &Plan) -> Self {
        let mut counts = Self::default();
        for step in &plan.steps {
            let (count, by) = match (step.action, &step.target) {
                (Action::Unknown, _) => (&mut counts.unreadable, 1),
                _ if step.held.is_some() => (&mut counts.held, 1),
                (Action::Subscribe, Target::Subscriptions(services)) => {
                    (&mut counts.subscribe, services.len())
                }
                (Action::Subscribe, Target::Instance(_)) => (&mut counts.subscribe, 1),
                (Action::Create, _) => (&mut counts.create, 1),
                (Action::Resume, _) => (&mut counts.resume, 1),
                (Action::Update, _) => (&mut counts.update, 1),
                (Action::Restart, _) => (&mut counts.restart, 1),
                (Action::Adopt, _) => (&mut counts.adopt, 1),
                (Action::Mark, _) => (&mut counts.mark, 1),
                (Action::Unmark, _) => (&mut counts.unmark, 1),
                (Action::Replace, _) => (&mut counts.replace, 1),
                (Action::Delete, _) => (&mut counts.delete, 1),
                (Action::Keep, _) => (&mut counts.unchanged, 1),
            };
            *count += by;
            let has_data = step.instance().is_none_or(|it| it.suspended.is_none());
            let loses_data = step.explanation.loses_data && has_data;
            counts.data_lost += usize::from(step.runs() && loses_data);
        }
        counts
    }

    fn changes(self) -> bool {
        let changed = self.resume + self.update + self.restart + self.replace + self.delete;
        let marked = self.adopt + self.mark + self.unmark;
        self.subscribe + self.create + changed + marked > 0
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // With something held back or unreadable there may well be something to change.
        let nothing = !self.changes() && self.held + self.unreadable == 0;
        if nothing {
            f.write_str("nothing to change")?;
        }
        let all = [
            (self.subscribe, "to subscribe"),
            (self.create, "to create"),
            (self.resume, "to resume"),
            (self.update, "to update"),
            (self.restart, "to restart"),
            (self.replace, "to replace"),
            (self.delete, "to delete"),
            (self.adopt, "to adopt"),
            (self.mark, "to mark"),
            (self.unmark, "to unmark"),
            (self.unchanged, "unchanged"),
            (self.held, "held back"),
            (self.unreadable, "unreadable"),
        ];
        let mut first = !nothing;
        for (count, what) in all.into_iter().filter(|(count, _)| *count > 0) {
            let separator = if first { "" } else { ", " };
            write!(f, "{separator}{count} {what}")?;
            first = false;
        }
        Ok(())
    }
}
