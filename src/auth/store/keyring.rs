use std::sync::mpsc;
use std::time::Duration;

use ::keyring::v1::{Entry, Error};

use super::{StoreError, Text};

const SERVICE: &str = "osc-apply";
/// A locked keyring may ask its user first.
const LIMIT: Duration = Duration::from_secs(120);

/// The text under a name; nothing where there is none.
pub(super) fn read(account: &str) -> Result<Option<Text>, StoreError> {
    ask(account, |entry| match entry.get_password() {
        Ok(text) => Ok(Some(Text::new(text))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    })
}

/// Puts a text under a name, in place of the one before.
pub(super) fn write(account: &str, text: Text) -> Result<(), StoreError> {
    ask(account, move |entry| entry.set_password(&text))
}

/// Removes a text; that there is none is fine.
pub(super) fn remove(account: &str) -> Result<(), StoreError> {
    ask(account, |entry| match entry.delete_credential() {
        Err(Error::NoEntry) => Ok(()),
        removed => removed,
    })
}

/// On a thread of its own: the call blocks, and may do so for as long as a person takes to
/// unlock the keyring.
fn ask<T: Send + 'static>(
    account: &str,
    act: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
) -> Result<T, StoreError> {
    let account = account.to_owned();
    let (done, result) = mpsc::channel();
    std::thread::spawn(move || {
        let acted = Entry::new(SERVICE, &account).and_then(|entry| act(&entry));
        // Whoever waited may have given up.
        let _ = done.send(acted);
    });
    match result.recv_timeout(LIMIT) {
        Ok(acted) => acted.map_err(|error| StoreError::Keyring(words(&error))),
        Err(_) => {
            let seconds = LIMIT.as_secs();
            Err(StoreError::Keyring(format!("no answer within {seconds} s")))
        }
    }
}

/// Why, without the contents that some errors carry.
fn words(error: &Error) -> String {
    match error {
        Error::NoDefaultStore => "there is none".to_owned(),
        Error::NoStorageAccess(_) => "it is locked".to_owned(),
        Error::TooLong(..) => "the tokens are too long for it".to_owned(),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "its contents are garbled".to_owned(),
        Error::PlatformFailure(why) => crate::model::printable(&why.to_string()).into_owned(),
        _ => "it refused".to_owned(),
    }
}
