//! Points in time as the world stores them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A point in time in milliseconds since the Unix epoch.
///
/// Arithmetic saturates: a clock set before 1970 reads as 1970, and no sum overflows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Moment(u64);

impl Moment {
    /// This moment and then some.
    pub(crate) fn plus(self, span: Duration) -> Moment {
        Moment(self.0.saturating_add(millis(span)))
    }

    /// This moment, less some.
    pub(crate) fn minus(self, span: Duration) -> Moment {
        Moment(self.0.saturating_sub(millis(span)))
    }

    /// How long it is since another moment; nothing when that is later.
    pub(crate) fn since(self, earlier: Moment) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Whole seconds since the Unix epoch, as tokens carry them.
    pub(crate) fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The moment as an RFC 3339 text in UTC, for log lines.
    pub(crate) fn rfc3339(self) -> String {
        // The formatter refuses years beyond 9999.
        const LAST: u64 = 253_402_300_799_000;
        let time = UNIX_EPOCH + Duration::from_millis(self.0.min(LAST));
        humantime::format_rfc3339_millis(time).to_string()
    }
}

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Moment {
        Moment(time.duration_since(UNIX_EPOCH).map(millis).unwrap_or(0))
    }
}

impl From<Moment> for SystemTime {
    fn from(moment: Moment) -> SystemTime {
        let since_epoch = Duration::from_millis(moment.0);
        UNIX_EPOCH.checked_add(since_epoch).unwrap_or(UNIX_EPOCH)
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_and_text_never_fails() {
        let before = UNIX_EPOCH - Duration::from_secs(5);
        assert_eq!(Moment::from(before), Moment(0));
        let end = Moment(u64::MAX).plus(Duration::MAX);
        assert_eq!(end.rfc3339(), "9999-12-31T23:59:59.000Z");
        assert_eq!(Moment(5).minus(Duration::MAX), Moment(0));
    }
}
