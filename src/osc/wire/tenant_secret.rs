use secrecy::SecretString;
use serde_json::Value;

use super::{Malformed, malformed, text};

/// `GET /mytenantsecrets/{key}`: an object with `key` and `value` (API notes 8.2).
pub(in crate::osc) fn tenant_secret(answer: &Value, key: &str) -> Result<SecretString, Malformed> {
    let other = answer.get("key").is_some_and(|own| own != key);
    match text(answer, "value") {
        Some(_) if other => malformed("it is a secret of another key"),
        Some(value) => Ok(value.into()),
        None => malformed("it has no text `value`"),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_a_text_also_an_empty_one() {
        for (answer, value) in [
            (json!({"key": "user.a", "value": "canary"}), "canary"),
            (json!({"value": ""}), ""),
        ] {
            let secret = tenant_secret(&answer, "user.a").unwrap();
            assert_eq!(secret.expose_secret(), value);
        }
    }

    #[test]
    fn another_shape_is_an_error_that_quotes_nothing() {
        for wrong in [
            json!(null),
            json!("canary"),
            json!([{"key": "user.a", "value": "canary"}]),
            json!({"key": "user.a"}),
            json!({"key": "user.a", "value": {"canary": 1}}),
            json!({"key": "user.canary", "value": "canary"}),
            json!({"key": 1, "value": "canary"}),
        ] {
            let Malformed(why) = tenant_secret(&wrong, "user.a").unwrap_err();
            assert!(!why.contains("canary"), "{why}");
        }
    }
}
