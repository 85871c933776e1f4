use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::stored::{self, VERSION};
use super::{DigestKey, VaultError};

/// The key among the tenant secrets under which a stack's vault is kept.
pub fn vault_key(stack: &str) -> String {
    format!("user.oscapply.{stack}")
}

/// What a stack has to know that the workspace does not show: one document, which takes one
/// request to read however much is in it.
///
/// Wiped when dropped, as are all copies that are made on the way to its text and back; `Debug`
/// shows nothing of it.
#[derive(Clone)]
pub struct Vault {
    key: DigestKey,
    values: BTreeMap<String, SecretString>,
    secrets: BTreeSet<ServiceSecret>,
    intents: BTreeSet<Intent>,
}

/// A service secret that was made for the stack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceSecret {
    /// The service it belongs to.
    pub service: String,
    /// What it is called there; never its value.
    pub name: String,
}

/// An instance that was about to be made, for whoever finds it and does not know whose it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// Its service.
    pub service: String,
    /// Its name.
    pub name: String,
    /// A digest of the options it was to have.
    pub digest: String,
    /// The keyed digest of the secret values it was given, where it was and no tag can say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<String>,
}

/// The text that is kept. Its strings are copies of secrets that live as long as one of these.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u64,
    key: Zeroizing<String>,
    values: BTreeMap<String, Zeroizing<String>>,
    secrets: BTreeSet<ServiceSecret>,
    intents: BTreeSet<Intent>,
}

impl Vault {
    /// One with nothing in it but a key, which has to come from a source of true randomness.
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            key: DigestKey::new(key),
            values: BTreeMap::new(),
            secrets: BTreeSet::new(),
            intents: BTreeSet::new(),
        }
    }

    /// The vault that a text is.
    ///
    /// # Errors
    /// Where it is none, or one of a later version: never taken for an empty one, over which
    /// whatever it holds would be lost.
    pub fn parse(text: &SecretString) -> Result<Self, VaultError> {
        let document: Document = stored::read(text)?;
        let key = DigestKey::of_base64(&document.key)
            .ok_or(VaultError::Wrong("its key is not 32 bytes in base64"))?;
        let values = document.values.into_iter();
        Ok(Self {
            key,
            values: values
                .map(|(name, mut value)| (name, std::mem::take(&mut *value).into()))
                .collect(),
            secrets: document.secrets,
            intents: document.intents,
        })
    }

    /// The text to keep; the same for the same content.
    pub fn to_secret(&self) -> SecretString {
        let copy = |value: &SecretString| Zeroizing::new(value.expose_secret().to_owned());
        let values = self.values.iter();
        stored::written(&Document {
            version: VERSION,
            key: self.key.to_base64(),
            values: values
                .map(|(name, value)| (name.clone(), copy(value)))
                .collect(),
            secrets: self.secrets.clone(),
            intents: self.intents.clone(),
        })
    }

    /// Everything in it that is secret, as it stands in its text.
    pub fn confidential(&self) -> Vec<SecretString> {
        let key = self.key.to_base64().as_str().into();
        self.values.values().cloned().chain([key]).collect()
    }

    /// The key of the stack's digests.
    pub fn key(&self) -> &DigestKey {
        &self.key
    }

    /// The value that was generated for a secret of the manifest.
    pub fn value(&self, name: &str) -> Option<&SecretString> {
        self.values.get(name)
    }

    /// The secrets of the manifest that values were generated for.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Keeps a value in place of any before.
    pub fn set_value(&mut self, name: &str, value: SecretString) {
        self.values.insert(name.to_owned(), value);
    }

    /// Keeps a value no longer.
    pub fn forget_value(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// The service secrets that were made for the stack.
    pub fn secrets(&self) -> &BTreeSet<ServiceSecret> {
        &self.secrets
    }

    /// Notes one that is about to be made.
    pub fn add_secret(&mut self, secret: ServiceSecret) {
        self.secrets.insert(secret);
    }

    /// Forgets one that is gone.
    pub fn forget_secret(&mut self, secret: &ServiceSecret) {
        self.secrets.remove(secret);
    }

    /// The instances that were about to be made, at most one of a service and name.
    pub fn intents(&self) -> &BTreeSet<Intent> {
        &self.intents
    }

    /// The one of a service and name.
    pub fn intent(&self, service: &str, name: &str) -> Option<&Intent> {
        let mut all = self.intents.iter();
        all.find(|intent| (&*intent.service, &*intent.name) == (service, name))
    }

    /// Notes one in place of any before it of the same service and name.
    pub fn add_intent(&mut self, intent: Intent) {
        self.forget_intent(&intent.service, &intent.name);
        self.intents.insert(intent);
    }

    /// Forgets the one of a service and name.
    pub fn forget_intent(&mut self, service: &str, name: &str) {
        self.intents
            .retain(|intent| (&*intent.service, &*intent.name) != (service, name));
    }
}

impl PartialEq for Vault {
    /// Takes the same time wherever two of the same length differ.
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (self.to_secret(), other.to_secret());
        let (one, other) = (one.expose_secret(), other.expose_secret());
        one.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EMPTY: &str = r#"{"version":1,"key":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=","values":{},"secrets":[],"intents":[]}"#;

    fn pair(service: &str, name: &str) -> ServiceSecret {
        ServiceSecret {
            service: service.into(),
            name: name.into(),
        }
    }

    fn intent(name: &str, digest: &str) -> Intent {
        Intent {
            service: "minio-minio".into(),
            name: name.into(),
            digest: digest.into(),
            secrets: None,
        }
    }

