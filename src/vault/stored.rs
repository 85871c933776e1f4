//! JSON of the documents, without copies of secrets left behind.
//!
//! What serde_json reads goes straight into strings that wipe themselves, but for one with an
//! escape, which passes through a buffer of serde_json's own that is not wiped. What this module
//! writes needs none: neither the alphabets of generated values nor base64 hold a character that
//! JSON escapes.

use std::io::{self, Write};

use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::VaultError;

/// The format that is written, and the only one there has been.
pub(super) const VERSION: u64 = 1;

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

/// What a text says.
pub(super) fn read<T: DeserializeOwned>(text: &SecretString) -> Result<T, VaultError> {
    let text = text.expose_secret();
    // The version first: a later one may have any other shape.
    let Versioned { version } = serde_json::from_str(text).map_err(malformed)?;
    if version > VERSION {
        return Err(VaultError::Newer { version });
    }
    if version < VERSION {
        return Err(VaultError::Wrong("there is no such format"));
    }
    serde_json::from_str(text).map_err(malformed)
}

/// The text of a document.
pub(super) fn written<T: Serialize>(document: &T) -> SecretString {
    // Measured before, as a text that grows leaves copies of itself behind.
    let mut length = Length(0);
    write(document, &mut length);
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.0));
    write(document, &mut *bytes);
    // JSON is UTF-8.
    let text = String::from_utf8(std::mem::take(&mut *bytes)).unwrap_or_default();
    SecretString::from(text)
}

fn write<T: Serialize>(document: &T, to: impl Write) {
    // Maps with names for keys, strings and numbers: nothing of it can fail to be JSON.
    let _ = serde_json::to_writer(to, document);
}

/// The error without what it quotes.
fn malformed(error: serde_json::Error) -> VaultError {
    VaultError::Malformed {
        line: error.line(),
        column: error.column(),
    }
}

struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
