use std::time::Duration;

use crate::osc::Health;

/// From when a health answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// From the first one on.
    AtOnce,
    /// After another status was seen or some time has passed: until then it may be about the
    /// process that is being replaced.
    AfterRestart,
}

/// Whether an answer is about the new process.
pub(super) struct Belief {
    trust: Trust,
    settle: Duration,
    /// Whether there was any answer.
    pub(super) heard: bool,
    first: Option<Health>,
    changed: bool,
    agreed: u8,
}

impl Belief {
    pub(super) fn new(trust: Trust, settle: Duration) -> Self {
        Self {
            trust,
            settle,
            heard: false,
            first: None,
            changed: false,
            agreed: 0,
        }
    }

    /// Whether this answer ends the wait; `running` after a restart only when a second one in a
    /// row agrees.
    pub(super) fn counts(&mut self, status: &Health, waited: Duration) -> bool {
        self.heard = true;
        if self.trust == Trust::AtOnce {
            return true;
        }
        let first = self.first.get_or_insert_with(|| status.clone());
        self.changed |= *first != *status;
        if !self.changed && waited < self.settle {
            return false;
        }
        if *status != Health::Running {
            self.agreed = 0;
            return true;
        }
        self.agreed += 1;
        self.agreed >= 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of the answers, one a second, ends the wait.
    fn ends_at(trust: Trust, answers: &[Health]) -> Option<usize> {
        let mut belief = Belief::new(trust, Duration::from_secs(10));
        answers.iter().enumerate().position(|(second, status)| {
            let counts = belief.counts(status, Duration::from_secs(second as u64));
            counts && matches!(status, Health::Running | Health::Failed | Health::Stopped)
        })
    }

    #[test]
    fn a_new_instance_is_believed_at_once() {
        assert_eq!(ends_at(Trust::AtOnce, &[Health::Running]), Some(0));
        assert_eq!(ends_at(Trust::AtOnce, &[Health::Failed]), Some(0));
    }

    #[test]
    fn after_a_restart_running_counts_after_another_status_and_twice_in_a_row() {
        use Health::{Running, Starting};
        let answers = [Running, Starting, Running, Starting, Running, Running];
        assert_eq!(ends_at(Trust::AfterRestart, &answers), Some(5));
    }

    #[test]
    fn after_a_restart_running_alone_counts_after_ten_seconds() {
        let answers = vec![Health::Running; 20];
        assert_eq!(ends_at(Trust::AfterRestart, &answers), Some(11));
    }

    #[test]
    fn a_failure_of_the_old_process_does_not_end_the_wait_for_the_new_one() {
        use Health::{Failed, Running, Starting};
        let mended = [Failed, Failed, Starting, Running, Running];
        assert_eq!(ends_at(Trust::AfterRestart, &mended), Some(4));
        let broken = [Running, Starting, Failed];
        assert_eq!(ends_at(Trust::AfterRestart, &broken), Some(2));
        assert_eq!(ends_at(Trust::AfterRestart, &vec![Failed; 20]), Some(10));
    }
}