    fn parsed(text: &str) -> Result<Vault, VaultError> {
        Vault::parse(&text.into())
    }

    #[test]
    fn the_document_is_as_other_versions_will_expect_it() {
        let mut vault = Vault::new([7; 32]);
        assert_eq!(vault.to_secret().expose_secret(), EMPTY);
        vault.set_value("minio_password", "canary".into());
        vault.add_secret(pair("minio-minio", "myvodrootpassword00"));
        vault.add_intent(intent("myvod", "00ff"));
        assert_eq!(
            vault.to_secret().expose_secret(),
            EMPTY
                .replace("{}", r#"{"minio_password":"canary"}"#)
                .replace(
                    r#""secrets":[]"#,
                    r#""secrets":[{"service":"minio-minio","name":"myvodrootpassword00"}]"#
                )
                .replace(
                    r#""intents":[]"#,
                    r#""intents":[{"service":"minio-minio","name":"myvod","digest":"00ff"}]"#
                )
        );
    }

    #[test]
    fn a_later_version_is_refused_whatever_its_shape() {
        for text in [
            EMPTY.replace("\"version\":1", "\"version\":2"),
            r#"{"version":2,"boxes":["canary"]}"#.to_owned(),
        ] {
            let newer = VaultError::Newer { version: 2 };
            assert_eq!(parsed(&text).unwrap_err(), newer);
        }
    }

    #[test]
    fn what_is_no_vault_is_refused_without_being_quoted() {
        let key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
        for wrong in [
            String::new(),
            "canary".into(),
            "null".into(),
            "{}".into(),
            "[]".into(),
            format!("{EMPTY}canary"),
            EMPTY[..EMPTY.len() - 1].into(),
            EMPTY.replace("\"version\":1,", ""),
            EMPTY.replace("\"version\":1", "\"version\":0"),
            EMPTY.replace("\"version\":1", "\"version\":-1"),
            EMPTY.replace("\"version\":1", "\"version\":\"canary\""),
            EMPTY.replace(key, "canary"),
            EMPTY.replace(key, "Y2FuYXJ5"),
            EMPTY.replace("{}", "[\"canary\"]"),
            EMPTY.replace("{}", r#"{"canary":7}"#),
            EMPTY.replace("{}", r#"{"a":{"canary":"canary"}}"#),
            EMPTY.replace("\"values\":{},", ""),
            EMPTY.replace("\"values\":{}", "\"values\":{},\"canary\":1"),
            EMPTY.replace("\"secrets\":[]", "\"secrets\":[\"canary\"]"),
            EMPTY.replace("\"intents\":[]", "\"intents\":{\"canary\":1}"),
        ] {
            let error = parsed(&wrong).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("canary"), "{wrong}: {shown}");
            assert!(!shown.contains("Y2F"), "{wrong}: {shown}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let mut vault = Vault::new([7; 32]);
        vault.set_value("a", "canary".into());
        assert_eq!(format!("{vault:?}"), "Vault");
    }

    #[test]
    fn an_instance_is_intended_once() {
        let mut vault = Vault::new([7; 32]);
        vault.add_intent(intent("a", "1"));
        vault.add_intent(intent("b", "1"));
        vault.add_intent(intent("a", "2"));
        let left: Vec<_> = vault.intents().iter().cloned().collect();
        assert_eq!(left, [intent("a", "2"), intent("b", "1")]);
        vault.forget_intent("minio-minio", "a");
        vault.forget_intent("encore", "b");
        assert_eq!(vault.intents().len(), 1);
    }

    #[test]
    fn every_part_makes_a_difference() {
        let mut vault = Vault::new([7; 32]);
        vault.set_value("a", "1".into());
        let changes: [fn(&mut Vault); 7] = [
            |vault| vault.set_value("a", "2".into()),
            |vault| vault.set_value("b", "1".into()),
            |vault| vault.forget_value("a"),
            |vault| vault.add_secret(pair("a", "b")),
            |vault| vault.add_intent(intent("a", "1")),
            |vault| {
                vault.add_intent(Intent {
                    secrets: Some("1".into()),
                    ..intent("a", "1")
                });
            },
            |vault| vault.key = DigestKey::new([8; 32]),
        ];
        assert!(vault == vault.clone());
        for change in changes {
            let mut other = vault.clone();
            change(&mut other);
            assert!(other != vault);
        }
    }

    proptest! {
        #[test]
        fn a_vault_comes_back_as_it_was(
            key in any::<[u8; 32]>(),
            values in proptest::collection::btree_map(".{0,8}", ".{0,40}", 0..4),
            secrets in proptest::collection::vec((".{0,8}", ".{0,8}"), 0..4),
        ) {
            let mut vault = Vault::new(key);
            for (name, value) in &values {
                vault.set_value(name, value.as_str().into());
            }
            for (service, name) in &secrets {
                vault.add_secret(pair(service, name));
                vault.add_intent(Intent {
                    service: service.clone(),
                    name: name.clone(),
                    digest: name.clone(),
                    secrets: service.is_empty().then(|| name.clone()),
                });
            }
            let back = Vault::parse(&vault.to_secret()).unwrap();
            prop_assert!(back == vault);
            for (name, value) in &values {
                prop_assert_eq!(back.value(name).map(ExposeSecret::expose_secret), Some(&**value));
            }
            prop_assert_eq!(back.secrets(), vault.secrets());
            prop_assert_eq!(back.intents(), vault.intents());
        }

        #[test]
        fn no_text_is_more_than_an_error(text in ".{0,80}") {
            prop_assert!(parsed(&text).is_err());
        }
    }
}
