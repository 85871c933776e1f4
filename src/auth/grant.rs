use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Response;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::client::Client;
use super::pkce::Verifier;
use super::transport::{Field, Refusal, document, post_form};
use crate::osc::{Claims, ClaimsError, Exchange, TransportError};

/// Tokens as they came.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) access: SecretString,
    /// Missing where the client is not given any (API notes 14, row 25), and in the answer to a
    /// refresh where the old one stays good.
    pub(super) refresh: Option<SecretString>,
    /// By our own clock where the answer says how long it lasts, else by the token's word.
    pub(super) expires: Option<SystemTime>,
    pub(super) claims: Claims,
}

/// Why no tokens came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// The server says no.
    #[error("{}", .0.text())]
    Refused(Refusal),
    /// No answer came.
    #[error("{0}")]
    Unanswered(TransportError),
    /// The answer holds no access token.
    #[error("the answer holds no access token")]
    Empty,
    /// What came as an access token is none of the platform's.
    #[error("what came as an access token is none: {0}")]
    Unusable(ClaimsError),
}

/// Asks a token endpoint, once: a code is good once, and so is a refresh token that may have
/// been taken.
pub(super) struct TokenEndpoint<'a> {
    pub(super) url: &'a Url,
    pub(super) client: &'a Client,
    pub(super) exchange: &'a dyn Exchange,
}

impl TokenEndpoint<'_> {
    /// Tokens for a code that came back to `redirect` (API notes 2.3).
    pub(super) async fn redeem(
        &self,
        code: &SecretString,
        verifier: &Verifier,
        redirect: &str,
        now: SystemTime,
    ) -> Result<Grant, GrantError> {
        let fields = vec![
            ("grant_type", Field::Plain("authorization_code")),
            ("code", Field::Secret(code)),
            ("redirect_uri", Field::Plain(redirect)),
            ("code_verifier", Field::Secret(verifier.secret())),
        ];
        self.ask(fields, now).await
    }

    /// Tokens in place of those that a refresh token came with (API notes 2.3).
    pub(super) async fn refresh(
        &self,
        token: &SecretString,
        now: SystemTime,
    ) -> Result<Grant, GrantError> {
        let fields = vec![
            ("grant_type", Field::Plain("refresh_token")),
            ("refresh_token", Field::Secret(token)),
        ];
        self.ask(fields, now).await
    }

    async fn ask(
        &self,
        mut fields: Vec<(&str, Field<'_>)>,
        now: SystemTime,
    ) -> Result<Grant, GrantError> {
        fields.push(("client_id", Field::Plain(&self.client.id)));
        if let Some(secret) = &self.client.secret {
            fields.push(("client_secret", Field::Secret(secret)));
        }
        let answer = post_form(self.exchange, self.url, &fields)
            .await
            .map_err(GrantError::Unanswered)?;
        let secrets: Vec<&str> = fields
            .iter()
            .filter(|(_, field)| matches!(field, Field::Secret(_)))
            .map(|(_, field)| field.text())
            .collect();
        read(&answer, &secrets, now)
    }
}

fn read(answer: &Response<Bytes>, secrets: &[&str], now: SystemTime) -> Result<Grant, GrantError> {
    let document = document(answer, secrets).map_err(GrantError::Refused)?;
    let token = |name: &str| {
        let text = document.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).map(SecretString::from)
    };
    let access = token("access_token").ok_or(GrantError::Empty)?;
    let claims = Claims::of(&access).map_err(GrantError::Unusable)?;
    let lifetime = document.get("expires_in").and_then(Value::as_u64);
    let by_our_clock = lifetime.and_then(|span| now.checked_add(Duration::from_secs(span)));
    Ok(Grant {
        expires: by_our_clock.or(claims.expires),
        refresh: token("refresh_token"),
        access,
        claims,
    })
}

/// Tells the server that a token is no longer wanted (RFC 7009).
///
/// # Errors
/// Where it does not say that it is done.
pub(super) async fn revoke(
    url: &Url,
    client: &Client,
    token: &SecretString,
    exchange: &dyn Exchange,
) -> Result<(), GrantError> {
    let mut fields = vec![
        ("token", Field::Secret(token)),
        ("client_id", Field::Plain(&client.id)),
    ];
    let mut secrets = vec![token.expose_secret()];
    if let Some(secret) = &client.secret {
        fields.push(("client_secret", Field::Secret(secret)));
        secrets.push(secret.expose_secret());
    }
    let answer = post_form(exchange, url, &fields)
        .await
        .map_err(GrantError::Unanswered)?;
    match answer.status().is_success() {
        true => Ok(()),
        false => Err(match document(&answer, &secrets) {
            Err(refusal) => GrantError::Refused(refusal),
            Ok(_) => GrantError::Empty,
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Server, pat, reply};
    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    async fn redeemed(server: &Server, client: &Client) -> Result<Grant, GrantError> {
        let endpoint = TokenEndpoint {
            url: &Url::parse("https://app.osaas.io/api/connect/token").unwrap(),
            client,
            exchange: server,
        };
        let redirect = "http://localhost:1/callback";
        endpoint
            .redeem(&"canarycode".into(), &Verifier::of([7; 32]), redirect, NOW)
            .await
    }

    #[tokio::test]
    async fn a_code_is_redeemed_with_a_form() {
        let access = pat("acme");
        let answer = json!({
            "access_token": access, "refresh_token": "r1", "token_type": "Bearer",
            "expires_in": 3600, "scope": "claudeai",
        });
        let server = Server::answering(move |_| reply(200, &answer));
        let grant = redeemed(&server, &Client::public()).await.unwrap();
        assert_eq!(grant.claims.workspace, "acme");
        assert_eq!(grant.refresh.unwrap().expose_secret(), "r1");
        assert_eq!(grant.expires, Some(NOW + Duration::from_secs(3600)));
        let asked = server.asked();
        assert_eq!(
            asked[0].headers["content-type"],
            "application/x-www-form-urlencoded"
        );
        let verifier = Verifier::of([7; 32]);
        assert_eq!(
            asked[0].body,
            format!(
                "grant_type=authorization_code&code=canarycode&\
                 redirect_uri=http%3A%2F%2Flocalhost%3A1%2Fcallback&code_verifier={}&client_id=cli",
                verifier.secret().expose_secret()
            )
        );
    }

    #[tokio::test]
    async fn a_client_with_a_secret_sends_it_and_never_hears_it_again() {
        let server = Server::answering(|asked| {
            let words = asked.body.clone();
            reply(
                400,
                &json!({"error": "invalid_client", "error_description": words}),
            )
        });
        let client = Client {
            id: "osc_1".into(),
            secret: Some("canarysecret".into()),
        };
        let error = redeemed(&server, &client).await.unwrap_err();
        assert!(
            server.asked()[0]
                .body
                .ends_with("&client_secret=canarysecret")
        );
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("invalid_client"), "{shown}");
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[tokio::test]
    async fn what_is_no_grant_is_none() {
        for (status, body, words) in [
            (200, json!({}), "no access token"),
            (200, json!({"access_token": "x"}), "none"),
            (200, json!([]), "no access token"),
            (500, json!({"reason": "later"}), "later"),
            (502, json!(null), "HTTP 502"),
        ] {
            let server = Server::answering(move |_| reply(status, &body));
            let error = redeemed(&server, &Client::public()).await.unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
