use std::time::SystemTime;

use tokio::time::Instant;

/// A wall clock that follows tokio's time.
///
/// It starts at the time it is given and runs with [`tokio::time`], so that a test with a paused
/// clock steers tokens' expiry and waits with one and the same hand.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: SystemTime,
    started: Instant,
}

impl Clock {
    /// A clock that shows `now` at this moment.
    pub fn starting_at(now: SystemTime) -> Self {
        Self {
            start: now,
            started: Instant::now(),
        }
    }

    /// What it shows.
    pub fn now(&self) -> SystemTime {
        self.start
            .checked_add(self.started.elapsed())
            .unwrap_or(self.start)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_clock_moves_with_tokios_time() {
        let clock = Clock::starting_at(SystemTime::UNIX_EPOCH);
        tokio::time::advance(Duration::from_secs(90)).await;
        assert_eq!(
            clock.now(),
            SystemTime::UNIX_EPOCH + Duration::from_secs(90)
        );
    }
}
