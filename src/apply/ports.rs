use tokio::time::Instant;

use super::gate::Asked;
use super::pace::pause;
use super::turn::Turn;
use super::{Failure, Waiting};
use crate::model::Port;
use crate::osc::{Class, Instance};

impl Turn {
    /// Waits until there is a port to refer to; none after the limit, or where the service has
    /// no ports at all. Nothing where the wait was interrupted.
    ///
    /// # Errors
    /// When the ports cannot be read until the limit.
    pub(super) async fn until_ports(
        &self,
        instance: &Instance,
    ) -> Result<Option<Vec<Port>>, Failure> {
        let begun = Instant::now();
        let limit = self.limits.ports;
        let mut told = false;
        loop {
            let reads = self.api.reads().polling();
            let question = reads.ports(&self.subscription, instance);
            let left = limit.saturating_sub(begun.elapsed());
            let answer = match self.gate.ask(left, question).await {
                Asked::Answer(answer) => answer,
                Asked::TooLate => return Err(Failure::new("its ports could not be read in time")),
                Asked::Interrupted => return Ok(None),
            };
            let waited = begun.elapsed();
            match answer {
                Ok(ports) if !ports.is_empty() || waited >= limit => return Ok(Some(ports)),
                Err(error) if error.class == Class::Unsupported => return Ok(Some(Vec::new())),
                Err(error) if error.class == Class::SignedOut || waited >= limit => {
                    return Err(error.into());
                }
                Ok(_) | Err(_) => {}
            }
            if !std::mem::replace(&mut told, true) {
                self.waiting(Waiting::Ports);
            }
            if self
                .gate
                .rest(pause(&self.limits, &self.address, waited, limit))
                .await
                .is_interrupted()
            {
                return Ok(None);
            }
        }
    }
}
