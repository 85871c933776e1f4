use std::time::Duration;

use super::Limits;

/// How a wait ended, unless it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    Ready,
    /// The platform cannot tell how this instance is.
    Unchecked,
    Interrupted,
}

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
/// pause; not beyond the limit of the wait.
pub(super) fn pause(limits: &Limits, waited: Duration, limit: Duration) -> Duration {
    let left = limit.saturating_sub(waited);
    (waited / 20)
        .max(limits.shortest_pause)
        .min(limits.longest_pause)
        .min(left)
        .max(Duration::from_millis(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_with_the_wait_between_one_and_five_seconds() {
        let after = |waited| {
            pause(
                &Limits::default(),
                Duration::from_secs(waited),
                Duration::from_secs(3600),
            )
        };
        assert_eq!(after(0), Duration::from_secs(1));
        assert_eq!(after(40), Duration::from_secs(2));
        assert_eq!(after(600), Duration::from_secs(5));
    }

    #[test]
    fn the_last_pause_ends_at_the_limit() {
        let pause = |waited| {
            pause(
                &Limits::default(),
                Duration::from_millis(waited),
                Duration::from_secs(10),
            )
        };
        assert_eq!(pause(9_500), Duration::from_millis(500));
        assert_eq!(pause(11_000), Duration::from_millis(1));
    }
}
