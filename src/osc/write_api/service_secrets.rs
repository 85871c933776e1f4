use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::super::call::Call;
use super::super::classify::Place;
use super::super::{Class, Error};
use super::WriteApi;

/// The most secrets that the platform takes at once (API notes 8.1).
const AT_ONCE: usize = 10;

type Named = (String, SecretString);

impl WriteApi {
    /// Keeps secrets that options of a service's instances refer to, in place of any values they
    /// have: at most ten in a request, and one by one where the platform has no batches
    /// (API notes 8.1; 14, row 17). Instances get them when they start next.
    ///
    /// The requests hold the values for a moment and do not wipe them. From then on, nothing that
    /// the platform says shows one: an instance refers to them.
    ///
    /// # Errors
    /// Some of them may be kept then. No error holds a value.
    pub async fn put_service_secrets(&self, service: &str, secrets: &[Named]) -> Result<(), Error> {
        let values = secrets.iter().map(|(_, value)| value.clone());
        self.session.be_discreet_about(values);
        let mut in_batches = true;
        for batch in secrets.chunks(AT_ONCE) {
            if in_batches {
                match self.put_batch(service, batch).await {
                    Err(error) if may_lack_batches(&error) => in_batches = false,
                    done_or_failed => done_or_failed?,
                }
            }
            if !in_batches {
                for secret in batch {
                    self.put_one(service, secret).await?;
                }
            }
        }
        Ok(())
    }

    async fn put_batch(&self, service: &str, batch: &[Named]) -> Result<(), Error> {
        let operation = format!("writing secrets of {service}");
        let call = Call {
            body: Some(json!({ "secrets": batch.iter().map(named).collect::<Vec<_>>() })),
            secrets: batch
                .iter()
                .map(|(_, value)| value.expose_secret())
                .collect(),
            // That the route is missing need not be certain: one by one does as well.
            place: Place::Platform,
            ..self.optional(operation, Method::PUT, &["mysecrets", service, "batch"])?
        };
        self.session.ask_platform(&call).await.map(drop)
    }

    /// `PUT`, which may update only what is there; then `POST`, which may take only what is not.
    async fn put_one(&self, service: &str, secret: &Named) -> Result<(), Error> {
        let put = match self.update_secret(service, secret).await {
            Err(error) if says_not_found(&error) => self.add_secret(service, secret).await,
            done_or_failed => done_or_failed,
        };
        let put = match put {
            // Somebody, or an earlier attempt at this, was faster.
            Err(error) if error.class == Class::Conflict => {
                self.update_secret(service, secret).await
            }
            done_or_failed => done_or_failed,
        };
        put.map_err(|error| match error.class {
            // What is absent is the service, never an instance.
            Class::Absent => Error {
                class: Class::Refused,
                ..error
            },
            _ => error,
        })
    }

    async fn update_secret(&self, service: &str, (name, value): &Named) -> Result<(), Error> {
        let operation = format!("writing the secret `{name}` of {service}");
        let value = value.expose_secret();
        let call = Call {
            body: Some(json!({ "secretData": value })),
            secrets: vec![value],
            ..self.optional(operation, Method::PUT, &["mysecrets", service, name])?
        };
        self.session.ask_platform(&call).await.map(drop)
    }

    async fn add_secret(&self, service: &str, secret: &Named) -> Result<(), Error> {
        let (name, value) = secret;
        let operation = format!("adding the secret `{name}` of {service}");
        let call = Call {
            body: Some(named(secret)),
            secrets: vec![value.expose_secret()],
            ..self.optional(operation, Method::POST, &["mysecrets", service])?
        };
        self.session.ask_platform(&call).await.map(drop)
    }

    /// Removes a secret of a service; one that is not there counts as removed. Instances that
    /// refer to it fail when they start next.
    ///
    /// # Errors
    /// As described at [`WriteApi`].
    pub async fn delete_service_secret(&self, service: &str, name: &str) -> Result<(), Error> {
        let operation = format!("deleting the secret `{name}` of {service}");
        let path = ["mysecrets", service, name];
        let call = self.optional(operation, Method::DELETE, &path)?;
        match self.session.ask_platform(&call).await {
            Err(error) if error.class == Class::Absent => Ok(()),
            done_or_failed => done_or_failed.map(drop),
        }
    }
}

fn named((name, value): &Named) -> Value {
    json!({ "secretName": name, "secretData": value.expose_secret() })
}

/// A platform without the route may also take `batch` for the name of a secret.
fn may_lack_batches(error: &Error) -> bool {
    error.class == Class::Unsupported || error.status == Some(400) || says_not_found(error)
}

fn says_not_found(error: &Error) -> bool {
    error.status == Some(404) && error.class != Class::Transient
}

#[cfg(test)]
mod tests;
