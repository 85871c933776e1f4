use std::time::Duration;

/// How much a run does at once and how long it waits.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Changes under way at once.
    pub changes_at_once: usize,
    /// The shortest pause between two questions about the same thing.
    pub shortest_pause: Duration,
    /// The longest.
    pub longest_pause: Duration,
    /// How long a deleted instance may stay visible. The platform takes up to a minute (API
    /// notes 13.1).
    pub gone: Duration,
    /// How many answers in a row must say that an instance is gone before that is believed.
    pub absences: u32,
    /// How far apart the first and the last of those answers must be: reads flap (API notes
    /// 13.4).
    pub absent_for: Duration,
    /// How long ports may take to appear once an instance is ready (API notes 6.8); after that
    /// it counts as having none.
    pub ports: Duration,
    /// For how long `running` is not believed after a restart, unless another status was seen:
    /// the old process may still be answering.
    pub settle: Duration,
    /// For how long nothing at the endpoint of a running instance may take a connection from here
    /// before the wait for a level that the manifest does not name is given up.
    pub out_of_reach: Duration,
    /// For how long an instance that was resumed may be neither listed nor shown: the platform
    /// takes about a minute (API notes 6.12).
    pub hidden: Duration,
    /// How long to wait before an unanswered create is asked about again; longer each time.
    pub create_again: Duration,
    /// Spreads the pauses of different waits.
    pub spread: u64,
    /// For how long after a resume the platform may write the options from before the suspension
    /// again (API notes 6.6).
    pub replay: Duration,
    /// After how long a health route that answers 404 counts as not there (API notes 14, row
    /// 36).
    pub no_health_route: Duration,
    /// How long after its lease was written a run waits before it believes that it holds it:
    /// longer than it takes another from reading that there is none until its own is written,
    /// as the platform cannot compare and swap.
    pub lease_settle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            changes_at_once: 4,
            shortest_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(5),
            gone: Duration::from_secs(300),
            absences: 4,
            absent_for: Duration::from_secs(15),
            ports: Duration::from_secs(60),
            settle: Duration::from_secs(10),
            out_of_reach: Duration::from_secs(60),
            hidden: Duration::from_secs(120),
            create_again: Duration::from_secs(5),
            spread: 0,
            replay: Duration::from_secs(90),
            no_health_route: Duration::from_secs(60),
            lease_settle: Duration::from_secs(2),
        }
    }
}

impl Limits {
    /// The same for a platform on which everything happens `factor` times faster: pauses, and
    /// what is only waited for to be on the safe side, shrink; the limits of waits stay.
    ///
    /// A factor that is not a number above 1 changes nothing.
    pub fn scaled(self, factor: f64) -> Self {
        let shorter =
            |span: Duration| match Duration::try_from_secs_f64(span.as_secs_f64() / factor) {
                Ok(shorter) if factor > 1.0 => shorter,
                _ => span,
            };
        Self {
            shortest_pause: shorter(self.shortest_pause),
            longest_pause: shorter(self.longest_pause),
            absent_for: shorter(self.absent_for),
            settle: shorter(self.settle),
            out_of_reach: shorter(self.out_of_reach),
            hidden: shorter(self.hidden),
            create_again: shorter(self.create_again),
            replay: shorter(self.replay),
            lease_settle: shorter(self.lease_settle),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_faster_platform_is_believed_sooner_and_waited_for_as_long() {
        let fast = Limits::default().scaled(10.0);
        assert_eq!(fast.settle, Duration::from_secs(1));
        assert_eq!(fast.absent_for, Duration::from_millis(1500));
        assert_eq!(fast.gone, Limits::default().gone);
        let immediate = Limits::default().scaled(f64::INFINITY);
        assert_eq!(immediate.settle, Duration::ZERO);
        for nonsense in [0.0, -1.0, f64::NAN, 0.5] {
            assert_eq!(
                Limits::default().scaled(nonsense).settle,
                Limits::default().settle
            );
        }
    }
}
