use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// What a personal access token says about itself.
///
/// Read from the token without asking anyone: the platform has no other way to tell the
/// workspace (API notes 2.5). Its signature is not checked, which only the platform can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The one workspace that the token is for (`tenantId`).
    pub workspace: String,
    /// The user who made it.
    pub user: Option<String>,
    /// When it ends; a token made in the console does not.
    pub expires: Option<SystemTime>,
    /// How many services it allows, where it says so (`serviceLimits`).
    pub service_limits: Option<u64>,
}

/// A token that cannot be one of the platform's; its text is never part of the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// It is not three base64 parts with JSON in the second.
    #[error("it is not a token of the platform (three parts joined by dots)")]
    NotAToken,
    /// It names no workspace, or none that could be part of a host name.
    #[error("it names no workspace; a personal access token does")]
    NoWorkspace,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    tenant_id: Option<String>,
    user_id: Option<serde_json::Value>,
    exp: Option<f64>,
    service_limits: Option<serde_json::Value>,
}

impl Claims {
    /// Decodes the payload of a JWT.
    ///
    /// # Errors
    /// When the text is no JWT, or its `tenantId` is not a word that can stand in a host name.
    pub fn of(pat: &SecretString) -> Result<Self, ClaimsError> {
        let payload = payload_of(pat.expose_secret()).ok_or(ClaimsError::NotAToken)?;
        Ok(Self {
            workspace: payload
                .tenant_id
                .filter(|id| is_host_word(id))
                .ok_or(ClaimsError::NoWorkspace)?,
            user: payload.user_id.and_then(as_text),
            expires: payload.exp.and_then(as_time),
            service_limits: payload.service_limits.and_then(|limit| limit.as_u64()),
        })
    }
}

fn payload_of(token: &str) -> Option<Payload> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else {
        return None;
    };
    // Also keeps line ends and the like out of the header that carries the token.
    let encoded = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'='))
    };
    if ![header, payload, signature]
        .into_iter()
        .all(|part| encoded(part))
    {
        return None;
    }
    let json = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&json).ok()
}

fn is_host_word(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn as_text(value: serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn as_time(seconds: f64) -> Option<SystemTime> {
    if seconds < 0.0 {
        // Long ago, and certainly not never.
        return Some(SystemTime::UNIX_EPOCH);
    }
    let since = Duration::try_from_secs_f64(seconds).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}

#[cfg(test)]
mod tests {
    use super::super::testing::token;
    use super::*;

    #[test]
    fn the_workspace_user_and_end_are_read_from_the_token() {
        let pat = token(r#"{"tenantId":"acme","userId":"u1","exp":1800000000}"#);
        let claims = Claims::of(&pat).unwrap();
        assert_eq!(claims.workspace, "acme");
        assert_eq!(claims.user.as_deref(), Some("u1"));
        assert_eq!(
            claims.expires,
            Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000))
        );
    }

    #[test]
    fn a_token_of_the_console_has_no_end() {
        let claims = Claims::of(&token(r#"{"tenantId":"acme"}"#)).unwrap();
        assert_eq!((claims.user, claims.expires), (None, None));
    }

    #[test]
    fn a_limit_on_services_is_a_number_or_none() {
        for (payload, limit) in [
            (r#"{"tenantId":"acme","serviceLimits":5}"#, Some(5)),
            (r#"{"tenantId":"acme","serviceLimits":null}"#, None),
            (r#"{"tenantId":"acme","serviceLimits":{"a":1}}"#, None),
            (r#"{"tenantId":"acme"}"#, None),
        ] {
            let claims = Claims::of(&token(payload)).unwrap();
            assert_eq!(claims.service_limits, limit, "{payload}");
        }
    }

    #[test]
    fn what_is_no_token_is_told_apart_and_never_shown() {
        for wrong in ["", "hunter2", "a.b", "a.b.c", "a.e30.c\nd", "a.e30.c.d"] {
            let error = Claims::of(&SecretString::from(wrong)).unwrap_err();
            assert_eq!(error, ClaimsError::NotAToken, "{wrong}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn a_workspace_must_be_a_word_that_can_stand_in_a_host_name() {
        for payload in [
            "{}",
            r#"{"tenantId":""}"#,
            r#"{"tenantId":"a/../b"}"#,
            r#"{"tenantId":"a.b"}"#,
            r#"{"tenantId":"-a"}"#,
        ] {
            let error = Claims::of(&token(payload)).unwrap_err();
            assert_eq!(error, ClaimsError::NoWorkspace, "{payload}");
        }
    }
}
