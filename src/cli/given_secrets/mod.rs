//! Secrets that a run is given from outside the manifest.
//!
//! What has no value is no error here: it says why, and what to do. No message holds a value.
//!
//! - `file`: those in files
//! - `command`: those that a program prints

mod command;
mod file;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::auth::Pat;
use crate::manifest::{Manifest, Secret, SecretSource};
use crate::model::FileId;
use crate::resolve::GivenSecret;

/// The most bytes that a secret may have.
const LARGEST: usize = 64 * 1024;

/// What the manifest's secrets may come from beyond what is always allowed.
pub(super) struct Allowed {
    /// Folders with files, beside the manifest's own.
    pub(super) folders: Vec<PathBuf>,
    /// Whether commands are run.
    pub(super) commands: bool,
}

/// Where secrets are looked for.
pub(super) struct Places<'a> {
    /// The folder of each file of the manifest.
    pub(super) folders: &'a HashMap<FileId, PathBuf>,
    pub(super) allowed: &'a Allowed,
    /// The token of the run.
    pub(super) pat: &'a Pat,
}

/// Reads every secret that comes from outside.
pub(super) async fn read(manifest: &Manifest, places: Places<'_>) -> BTreeMap<String, GivenSecret> {
    let mut given = BTreeMap::new();
    for (name, secret) in &manifest.secrets {
        if let Some(found) = places.look_up(secret).await {
            let found = found.map_or_else(GivenSecret::Missing, GivenSecret::Value);
            given.insert(name.clone(), found);
        }
    }
    given
}

/// Reads none of them, and says why.
pub(super) fn none(manifest: &Manifest, why: &str) -> BTreeMap<String, GivenSecret> {
    let names = manifest.secrets.keys();
    names
        .map(|name| (name.clone(), GivenSecret::Missing(why.to_owned())))
        .collect()
}

impl Places<'_> {
    /// The value or why there is none; nothing for a secret that does not come from outside.
    async fn look_up(&self, secret: &Secret) -> Option<Result<SecretString, String>> {
        let folder = self.folders.get(&secret.span.file);
        let folder = folder.map_or(Path::new("."), PathBuf::as_path);
        Some(match secret.source.as_ref()? {
            SecretSource::Env(name) => variable(&name.value),
            SecretSource::File(path) => file::read(&path.value, folder, &self.allowed.folders),
            SecretSource::Command(words) => {
                let words: Vec<&str> = words.iter().map(|word| word.value.as_str()).collect();
                match self.allowed.commands {
                    true => command::run(&words, folder, command::LIMIT).await,
                    false => Err(command::refusal(&words)),
                }
            }
            SecretSource::AccessToken => self.token(),
            SecretSource::Generate(_) | SecretSource::Value(_) => return None,
        })
    }

    fn token(&self) -> Result<SecretString, String> {
        match self.pat.claims.expires {
            None => Ok(self.pat.token.clone()),
            Some(_) => Err(
                "the access token of this run ends, and whoever was given it would stop working: \
                 make a personal access token in the console and hand it in with `--token-file` \
                 or OSC_ACCESS_TOKEN"
                    .to_owned(),
            ),
        }
    }
}

/// A variable of the environment; an empty one is as good as unset.
fn variable(name: &str) -> Result<SecretString, String> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value
        .map(SecretString::from)
        .ok_or_else(|| format!("the environment variable {name} is not set: set it for this run"))
}

/// What was read as a secret: text, without the line end that editors and programs add.
fn secret(bytes: &[u8], whose: &str) -> Result<SecretString, String> {
    if bytes.len() > LARGEST {
        return Err(format!("{whose} is larger than {} KiB", LARGEST / 1024));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(format!("{whose} is not UTF-8"));
    };
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(format!("{whose} is empty"));
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use secrecy::ExposeSecret;

    use super::*;
    use crate::auth::Source;
    use crate::osc::Claims;

    #[test]
    fn a_token_that_ends_is_no_secret_to_hand_on() {
        let token = |expires| {
            let pat = Pat {
                token: "hunter2".into(),
                source: Source::Environment,
                claims: Claims {
                    workspace: "acme".into(),
                    user: None,
                    expires,
                    service_limits: None,
                },
                renewable: true,
            };
            let places = Places {
                folders: &HashMap::new(),
                allowed: &Allowed {
                    folders: Vec::new(),
                    commands: false,
                },
                pat: &pat,
            };
            places.token().map(|it| it.expose_secret().to_owned())
        };
        assert_eq!(token(None).unwrap(), "hunter2");
        let why = token(Some(SystemTime::now())).unwrap_err();
        assert!(
            why.contains("personal access token in the console"),
            "{why}"
        );
    }

    #[test]
    fn one_line_end_is_taken_off_and_no_more() {
        let read = |bytes: &[u8]| secret(bytes, "it").map(|it| it.expose_secret().to_owned());
        assert_eq!(read(b"pw\n").unwrap(), "pw");
        assert_eq!(read(b"pw\r\n").unwrap(), "pw");
        assert_eq!(read(b" pw \n\n").unwrap(), " pw \n");
        assert_eq!(read(b"pw").unwrap(), "pw");
        assert_eq!(read(b"\n").unwrap_err(), "it is empty");
        assert_eq!(read(b"hunter2\xff").unwrap_err(), "it is not UTF-8");
        assert_eq!(read(&[b'x'; LARGEST]).unwrap().len(), LARGEST);
        assert_eq!(
            read(&[b'x'; LARGEST + 1]).unwrap_err(),
            "it is larger than 64 KiB"
        );
    }
}
