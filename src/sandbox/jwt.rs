//! JSON web tokens signed with HMAC-SHA256, as OSC's are (API notes 2.5).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

/// The key a world signs its tokens with; base64 in JSON, hidden from debug output.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct SigningKey([u8; 32]);

impl SigningKey {
    /// A key of these bytes.
    pub(crate) fn new(bytes: [u8; 32]) -> SigningKey {
        SigningKey(bytes)
    }

    /// A signed token with these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "HS256", "typ": "JWT" });
        let text = format!("{}.{}", encode(&header), encode(claims));
        let signature = self.mac(&text).finalize().into_bytes();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The claims of a token, if this key signed it; compared in constant time.
    ///
    /// Other algorithms, `none` above all, are refused.
    pub(crate) fn verify(&self, token: &str) -> Option<Value> {
        let (text, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(text).verify_slice(&signature).ok()?;
        let (header, claims) = text.split_once('.')?;
        (decode(header)?.get("alg")? == "HS256").then_some(())?;
        decode(claims)
    }

    /// Bytes that follow from the key and a label, for ids that must not change from run to run.
    pub(crate) fn derive(&self, label: &str) -> [u8; 32] {
        self.mac(label).finalize().into_bytes().into()
    }

    /// The same as 64 hexadecimal digits.
    pub(crate) fn derive_hex(&self, label: &str) -> String {
        let bytes = self.derive(label);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether two texts are the same, compared in constant time.
    pub(crate) fn equal(&self, one: &str, other: &str) -> bool {
        let one = self.mac(one).finalize().into_bytes();
        self.mac(other).verify_slice(&one).is_ok()
    }

    fn mac(&self, text: &str) -> Hmac<Sha256> {
        // A key padded with zeros to the block size is the same HMAC key, and needs no check.
        let mut block = Key::<Hmac<Sha256>>::default();
        for (place, byte) in block.iter_mut().zip(self.0) {
            *place = byte;
        }
        let mut mac = Hmac::<Sha256>::new(&block);
        mac.update(text.as_bytes());
        mac
    }
}

impl TryFrom<String> for SigningKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<SigningKey, &'static str> {
        let bytes = STANDARD
            .decode(text)
            .map_err(|_| "the signing key is not base64")?;
        let bytes = bytes
            .try_into()
            .map_err(|_| "the signing key is not 32 bytes")?;
        Ok(SigningKey(bytes))
    }
}

impl From<SigningKey> for String {
    fn from(key: SigningKey) -> String {
        STANDARD.encode(key.0)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn decode(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_verifies_with_its_own_key_only() {
        let key = SigningKey::new([7; 32]);
        let token = key.sign(&json!({ "tenantId": "acme" }));
        assert_eq!(key.verify(&token), Some(json!({ "tenantId": "acme" })));
        assert_eq!(SigningKey::new([8; 32]).verify(&token), None);
    }

    #[test]
    fn a_token_changed_anywhere_is_refused() {
        let key = SigningKey::new([7; 32]);
        let token = key.sign(&json!({ "tenantId": "acme" }));
        let unsigned = format!(
            "{}.{}.",
            encode(&json!({"alg": "none"})),
            encode(&json!({}))
        );
        for wrong in [
            "",
            ".",
            "..",
            "a.b.c",
            &token[1..],
            &token[..token.len() - 2],
            &unsigned,
        ] {
            assert_eq!(key.verify(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_signature_is_plain_hmac_sha256() {
        // RFC 4231, test case 2, has the key "Jefe"; padded it is the same key.
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(b"Jefe");
        let mac = SigningKey::new(bytes).derive("what do ya want for nothing?");
        assert_eq!(mac[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    }
}
