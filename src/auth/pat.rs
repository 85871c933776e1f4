use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};

use super::AuthError;
use crate::osc::Claims;

const LARGEST_FILE: u64 = 64 * 1024;

/// A personal access token, checked as far as that is possible without the platform.
#[derive(Debug, Clone)]
pub struct Pat {
    /// The token, without space around it.
    pub token: SecretString,
    /// Where it was found.
    pub source: Source,
    /// What it says about itself.
    pub claims: Claims,
}

/// A place that holds a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `OSC_ACCESS_TOKEN`.
    Environment,
    /// A file of the official command line tool (API notes 2.6).
    File(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("OSC_ACCESS_TOKEN"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// Finds the token to use at `now`.
///
/// The value of `OSC_ACCESS_TOKEN` comes first, an empty one counting as unset; then the file
/// `token` in `osc_folder` (`~/.osc`) for the environment `prod`, `token-{environment}` for
/// others (API notes 2.6). Without a folder only the variable counts: a stored token must not go
/// to a host that did not issue it. `environment` is one that [`crate::osc::Hosts::new`] accepts.
///
/// # Errors
/// When no place has one, or the first that has does not hold a token that is still valid.
pub fn locate(
    environment_token: Option<SecretString>,
    osc_folder: Option<&Path>,
    environment: &str,
    now: SystemTime,
) -> Result<Pat, AuthError> {
    let from_environment = environment_token
        .map(|token| trimmed(token.expose_secret()))
        .filter(|token| !token.expose_secret().is_empty());
    let (token, source) = match from_environment {
        Some(token) => (token, Source::Environment),
        None => {
            let folder = osc_folder.ok_or(AuthError::NotSet)?;
            let file = folder.join(file_name(environment));
            (read(&file)?, Source::File(file))
        }
    };
    checked(token, source, now)
}

fn file_name(environment: &str) -> String {
    match environment {
        "prod" => "token".to_owned(),
        other => format!("token-{other}"),
    }
}

fn read(path: &Path) -> Result<SecretString, AuthError> {
    let file = || path.to_owned();
    let unreadable = |why: std::io::Error| match why.kind() {
        ErrorKind::NotFound => AuthError::NotFound { file: file() },
        _ => AuthError::Unreadable { file: file(), why },
    };
    let mut text = String::new();
    File::open(path)
        .and_then(|opened| opened.take(LARGEST_FILE + 1).read_to_string(&mut text))
        .map_err(unreadable)?;
    if text.len() as u64 > LARGEST_FILE {
        return Err(AuthError::TooLarge { file: file() });
    }
    Ok(trimmed(&text))
}

fn trimmed(text: &str) -> SecretString {
    text.trim().into()
}

fn checked(token: SecretString, source: Source, now: SystemTime) -> Result<Pat, AuthError> {
    let claims = match Claims::of(&token) {
        Ok(claims) => claims,
        Err(why) => {
            return Err(AuthError::Unusable {
                source_of_it: source,
                why,
            });
        }
    };
    match claims.expires.map(|end| now.duration_since(end)) {
        Some(Ok(since)) => Err(AuthError::Expired {
            source_of_it: source,
            since,
        }),
        _ => Ok(Pat {
            token,
            source,
            claims,
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::osc::ClaimsError;

    const END: u64 = 1_800_000_000;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn jwt(workspace: &str) -> String {
        let payload = format!(r#"{{"tenantId":"{workspace}","exp":{END}}}"#);
        format!("e30.{}.canarypat", URL_SAFE_NO_PAD.encode(payload))
    }

    fn folder_with(name: &str, content: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), content).unwrap();
        folder
    }

    #[test]
    fn the_environment_comes_before_the_file() {
        let folder = folder_with("token", &jwt("filed"));
        let set = Some(format!(" {}\n", jwt("acme")).into());
        let pat = locate(set, Some(folder.path()), "prod", at(0)).unwrap();
        assert_eq!(pat.source, Source::Environment);
        assert_eq!(pat.claims.workspace, "acme");
        assert_eq!(pat.token.expose_secret(), jwt("acme"));
        assert!(!format!("{pat:?}").contains("canarypat"));
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let folder = folder_with("token", &format!("{}\n", jwt("filed")));
        let pat = locate(Some("  ".into()), Some(folder.path()), "prod", at(0)).unwrap();
        assert_eq!(pat.source, Source::File(folder.path().join("token")));
        assert_eq!(pat.claims.workspace, "filed");
    }

    #[test]
    fn every_environment_but_prod_has_a_file_of_its_own() {
        let folder = folder_with("token-stage", &jwt("staged"));
        let pat = locate(None, Some(folder.path()), "stage", at(0)).unwrap();
        assert_eq!(pat.claims.workspace, "staged");
        let error = locate(None, Some(folder.path()), "prod", at(0)).unwrap_err();
        assert!(matches!(error, AuthError::NotFound { .. }));
    }

    #[test]
    fn without_a_token_both_places_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token-dev");
        let error = locate(None, Some(folder.path()), "dev", at(0)).unwrap_err();
        let words = error.to_string();
        assert!(words.contains("OSC_ACCESS_TOKEN"), "{words}");
        assert!(words.contains(&file.display().to_string()), "{words}");
    }

    #[test]
    fn an_expired_token_says_since_when() {
        let folder = tempfile::tempdir().unwrap();
        let set = || Some(jwt("acme").into());
        let error = locate(set(), Some(folder.path()), "prod", at(END + 7200)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the token from OSC_ACCESS_TOKEN expired 2 hours ago"
        );
        assert!(locate(set(), Some(folder.path()), "prod", at(END)).is_err());
        assert!(locate(set(), Some(folder.path()), "prod", at(END - 1)).is_ok());
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_shown() {
        let folder = folder_with("token", "hunter2");
        let error = locate(None, Some(folder.path()), "prod", at(0)).unwrap_err();
        assert!(matches!(
            error,
            AuthError::Unusable {
                why: ClaimsError::NotAToken,
                ..
            }
        ));
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn a_file_that_cannot_hold_a_token_is_refused() {
        let folder = folder_with("token", &"a".repeat(64 * 1024 + 1));
        let error = locate(None, Some(folder.path()), "prod", at(0)).unwrap_err();
        assert!(matches!(error, AuthError::TooLarge { .. }));
        std::fs::create_dir(folder.path().join("token-dev")).unwrap();
        let error = locate(None, Some(folder.path()), "dev", at(0)).unwrap_err();
        assert!(matches!(error, AuthError::Unreadable { .. }));
    }
}
