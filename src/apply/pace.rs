use std::time::Duration;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(5);

/// How long to wait before asking again: 5 % of the time waited so far, at least one second
/// and at most five.
pub(super) fn pause(waited: Duration) -> Duration {
    (waited / 20).clamp(SHORTEST, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_with_the_wait_between_one_and_five_seconds() {
        assert_eq!(pause(Duration::ZERO), SHORTEST);
        assert_eq!(pause(Duration::from_secs(40)), Duration::from_secs(2));
        assert_eq!(pause(Duration::from_secs(600)), LONGEST);
    }
}
