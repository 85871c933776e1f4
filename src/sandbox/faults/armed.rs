//! One fault with its counters, and whether it strikes.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::fault::Fault;
use super::kind::Span;
use super::subject::Subject;
use crate::sandbox::moment::Moment;

/// A fault and what it has met so far.
#[derive(Clone, Debug)]
pub(super) struct Armed {
    pub(super) fault: Fault,
    met: u64,
    struck: u32,
    first_met: Option<Moment>,
}

impl Armed {
    /// One that has met nothing.
    pub(super) fn new(fault: Fault) -> Armed {
        Armed {
            fault,
            met: 0,
            struck: 0,
            first_met: None,
        }
    }

    /// The same on a platform that is `factor` times faster.
    pub(super) fn scaled(self, factor: f64) -> Armed {
        Armed {
            fault: self.fault.scaled(factor),
            ..self
        }
    }

    /// Counts a request it covers; whether it would strike it.
    pub(super) fn meet(&mut self, subject: &Subject, now: Moment, seed: &str) -> bool {
        if !self.covers(subject) || !self.is_in_time(subject, now) {
            return false;
        }
        self.met += 1;
        let spared = self.met <= u64::from(self.fault.after);
        let spent = self.fault.count().is_some_and(|count| self.struck >= count);
        let unlikely = self
            .fault
            .probability
            .is_some_and(|probability| drawn(seed, self.met) >= probability);
        !(spared || spent || unlikely)
    }

    /// Counts a strike.
    pub(super) fn strike(&mut self) {
        self.struck = self.struck.saturating_add(1);
    }

    /// How many requests it has struck.
    pub(super) fn struck(&self) -> u32 {
        self.struck
    }

    fn covers(&self, subject: &Subject) -> bool {
        let target = self.fault.target.as_ref();
        self.fault.kind.acts.contains(&subject.act)
            && target.is_none_or(|target| target.covers(subject))
    }

    fn is_in_time(&mut self, subject: &Subject, now: Moment) -> bool {
        let lasts = self.fault.lasts;
        let within = |since: Moment, span: Duration| now < since.plus(span);
        match (self.fault.kind.span, lasts, subject.life) {
            (Span::SinceCreated(_), Some(span), Some((created, _))) => within(created, span),
            (Span::SinceStarted(_), Some(span), Some((_, started))) => within(started, span),
            (Span::SinceMet(_), Some(span), _) => {
                let first = *self.first_met.get_or_insert(now);
                // The first is struck also where everything happens at once.
                first == now || within(first, span)
            }
            (Span::SinceCreated(_) | Span::SinceStarted(_), _, None) => false,
            _ => true,
        }
    }
}

/// A number from 0 to below 1 that follows from the seed and the turn.
fn drawn(seed: &str, turn: u64) -> f64 {
    let hash = Sha256::digest(format!("{seed}/{turn}"));
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&hash[..4]);
    f64::from(u32::from_be_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}
