use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::{Origin, Url};

use super::retry::LONGEST_PAUSE;

/// Until when hosts want to be left alone.
///
/// Whoever repeats a failed call waits as its answer wishes. A poll is not repeated but asked
/// anew by somebody who has not seen that wish; here it meets it.
#[derive(Debug, Default)]
pub(super) struct Courtesy(Mutex<HashMap<Origin, Instant>>);

impl Courtesy {
    /// Notes the wish of an answer, up to a minute.
    pub(super) fn note(&self, url: &Url, wish: Option<Duration>) {
        if let Some(wish) = wish {
            let until = Instant::now() + wish.min(LONGEST_PAUSE);
            let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            hosts.insert(url.origin(), until);
        }
    }

    /// Waits as long as the host of a URL wishes.
    pub(super) async fn keep(&self, url: &Url) {
        let until = {
            let hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            hosts.get(&url.origin()).copied()
        };
        if let Some(until) = until {
            tokio::time::sleep_until(until).await;
        }
    }
}
