use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};

use super::AuthError;
use super::sign_in::{SignIn, Site};
use super::store::{Place, Store};
use crate::osc::Claims;

const LARGEST_FILE: u64 = 64 * 1024;

/// An access token, checked as far as that is possible without the platform.
#[derive(Debug, Clone)]
pub struct Pat {
    /// The token, without space around it.
    pub token: SecretString,
    /// Where it was found.
    pub source: Source,
    /// What it says about itself; of a sign-in, with the end by this machine's clock.
    pub claims: Claims,
    /// Whether it can be replaced when it ends.
    pub renewable: bool,
}

/// A place that holds a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The file that `--token-file` names.
    Given(PathBuf),
    /// `OSC_ACCESS_TOKEN`.
    Environment,
    /// A sign-in of `osc-apply login`.
    SignIn(Place),
    /// A file of the official command line tool (API notes 2.6).
    File(PathBuf),
    /// The sandbox, which gives one to whoever asks.
    Sandbox,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(path) | Self::File(path) => path.display().fmt(f),
            Self::Environment => f.write_str("OSC_ACCESS_TOKEN"),
            Self::Sandbox => f.write_str("the sandbox"),
            Self::SignIn(place) => write!(f, "the sign-in in {place}"),
        }
    }
}

/// The places that may hold a token, in the order in which they count.
#[derive(Debug, Default)]
pub struct Places<'a> {
    /// A file that was named for this run.
    pub given: Option<&'a Path>,
    /// `OSC_ACCESS_TOKEN`; an empty one counts as unset.
    pub environment: Option<SecretString>,
    /// The sign-ins of this user.
    pub store: Option<&'a Store>,
    /// `~/.osc`, where the official tool keeps its token: `token` for the environment `prod`,
    /// `token-{environment}` for others (API notes 2.6). Its tokens are the platform's own: none
    /// where hosts are replaced.
    pub osc_folder: Option<&'a Path>,
}

/// Finds the token to use at `now`: that of the first place which has one.
///
/// Of several sign-ins at the site, that to `workspace` counts, or else the latest.
///
/// # Errors
/// When no place has one, or the first that has does not hold a token that is still valid or can
/// be renewed.
pub fn locate(
    places: Places<'_>,
    site: &Site,
    workspace: Option<&str>,
    now: SystemTime,
) -> Result<Pat, AuthError> {
    if let Some(path) = places.given {
        return checked(read_given(path)?, Source::Given(path.to_owned()), now);
    }
    let environment = places
        .environment
        .map(|token| trimmed(token.expose_secret()));
    if let Some(token) = environment.filter(|token| !token.expose_secret().is_empty()) {
        return checked(token, Source::Environment, now);
    }
    let known = match places.store {
        Some(store) => store.workspaces(site)?,
        None => Vec::new(),
    };
    let chosen = workspace.or(known.last().map(String::as_str));
    if let (Some(store), Some(workspace)) = (places.store, chosen)
        && let Some((sign_in, place)) = store.read(site, workspace)?
    {
        return of_sign_in(sign_in, Source::SignIn(place), now);
    }
    let other = |missing| match workspace {
        Some(wanted) if !known.is_empty() => AuthError::OtherWorkspaces {
            wanted: wanted.to_owned(),
            known: known.clone(),
        },
        _ => missing,
    };
    let Some(folder) = places.osc_folder else {
        return Err(other(AuthError::NotSet));
    };
    let file = folder.join(file_name(site.environment()));
    match read(&file) {
        Ok(token) => checked(token, Source::File(file), now),
        Err(missing @ AuthError::NotFound { .. }) => Err(other(missing)),
        Err(error) => Err(error),
    }
}

fn of_sign_in(sign_in: SignIn, source: Source, now: SystemTime) -> Result<Pat, AuthError> {
    let mut claims = sign_in.claims;
    claims.expires = sign_in.expires.or(claims.expires);
    let renewable = sign_in.refresh.is_some();
    if !renewable {
        check_end(claims.expires, &source, now)?;
    }
    Ok(Pat {
        token: sign_in.access,
        source,
        claims,
        renewable,
    })
}

