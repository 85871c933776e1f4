use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::AuthError;
use super::client::{Client, redirect};
use super::transport::{document, post_json};
use crate::osc::Exchange;

/// Registers a client of this program whose callback is at `port` (RFC 7591, API notes 2.4).
///
/// # Errors
/// Where the server does not answer, refuses, or gives no client id.
pub(super) async fn register(
    url: &Url,
    port: u16,
    exchange: &dyn Exchange,
) -> Result<Client, AuthError> {
    let request = json!({
        "client_name": "osc-apply",
        "redirect_uris": [redirect(port)],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_post",
    });
    let answer = post_json(exchange, url, &request)
        .await
        .map_err(|error| AuthError::unreachable(url, error))?;
    let client = document(&answer, &[]).map_err(|refusal| AuthError::NotRegistered {
        why: refusal.text(),
    })?;
    let text = |name: &str| {
        let text = client.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    };
    let id = text("client_id").ok_or(AuthError::NotRegistered {
        why: "the answer holds no client id".to_owned(),
    })?;
    Ok(Client {
        id: id.to_owned(),
        secret: text("client_secret").map(SecretString::from),
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::super::testing::{Server, reply};
    use super::*;

    async fn registered(status: u16, answer: Value) -> (Server, Result<Client, AuthError>) {
        let server = Server::answering(move |_| reply(status, &answer));
        let url = Url::parse("https://app.osaas.io/api/connect/register").unwrap();
        let client = register(&url, 7, &server).await;
        (server, client)
    }

    #[tokio::test]
    async fn the_callback_is_registered_with_its_port() {
        let answer = json!({"client_id": "osc_1", "client_secret": "canary"});
        let (server, client) = registered(201, answer).await;
        let client = client.unwrap();
        assert_eq!(client.id, "osc_1");
        assert_eq!(client.secret.as_ref().unwrap().expose_secret(), "canary");
        assert!(!format!("{client:?}").contains("canary"));
        let sent: Value = serde_json::from_str(&server.asked()[0].body).unwrap();
        assert_eq!(
            sent["redirect_uris"],
            json!(["http://localhost:7/callback"])
        );
    }

    #[tokio::test]
    async fn a_refusal_says_why() {
        let answer = json!({"error": "invalid_redirect_uri", "error_description": "no http"});
        let (_, client) = registered(400, answer).await;
        let words = client.unwrap_err().to_string();
        assert!(words.contains("no http (invalid_redirect_uri)"), "{words}");
        let (_, client) = registered(201, json!({})).await;
        assert!(client.unwrap_err().to_string().contains("no client id"));
    }
}
