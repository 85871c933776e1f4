use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{StoreError, file};

const NAME: &str = "index.json";
const VERSION: u32 = 1;

/// Which sign-ins there are, the latest last; holds no secret.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Index {
    version: u32,
    pub(super) sign_ins: Vec<Listed>,
}

/// One sign-in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) environment: String,
    pub(super) hosts: String,
    pub(super) workspace: String,
    pub(super) account: String,
    pub(super) in_keyring: bool,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            version: VERSION,
            sign_ins: Vec::new(),
        }
    }
}

impl Index {
    /// The index of a folder, or an empty one.
    ///
    /// # Errors
    /// Also where others can look into the folder.
    pub(super) fn read(folder: &Path) -> Result<Self, StoreError> {
        file::check_folder(folder)?;
        let path = folder.join(NAME);
        let Some(text) = file::read(&path)? else {
            return Ok(Self::default());
        };
        let garbled = |why| StoreError::Garbled {
            what: path.display().to_string(),
            why,
        };
        let index: Self = serde_json::from_str(&text).map_err(|error| {
            // Its own words quote what it found, which may be anything.
            let (line, column) = (error.line(), error.column());
            garbled(format!("it is no index (line {line}, column {column})"))
        })?;
        match index.version {
            VERSION => Ok(index),
            version => Err(garbled(format!(
                "it was written by another version ({version})"
            ))),
        }
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), StoreError> {
        // Strings alone: nothing of it can fail to be JSON.
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        file::write(&folder.join(NAME), &text)
    }

    pub(super) fn find(&self, account: &str) -> Option<&Listed> {
        self.sign_ins
            .iter()
            .find(|listed| listed.account == account)
    }

    pub(super) fn put(&mut self, listed: Listed) {
        let _ = self.take(&listed.account);
        self.sign_ins.push(listed);
    }

    pub(super) fn take(&mut self, account: &str) -> Option<Listed> {
        let mut all = self.sign_ins.iter();
        let at = all.position(|listed| listed.account == account)?;
        Some(self.sign_ins.remove(at))
    }
}
