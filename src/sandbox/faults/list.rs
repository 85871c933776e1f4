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
}

impl Faults {
    /// These faults; those without a seed of their own draw on this one.
    pub fn new(faults: impl IntoIterator<Item = Fault>, seed: u64) -> Faults {
        Faults {
            armed: faults.into_iter().map(Armed::new).collect(),
            seed,
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

    /// What strikes a request, if anything; all that cover it count it.
    pub(in crate::sandbox) fn meet(&mut self, subject: &Subject, now: Moment) -> Option<Strike> {
        let mut struck = None;
        for (index, armed) in self.armed.iter_mut().enumerate() {
            let seed = armed.fault.seed.unwrap_or(self.seed);
            if armed.meet(subject, now, &format!("{seed}/{index}")) && struck.is_none() {
                armed.strike();
                struck = Some(Strike::new(armed.fault.clone(), subject.clone()));
            }
        }
        struck
    }
}
