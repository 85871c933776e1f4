//! The faults of a sandbox.

use super::armed::Armed;
use super::fault::Fault;
use super::strike::Strike;
use super::subject::Subject;
use crate::sandbox::moment::Moment;

/// How a sandbox misbehaves, and what of it has happened: nothing by default.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    armed: Vec<Armed>,
    seed: u64,
    /// What has struck since this was last asked for.
    latest: Option<&'static str>,
}

impl Faults {
    /// These faults; those without a seed of their own draw on this one.
    pub fn new(faults: impl IntoIterator<Item = Fault>, seed: u64) -> Faults {
        Faults {
            armed: faults.into_iter().map(Armed::new).collect(),
            seed,
            latest: None,
        }
    }

    /// The same on a platform that is `factor` times faster, as
    /// [`Timing::scaled`](crate::sandbox::Timing::scaled) makes it.
    pub fn scaled(self, factor: f64) -> Faults {
        if factor.is_nan() || factor <= 0.0 {
            return self;
        }
        let scaled = self.armed.into_iter().map(|armed| armed.scaled(factor));
        Faults {
            armed: scaled.collect(),
            ..self
        }
    }

    /// Whether there are none at all.
    pub(in crate::sandbox) fn is_empty(&self) -> bool {
        self.armed.is_empty()
    }

    /// How many requests and connections they have struck. A fault that changed nothing about an
    /// answer, as where a name that is not taken would be refused otherwise, has not struck.
    pub fn struck(&self) -> u32 {
        let struck = self.armed.iter().map(Armed::struck);
        struck.fold(0, u32::saturating_add)
    }

    /// The kind of the latest strike; nothing where there was none since this was last called.
    pub(in crate::sandbox) fn take_latest(&mut self) -> Option<&'static str> {
        self.latest.take()
    }

    /// What would strike a request, if anything; all that cover it count it.
    pub(in crate::sandbox) fn meet(&mut self, subject: &Subject, now: Moment) -> Option<Strike> {
        let mut first = None;
        for (index, armed) in self.armed.iter_mut().enumerate() {
            let seed = armed.fault.seed.unwrap_or(self.seed);
            if armed.meet(subject, now, &format!("{seed}/{index}")) && first.is_none() {
                first = Some(Strike::new(index, armed.fault.clone(), subject.clone()));
            }
        }
        first
    }

    /// Counts a strike that made a difference.
    pub(in crate::sandbox) fn count(&mut self, strike: &Strike) {
        if let Some(armed) = self.armed.get_mut(strike.index) {
            armed.strike();
            self.latest = Some(armed.fault.kind.name);
        }
    }
}
