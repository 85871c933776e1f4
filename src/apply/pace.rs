use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::Limits;
use crate::model::Address;

/// How a pause ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    Over,
    Interrupted,
}

impl Rest {
    pub(super) fn is_interrupted(self) -> bool {
        self == Self::Interrupted
    }
}

/// How long to wait before asking again: 5 % of the time waited so far, within the limits of a
/// pause, less up to a fifth by which waits part ways; not beyond the limit of the wait.
pub(super) fn pause(limits: &Limits, who: &Address, waited: Duration, limit: Duration) -> Duration {
    let left = limit.saturating_sub(waited);
    let longest = (waited / 20)
        .max(limits.shortest_pause)
        .min(limits.longest_pause);
    let pause = spread(longest, hash((limits.spread, who, waited)));
    pause.min(left).max(Duration::from_millis(1))
}

/// How long to wait before a create that was not answered is asked about again, after so many such
/// pauses: twice as long each time, up to six times the first, less up to a fifth.
pub(super) fn pause_again(limits: &Limits, who: &Address, times: u32) -> Duration {
    let factor = 2_u32.saturating_pow(times).min(6);
    let pause = spread(
        limits.create_again * factor,
        hash((limits.spread, who, times)),
    );
    pause.max(Duration::from_millis(1))
}

/// Less by up to a fifth.
fn spread(pause: Duration, by: u64) -> Duration {
    let part = u32::try_from(by % 64).unwrap_or_default();
    pause - pause / 5 * part / 64
}

fn hash(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn after(who: &str, waited: u64, limit: Duration) -> Duration {
        let waited = Duration::from_millis(waited);
        pause(&Limits::default(), &Address::instance(who), waited, limit)
    }

    #[test]
    fn the_pause_grows_with_the_wait_between_one_and_five_seconds() {
        for (waited, full) in [(0, 1), (40_000, 2), (600_000, 5)] {
            let full = Duration::from_secs(full);
            let pause = after("a", waited, HOUR);
            assert!(pause <= full && pause >= full * 4 / 5, "{pause:?}");
        }
    }

    #[test]
    fn two_waits_that_began_together_part_ways() {
        assert!((0..20).any(|n| after(&n.to_string(), 0, HOUR) != after("a", 0, HOUR)));
    }

    #[test]
    fn an_unanswered_create_is_asked_about_after_ever_longer_pauses() {
        let limits = Limits::default();
        let who = Address::instance("a");
        for (times, full) in [(0, 5), (1, 10), (2, 20), (3, 30), (40, 30)] {
            let full = Duration::from_secs(full);
            let pause = pause_again(&limits, &who, times);
            assert!(pause <= full && pause >= full * 4 / 5, "{pause:?}");
        }
        let of_run = |spread| pause_again(&Limits { spread, ..limits }, &who, 3);
        assert!((1..20).any(|spread| of_run(spread) != of_run(0)));
    }

    #[test]
    fn the_last_pause_ends_at_the_limit() {
        let limit = Duration::from_secs(10);
        assert_eq!(after("a", 9_500, limit), Duration::from_millis(500));
        assert_eq!(after("a", 11_000, limit), Duration::from_millis(1));
    }
}
