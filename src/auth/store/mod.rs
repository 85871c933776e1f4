//! Where sign-ins are kept between runs: the tokens in the system's keyring, or in a file where
//! there is none.
//!
//! One for each site and workspace. A folder of mode 0700 holds `index.json`, which says which
//! sign-ins there are and where each is, but no secret; the files of those that are in no keyring;
//! and a lock, held by whoever changes any of it and for the whole of a renewal. Every file is
//! replaced as a whole.
//!
//! - `index`: which sign-ins there are
//! - `keyring`: the system's keyring
//! - `file`: files that only their owner can read
//! - `lock`: one at a time
//! - `error`: why they cannot be kept or read

mod error;
mod file;
mod index;
mod keyring;
mod lock;

use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

pub use self::error::StoreError;
use self::error::{switched_off, unusable};
use self::index::{Index, Listed};
pub(super) use self::lock::Lock;
use super::sign_in::{SignIn, Site, digest};

/// The sign-ins of this user.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    /// Whether the system's keyring is tried.
    keyring: bool,
}

/// Where a sign-in is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the system's keyring.
    Keyring,
    /// In a file.
    File(PathBuf),
}

/// A sign-in that was put away.
#[derive(Debug)]
pub struct Kept {
    /// Where.
    pub place: Place,
    /// Why not in the keyring, where it is not there.
    pub why_no_keyring: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring => f.write_str("the system's keyring"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl Store {
    /// The sign-ins in `folder`, which need not exist yet; the system's keyring is used for the
    /// tokens where `keyring` says so and there is one.
    pub fn new(folder: impl Into<PathBuf>, keyring: bool) -> Self {
        Self {
            folder: folder.into(),
            keyring,
        }
    }

    /// The workspaces signed in to at a site, the latest last.
    ///
    /// # Errors
    /// Where that cannot be read.
    pub fn workspaces(&self, site: &Site) -> Result<Vec<String>, StoreError> {
        let index = Index::read(&self.folder)?;
        let here = index.sign_ins.into_iter().filter(|listed| {
            listed.environment == site.environment() && listed.hosts == site.hosts()
        });
        Ok(here.map(|listed| listed.workspace).collect())
    }

    /// The sign-in to a workspace at a site.
    ///
    /// # Errors
    /// Where it cannot be read, and where it is listed and no longer there.
    pub fn read(
        &self,
        site: &Site,
        workspace: &str,
    ) -> Result<Option<(SignIn, Place)>, StoreError> {
        let index = Index::read(&self.folder)?;
        let account = site.account(workspace);
        let Some(listed) = index.find(&account) else {
            return Ok(None);
        };
        let text = self.text(listed)?.ok_or_else(|| StoreError::Missing {
            account: account.clone(),
            place: self.place(listed),
        })?;
        let sign_in = SignIn::of_text(&text).map_err(|why| StoreError::Garbled {
            what: format!("the sign-in to {account}"),
            why,
        })?;
        Ok(Some((sign_in, self.place(listed))))
    }

    /// Waits until nobody else is at the sign-ins.
    ///
    /// # Errors
    /// Where that takes longer than any renewal, or the folder cannot be used.
    pub(super) async fn lock(&self) -> Result<Lock, StoreError> {
        file::make_folder(&self.folder)?;
        Lock::take(&self.folder).await
    }

    /// Keeps a sign-in, in place of one to the same workspace; it is the latest now.
    ///
    /// # Errors
    /// Where it can be kept nowhere; the one before is still there then.
    pub(super) fn keep(&self, _: &Lock, site: &Site, sign_in: &SignIn) -> Result<Kept, StoreError> {
        let mut index = Index::read(&self.folder)?;
        let workspace = &sign_in.claims.workspace;
        let account = site.account(workspace);
        let before = index.find(&account).map(|listed| listed.in_keyring);
        let text = sign_in.to_text();
        let why_no_keyring = match self.keyring {
            true => keyring::write(&account, text.clone()).err(),
            false => Some(switched_off()),
        };
        let in_keyring = why_no_keyring.is_none();
        let path = self.file(&account);
        if !in_keyring {
            file::write(&path, &text)?;
        }
        index.put(Listed {
            environment: site.environment().to_owned(),
            hosts: site.hosts().to_owned(),
            workspace: workspace.clone(),
            account: account.clone(),
            in_keyring,
        });
        index.write(&self.folder)?;
        match before {
            Some(false) if in_keyring => file::remove(&path)?,
            // What cannot be removed now is replaced by the next sign-in.
            Some(true) if !in_keyring && self.keyring => drop(keyring::remove(&account)),
            _ => {}
        }
        let place = match in_keyring {
            true => Place::Keyring,
            false => Place::File(path),
        };
        Ok(Kept {
            place,
            why_no_keyring: why_no_keyring.map(|error| match error {
                StoreError::Keyring(why) => why,
                other => other.to_string(),
            }),
        })
    }

    /// Keeps the next state of a sign-in where the one before is.
    ///
    /// # Errors
    /// Where it cannot be kept; the one before is still there then.
    pub(super) fn replace(
        &self,
        _: &Lock,
        site: &Site,
        place: &Place,
        sign_in: &SignIn,
    ) -> Result<(), StoreError> {
        let account = site.account(&sign_in.claims.workspace);
        match place {
            Place::Keyring => keyring::write(&account, sign_in.to_text()),
            Place::File(path) => file::write(path, &sign_in.to_text()),
        }
    }

    /// Forgets the sign-in to a workspace.
    ///
    /// # Errors
    /// Where it cannot be removed; it is still listed then.
    pub(super) fn remove(&self, _: &Lock, site: &Site, workspace: &str) -> Result<(), StoreError> {
        let mut index = Index::read(&self.folder)?;
        let account = site.account(workspace);
        if let Some(listed) = index.take(&account) {
            self.erase(&listed)?;
            index.write(&self.folder)?;
        }
        Ok(())
    }

    /// Every sign-in at every site that can be read.
    pub(super) fn read_all(&self) -> Vec<SignIn> {
        let listed = Index::read(&self.folder).unwrap_or_default().sign_ins;
        let texts = listed.iter().filter_map(|it| self.text(it).ok().flatten());
        texts
            .filter_map(|text| SignIn::of_text(&text).ok())
            .collect()
    }

    /// Forgets everything, also what can no longer be read.
    ///
    /// # Errors
    /// Where something cannot be removed, which is still listed then, or may have been left in the
    /// keyring; everything else is gone.
    pub(super) fn remove_all(&self, _: &Lock) -> Result<(), StoreError> {
        let Ok(mut index) = Index::read(&self.folder) else {
            file::remove_documents(&self.folder)?;
            return match self.keyring {
                true => Err(StoreError::MayRemain),
                false => Ok(()),
            };
        };
        let mut failed = None;
        for listed in std::mem::take(&mut index.sign_ins) {
            if let Err(error) = self.erase(&listed) {
                index.sign_ins.push(listed);
                failed = Some(error);
            }
        }
        match failed {
            Some(error) => {
                index.write(&self.folder)?;
                Err(error)
            }
            None => file::remove_documents(&self.folder),
        }
    }

    fn text(&self, listed: &Listed) -> Result<Option<Text>, StoreError> {
        match listed.in_keyring {
            true if !self.keyring => Err(switched_off()),
            true => keyring::read(&listed.account),
            false => file::read(&self.file(&listed.account)),
        }
    }

    fn erase(&self, listed: &Listed) -> Result<(), StoreError> {
        if listed.in_keyring && !self.keyring {
            return Err(switched_off());
        }
        if listed.in_keyring {
            return keyring::remove(&listed.account);
        }
        if self.keyring {
            // One from before the keyring could not be used may still be there.
            let _ = keyring::remove(&listed.account);
        }
        file::remove(&self.file(&listed.account))
    }

    fn place(&self, listed: &Listed) -> Place {
        match listed.in_keyring {
            true => Place::Keyring,
            false => Place::File(self.file(&listed.account)),
        }
    }

    fn file(&self, account: &str) -> PathBuf {
        self.folder.join(format!("{}.json", digest(account)))
    }
}

/// A text with secrets in it, erased from memory when dropped.
type Text = Zeroizing<String>;

#[cfg(test)]
mod tests;
