use super::turn::Turn;
use super::{Failure, Fate};
use crate::osc::{Instance, Options};
use crate::plan::{Digest, Unfilled};

impl Turn {
    /// Stores the secret values that the instance is to be given, before anything that makes it
    /// read them; every one of them has to be known, but for those that it keeps as it is now.
    pub(super) async fn store_secrets(&self, now: Option<&Options>) -> Result<(), Fate> {
        if let Some(option) = self.unknown_secret(now) {
            return Err(Failure::from(Unfilled::Unknown { option }).into());
        }
        self.store_known_secrets(now).await
    }

    /// The same for what is changed for another reason: a value that nobody knows here stays.
    pub(super) async fn store_known_secrets(&self, now: Option<&Options>) -> Result<(), Fate> {
        let known = self.target.known_secrets(&self.filled, now);
        if known.is_empty() {
            return Ok(());
        }
        let service = &self.target.service.id;
        Ok(self.api.put_service_secrets(service, &known).await?)
    }

    fn unknown_secret(&self, now: Option<&Options>) -> Option<String> {
        let is_kept = |option: &str| now.is_some_and(|now| self.target.keeps_secret(option, now));
        let mut all = self.filled.secrets.iter();
        let unknown = all.find(|(option, value)| value.is_none() && !is_kept(option));
        unknown.map(|(option, _)| option.clone())
    }

    /// Whether the instance has to be given values although its options are as they should be.
    pub(super) fn secrets_are_due(&self) -> bool {
        if self.target.rewrites {
            return true;
        }
        if !self.target.gives_secrets {
            return false;
        }
        let Some(key) = &self.marker.key else {
            return true;
        };
        match self.target.digest(&self.filled, key) {
            Digest::Nothing => false,
            Digest::Unknown => true,
            Digest::Of(digest) => self.target.given_digest() != Some(digest),
        }
    }

    /// Whether everything that an update of these options would store is known.
    pub(super) fn check_secrets(&self, now: &Instance) -> Result<(), Fate> {
        let first_time = self.filled.secrets.iter().find(|(option, value)| {
            let declared = self.filled.declared.get(*option).and_then(Option::as_ref);
            value.is_none() && now.options.get(*option) != declared
        });
        match first_time {
            Some((option, _)) => Err(Failure::from(Unfilled::Unknown {
                option: option.clone(),
            })
            .into()),
            None => Ok(()),
        }
    }

    /// The digest of the values that the instance has been given; nothing where one is not known.
    pub(super) fn secrets_digest(&self) -> Option<String> {
        let key = self.marker.key.as_ref()?;
        match self.target.digest(&self.filled, key) {
            Digest::Of(digest) => Some(digest),
            Digest::Nothing | Digest::Unknown => None,
        }
    }
}
