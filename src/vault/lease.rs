use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::VaultError;
use super::stored::{self, VERSION};
use crate::model::{excerpt, printable};

/// The key among the tenant secrets under which it stands who is changing a stack.
pub fn lease_key(stack: &str) -> String {
    format!("user.oscapply.{stack}.lease")
}

/// Who is changing a stack, and until when nobody else may.
///
/// Holds no secret, although it is kept among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The run, under a name that no other has.
    pub run: String,
    /// Who runs it and where, for people.
    pub who: String,
    /// Its end by the clock of whoever wrote it; kept to the millisecond.
    pub until: SystemTime,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u64,
    run: String,
    who: String,
    /// In milliseconds since 1970.
    until: u64,
}

impl Lease {
    /// The lease that a text is; its words are made fit to be shown.
    ///
    /// # Errors
    /// Where it is none, or one of a later version.
    pub fn parse(text: &SecretString) -> Result<Self, VaultError> {
        let document: Document = stored::read(text)?;
        let until = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(document.until));
        Ok(Self {
            run: shown(&document.run),
            who: shown(&document.who),
            until: until.ok_or(VaultError::Wrong("its end is no time"))?,
        })
    }

    /// The text to keep.
    pub fn to_secret(&self) -> SecretString {
        let since = self.until.duration_since(SystemTime::UNIX_EPOCH);
        stored::written(&Document {
            version: VERSION,
            run: self.run.clone(),
            who: self.who.clone(),
            until: u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX),
        })
    }
}

fn shown(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    excerpt(&printable(&line)).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    const TEXT: &str = r#"{"version":1,"run":"4f2a","who":"eva@studio","until":1800000300000}"#;

    fn lease() -> Lease {
        Lease {
            run: "4f2a".into(),
            who: "eva@studio".into(),
            until: SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_300),
        }
    }

    #[test]
    fn a_lease_is_kept_under_a_key_of_its_own() {
        assert_eq!(lease_key("vod"), "user.oscapply.vod.lease");
        assert_eq!(lease().to_secret().expose_secret(), TEXT);
        assert_eq!(Lease::parse(&TEXT.into()), Ok(lease()));
    }

    #[test]
    fn what_is_no_lease_is_refused() {
        for wrong in [
            "",
            "canary",
            r#"{"version":1}"#,
            &TEXT.replace("180", "-180"),
            &TEXT.replace("1800000300000", "\"canary\""),
            &TEXT.replace("}", ",\"canary\":1}"),
        ] {
            let error = Lease::parse(&wrong.into()).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
        let newer = TEXT.replace("\"version\":1", "\"version\":3");
        assert_eq!(
            Lease::parse(&newer.as_str().into()),
            Err(VaultError::Newer { version: 3 })
        );
    }

    #[test]
    fn the_words_of_another_cannot_steer_a_terminal() {
        let long = "x".repeat(200);
        for who in ["\\u001b[2J", "a\\nb", &*long] {
            let text = TEXT.replace("eva@studio", who);
            let who = Lease::parse(&text.as_str().into()).unwrap().who;
            assert!(!who.contains(char::is_control), "{who:?}");
            assert!(who.chars().count() <= 65);
        }
    }

    proptest! {
        #[test]
        fn a_lease_comes_back_as_it_was(
            run in "[a-f0-9]{1,32}",
            who in "[a-z@.-]{0,40}",
            until in 0u64..1 << 50,
        ) {
            let until = SystemTime::UNIX_EPOCH + Duration::from_millis(until);
            let lease = Lease { run, who, until };
            prop_assert_eq!(Lease::parse(&lease.to_secret()), Ok(lease));
        }
    }
}