fn file_name(environment: &str) -> String {
    match environment {
        "prod" => "token".to_owned(),
        other => format!("token-{other}"),
    }
}

/// A file that was named; that it is missing says nothing about other places.
fn read_given(path: &Path) -> Result<SecretString, AuthError> {
    read(path).map_err(|error| match error {
        AuthError::NotFound { file } => AuthError::Unreadable {
            file,
            why: ErrorKind::NotFound.into(),
        },
        other => other,
    })
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
    check_end(claims.expires, &source, now)?;
    Ok(Pat {
        token,
        source,
        claims,
        renewable: false,
    })
}

fn check_end(end: Option<SystemTime>, source: &Source, now: SystemTime) -> Result<(), AuthError> {
    match end.map(|end| now.duration_since(end)) {
        Some(Ok(since)) => Err(AuthError::Expired {
            source_of_it: source.clone(),
            since,
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::osc::{ClaimsError, HostOverrides, Hosts};

    const END: u64 = 1_800_000_000;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn jwt(workspace: &str) -> String {
        let payload = format!(r#"{{"tenantId":"{workspace}","exp":{END}}}"#);
        format!("e30.{}.canarypat", URL_SAFE_NO_PAD.encode(payload))
    }

    fn find(
        environment: Option<SecretString>,
        osc_folder: Option<&Path>,
        name: &str,
        now: SystemTime,
    ) -> Result<Pat, AuthError> {
        let hosts = Hosts::new(name, &HostOverrides::default()).unwrap();
        let places = Places {
            environment,
            osc_folder,
            ..Places::default()
        };
        locate(places, &Site::of(&hosts), None, now)
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
        let pat = find(set, Some(folder.path()), "prod", at(0)).unwrap();
        assert_eq!(pat.source, Source::Environment);
        assert_eq!(pat.claims.workspace, "acme");
        assert_eq!(pat.token.expose_secret(), jwt("acme"));
        assert!(!format!("{pat:?}").contains("canarypat"));
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let folder = folder_with("token", &format!("{}\n", jwt("filed")));
        let pat = find(Some("  ".into()), Some(folder.path()), "prod", at(0)).unwrap();
        assert_eq!(pat.source, Source::File(folder.path().join("token")));
        assert_eq!(pat.claims.workspace, "filed");
    }

    #[test]
    fn every_environment_but_prod_has_a_file_of_its_own() {
        let folder = folder_with("token-stage", &jwt("staged"));
        let pat = find(None, Some(folder.path()), "stage", at(0)).unwrap();
        assert_eq!(pat.claims.workspace, "staged");
        let error = find(None, Some(folder.path()), "prod", at(0)).unwrap_err();
        assert!(matches!(error, AuthError::NotFound { .. }));
    }

    #[test]
    fn without_a_token_both_places_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token-dev");
        let error = find(None, Some(folder.path()), "dev", at(0)).unwrap_err();
        let words = error.to_string();
        assert!(words.contains("OSC_ACCESS_TOKEN"), "{words}");
        assert!(words.contains(&file.display().to_string()), "{words}");
    }

    #[test]
    fn an_expired_token_says_since_when() {
        let folder = tempfile::tempdir().unwrap();
        let set = || Some(jwt("acme").into());
        let error = find(set(), Some(folder.path()), "prod", at(END + 7200)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the token from OSC_ACCESS_TOKEN expired 2 hours ago"
        );
        assert!(find(set(), Some(folder.path()), "prod", at(END)).is_err());
        assert!(find(set(), Some(folder.path()), "prod", at(END - 1)).is_ok());
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_shown() {
        let folder = folder_with("token", "hunter2");
        let error = find(None, Some(folder.path()), "prod", at(0)).unwrap_err();
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
        let error = find(None, Some(folder.path()), "prod", at(0)).unwrap_err();
        assert!(matches!(error, AuthError::TooLarge { .. }));
        std::fs::create_dir(folder.path().join("token-dev")).unwrap();
        let error = find(None, Some(folder.path()), "dev", at(0)).unwrap_err();
        assert!(matches!(error, AuthError::Unreadable { .. }));
    }
}
