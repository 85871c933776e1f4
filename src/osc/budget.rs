use std::sync::atomic::{AtomicU32, Ordering};

/// What one repetition costs, and what an answer that was good at once earns.
const REPETITION: u32 = 10;
const EARNED: u32 = 2;

/// Repetitions that are allowed with no good answer in between.
const MOST: u32 = 60 * REPETITION;

/// How many repetitions a run may still make.
///
/// Every call has its own few attempts; this keeps many calls together from hammering a platform
/// that is down. Sixty repetitions are there to begin with; every five good answers earn another.
#[derive(Debug)]
pub(super) struct Budget(AtomicU32);

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicU32::new(MOST))
    }
}

impl Budget {
    /// Takes one repetition, if there is one left.
    pub(super) fn take(&self) -> bool {
        let taken = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(REPETITION)
            });
        taken.is_ok()
    }

    /// Notes a good answer.
    pub(super) fn earn(&self) {
        let earned = |left: u32| Some(left.saturating_add(EARNED).min(MOST));
        // Never fails: there is always a next value.
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, earned);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_repetitions_are_there_and_five_good_answers_earn_one() {
        let budget = Budget::default();
        budget.earn();
        assert_eq!((0..100).filter(|_| budget.take()).count(), 60);
        for _ in 0..4 {
            budget.earn();
        }
        assert!(!budget.take());
        budget.earn();
        assert!(budget.take());
        assert!(!budget.take());
    }
}
