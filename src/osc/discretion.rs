use std::fmt;
use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use super::conceal::Concealer;

/// A shorter one is found in every text, of which nothing readable would be left.
const SHORTEST: usize = 4;

/// The secrets that a session knows of, which nothing that the platform says may show: an answer
/// may quote what a reference stands for, which no request carried.
#[derive(Default)]
pub(super) struct Discretion(Mutex<Vec<SecretString>>);

impl Discretion {
    /// Takes note of secrets.
    pub(super) fn add(&self, secrets: impl IntoIterator<Item = SecretString>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets {
            let text = secret.expose_secret();
            if text.len() < SHORTEST {
                continue;
            }
            let is_new = known.iter().all(|it| it.expose_secret() != text);
            if is_new {
                known.push(secret);
            }
        }
    }

    /// Whoever takes these and those out of texts.
    pub(super) fn concealer(&self, secrets: &[&str]) -> Concealer {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.iter().map(SecretString::expose_secret);
        Concealer::of(known.chain(secrets.iter().copied()))
    }
}

impl fmt::Debug for Discretion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Discretion")
    }
}
