use std::time::Duration;

use tokio::time::Instant;

use super::belief::Trust;
use super::readiness::Readied;
use super::turn::{Ended, Turn};
use super::{Failure, Fate};
use crate::model::{Endpoint, OptionValue, Port};
use crate::osc::{Instance, conceal, endpoint};
use crate::plan::{Action, Filled};

/// What reading back may take at least: a restart can leave the service without an answer for a
/// moment.
const READ_BACK: Duration = Duration::from_secs(30);

impl Turn {
    /// Waits until a changed instance is ready and reads it back.
    pub(super) async fn settle(&self, instance: &Instance, action: Action) -> Result<Ended, Fate> {
        let (done, trust) = match action {
            Action::Update => ("updated", Trust::AfterRestart),
            Action::Restart => ("restarted", Trust::AfterRestart),
            Action::Resume => ("resumed", Trust::AtOnce),
            _ => ("created", Trust::AtOnce),
        };
        let begun = Instant::now();
        // The change is made: nothing from here on means that it was not.
        let not_ready = |failure: Failure| Fate::NotReady(failure.sent());
        let readied = self.until_ready(instance, trust).await;
        if readied.is_err() {
            self.mark_unready().await;
        }
        let (fate, ports) = match readied.map_err(not_ready)? {
            Readied::Interrupted => return Err(Fate::NotAwaited),
            Readied::Ready(ports) => (Fate::Applied, ports),
            Readied::Short(shortfall, ports) => (Fate::AppliedUnchecked(shortfall), ports),
        };
        let now = self.read_back(done, begun).await?;
        let marked = match (action, &self.target.live) {
            (Action::Update | Action::Restart, Some(before)) if self.target.rewrites => {
                self.mark_values(before, &now).await
            }
            _ => self.mark(&now, self.secrets_digest()).await,
        };
        marked.map_err(|failure| Fate::Failed(not_marked(done, failure)))?;
        let Some(endpoint) = self.endpoint_of(&now, ports).await.map_err(not_ready)? else {
            return Err(Fate::NotAwaited);
        };
        Ok((fate, Some(endpoint)))
    }

    /// Marks what is there and not ready, as far as that can be done at once: whoever gives it up
    /// and removes it from the manifest wants it deleted.
    async fn mark_unready(&self) {
        if let Ok(Some(now)) = self.poll().await
            && self.is_met_by(&now)
            && let Err(failure) = self.mark(&now, self.secrets_digest()).await
        {
            tracing::debug!("{} is not marked: {}", self.address, failure.message);
        }
    }

    /// The changed instance, which must have every value it is to have. Reads that fail are
    /// repeated until the limit of the step, whose wait began then.
    async fn read_back(&self, done: &str, begun: Instant) -> Result<Instance, Fate> {
        let but = |why: String| Failure::new(format!("{done}, but {why}")).sent();
        let hint = "run plan to see what it holds now";
        let end = begun + self.target.ready.limit;
        let left = end.saturating_duration_since(Instant::now());
        let read = self.read_until(left.max(READ_BACK)).await;
        let read = read.map_err(|fate| match fate {
            Fate::Failed(failure) => Fate::NotReady(Failure {
                message: format!("{done}, but it cannot be read back: {}", failure.message),
                sent: true,
                ..failure
            }),
            fate => fate,
        })?;
        let Some(now) = read else {
            let failure = but("it is not there any more when read back".to_owned());
            return Err(Fate::NotReady(failure.hint("run plan to see what is")));
        };
        if !self.is_met_by(&now) {
            let options = self.not_kept(&now).join("`, `");
            let failure = but(format!(
                "the platform did not keep the value of `{options}`"
            ));
            return Err(Fate::NotReady(failure.hint(hint)));
        }
        Ok(now)
    }

    /// Marks an instance that turned out to be as it should be and waits for it: its dependants
    /// need it.
    pub(super) async fn already_so(&self, now: &Instance) -> Result<Ended, Fate> {
        self.mark(now, None)
            .await
            .map_err(|failure| Fate::Failed(not_marked("as declared", failure)))?;
        let readied = self.until_ready(now, Trust::AtOnce).await;
        let endpoint = match readied.map_err(Fate::NotReady)? {
            Readied::Interrupted => None,
            Readied::Ready(ports) | Readied::Short(_, ports) => {
                self.endpoint_of(now, ports).await.map_err(Fate::NotReady)?
            }
        };
        Ok((Fate::AlreadySo, endpoint))
    }

    /// Where it can be reached, given its ports where they have been waited for already; nothing
    /// where waiting for them was interrupted.
    pub(super) async fn endpoint_of(
        &self,
        instance: &Instance,
        ports: Option<Vec<Port>>,
    ) -> Result<Option<Endpoint>, Failure> {
        if !self.target.wants_ports {
            return Ok(Some(Endpoint {
                url: instance.url.clone(),
                ..Endpoint::default()
            }));
        }
        let (workspace, service) = (self.api.reads().workspace(), &self.subscription.service);
        let ports = match ports {
            Some(ports) => Some(ports),
            None => self.until_ports(instance).await?,
        };
        Ok(ports.map(|ports| endpoint(workspace, service, instance, ports)))
    }

    pub(super) fn not_kept(&self, now: &Instance) -> Vec<&str> {
        let differs = |(name, value): &(&String, &Option<OptionValue>)| {
            let one = Filled {
                declared: [((*name).clone(), (*value).clone())].into(),
                ..Filled::default()
            };
            !self.target.is_met_by(&one, now)
        };
        self.filled
            .declared
            .iter()
            .filter(differs)
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// A log line without any of the instance's own secrets.
    pub(super) fn without_secrets(&self, line: &str) -> String {
        let live = self.target.live.iter();
        let values = self
            .filled
            .declared
            .values()
            .flatten()
            .chain(self.filled.defaults.values())
            .chain(live.flat_map(|live| live.options.values()));
        let secrets: Vec<&str> = values
            .filter(|value| value.is_sensitive())
            .map(OptionValue::expose)
            .collect();
        conceal(line, &secrets)
    }
}

/// What to say of a change that is made and not marked as the stack's.
fn not_marked(done: &str, failure: Failure) -> Failure {
    let message = format!(
        "{done}, but it could not be marked as this stack's: {}",
        failure.message
    );
    let hint = failure
        .hint
        .unwrap_or_else(|| "run apply again: it marks it".to_owned());
    Failure {
        message,
        hint: Some(hint),
        ..failure
    }
    .sent()
}
