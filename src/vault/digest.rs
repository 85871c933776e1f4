use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

/// So that no other use of the key can give the same digest.
const PURPOSE: &str = "osc-apply values 1";
/// A block of SHA-256, which a shorter key of an HMAC is filled up to with zeros.
const BLOCK: usize = 64;
/// How many bytes of the digest are told.
const TOLD: usize = 16;

/// The key of a stack's digests; wiped when dropped.
///
/// A digest tells whether secret values are still the same. Without the key nobody can try
/// likely values against it.
#[derive(Clone)]
pub struct DigestKey(Zeroizing<[u8; 32]>);

impl DigestKey {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn of_base64(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return None;
        }
        key.copy_from_slice(&bytes);
        Some(Self(key))
    }

    pub(super) fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(*self.0))
    }

    /// 32 lower-case hexadecimal digits that change with any name and any value.
    pub fn digest(&self, values: &BTreeMap<String, SecretString>) -> String {
        let mut block = Zeroizing::new([0; BLOCK]);
        block[..self.0.len()].copy_from_slice(&*self.0);
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        add(&mut mac, PURPOSE);
        for (name, value) in values {
            add(&mut mac, name);
            add(&mut mac, value.expose_secret());
        }
        let bytes = mac.finalize().into_bytes();
        let told = bytes.iter().take(TOLD);
        told.map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Adds a text so that where it ends is part of what is digested.
fn add(mac: &mut Hmac<Sha256>, text: &str) {
    mac.update(&(text.len() as u64).to_be_bytes());
    mac.update(text.as_bytes());
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Values = BTreeMap<String, String>;

    fn digest(key: u8, values: &Values) -> String {
        let values = values
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        DigestKey::new([key; 32]).digest(&values)
    }

    fn values(pairs: &[(&str, &str)]) -> Values {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_digest_stays_what_it_is_in_the_tags_of_instances() {
        let values = values(&[("RootPassword", "canary"), ("Token", "")]);
        assert_eq!(digest(7, &values), "a73f6ee53097a56d068c2d5e97066e7e");
    }

    #[test]
    fn what_belongs_to_a_name_and_what_to_a_value_makes_a_difference() {
        let all = [
            values(&[]),
            values(&[("", "")]),
            values(&[("ab", "c")]),
            values(&[("a", "bc")]),
            values(&[("a", "b"), ("c", "")]),
            values(&[("a", ""), ("b", "c")]),
        ];
        for (at, one) in all.iter().enumerate() {
            for other in &all[at + 1..] {
                assert_ne!(digest(1, one), digest(1, other), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn the_key_is_not_shown() {
        assert_eq!(format!("{:?}", DigestKey::new([1; 32])), "DigestKey");
    }

    proptest! {
        #[test]
        fn every_change_of_a_name_a_value_or_the_key_shows(
            one in proptest::collection::btree_map(".{0,4}", ".{0,4}", 0..4),
            other in proptest::collection::btree_map(".{0,4}", ".{0,4}", 0..4),
        ) {
            prop_assert_eq!(digest(1, &one) == digest(1, &other), one == other);
            prop_assert_ne!(digest(1, &one), digest(2, &one));
        }

        #[test]
        fn a_digest_is_32_lower_case_hexadecimal_digits(
            values in proptest::collection::btree_map(".{0,4}", ".{0,40}", 0..4),
        ) {
            let digest = digest(1, &values);
            prop_assert_eq!(digest.len(), 32);
            prop_assert!(digest.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')));
        }
    }
}
