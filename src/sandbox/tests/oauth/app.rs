//! An app that wants tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::Request;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use super::browser::Browser;
use crate::sandbox::tests::client::{Client, Said};

pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const CALLBACK: &str = "http://localhost:4711/callback";

/// A client of the OAuth server: its id, its secret if it has one, and where it is sent back to.
pub(super) struct App {
    pub(super) id: String,
    pub(super) secret: Option<String>,
    pub(super) redirect: String,
}

/// Access and refresh token.
#[derive(Clone, Debug)]
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: String,
}

impl App {
    /// The command line.
    pub(super) fn cli() -> App {
        App {
            id: "cli".to_owned(),
            secret: None,
            redirect: CALLBACK.to_owned(),
        }
    }

    /// One registered in the console.
    pub(super) fn registered(client: &mut Client) -> App {
        let redirect = "https://app.example/back?from=osc".to_owned();
        let known = client.world.register_client("Notes", &redirect).unwrap();
        App {
            id: known.id,
            secret: Some(known.secret),
            redirect,
        }
    }

    /// The query of a good link.
    pub(super) fn link(&self) -> Vec<(&str, String)> {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        vec![
            ("response_type", "code".to_owned()),
            ("client_id", self.id.clone()),
            ("redirect_uri", self.redirect.clone()),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256".to_owned()),
            ("state", "a state/with &signs".to_owned()),
        ]
    }

    /// A code, fetched by a new browser.
    pub(super) fn code(&self, client: &mut Client) -> String {
        let query = Browser::default().decide(client, &encoded(&self.link()), "allow");
        query["code"].clone()
    }

    /// The form that exchanges a code.
    pub(super) fn exchange(&self, code: &str) -> Vec<(&str, String)> {
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("client_id", self.id.clone()),
            ("code", code.to_owned()),
            ("redirect_uri", self.redirect.clone()),
            ("code_verifier", VERIFIER.to_owned()),
        ];
        form.extend(self.secret.clone().map(|secret| ("client_secret", secret)));
        form
    }

    /// Tokens, by the whole way through a new browser.
    pub(super) fn tokens(&self, client: &mut Client) -> Tokens {
        let code = self.code(client);
        tokens(&ask(client, "token", &self.exchange(&code)))
    }

    /// Asks for new tokens.
    pub(super) fn refresh(&self, client: &mut Client, refresh: &str) -> Said {
        let mut form = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("client_id", self.id.clone()),
            ("refresh_token", refresh.to_owned()),
        ];
        form.extend(self.secret.clone().map(|secret| ("client_secret", secret)));
        ask(client, "token", &form)
    }
}

/// Sends a form to an endpoint for apps.
pub(super) fn ask(client: &mut Client, endpoint: &str, form: &[(&str, String)]) -> Said {
    ask_with(client, endpoint, form, None)
}

/// The same with an `Authorization` header.
pub(super) fn ask_with(
    client: &mut Client,
    endpoint: &str,
    form: &[(&str, String)],
    authorization: Option<&str>,
) -> Said {
    let request = Request::builder()
        .method("POST")
        .uri(format!("https://app.osaas.io/api/connect/{endpoint}"))
        .header("content-type", "application/x-www-form-urlencoded");
    let request = match authorization {
        Some(value) => request.header("authorization", value),
        None => request,
    };
    client.send(request.body(Bytes::from(encoded(form))).unwrap())
}

/// The tokens of an answer.
pub(super) fn tokens(said: &Said) -> Tokens {
    assert_eq!(said.status, 200, "{said:?}");
    let text = |name: &str| match &said.json()[name] {
        Value::String(text) => text.clone(),
        other => panic!("{name} is {other}"),
    };
    Tokens {
        access: text("access_token"),
        refresh: text("refresh_token"),
    }
}

/// Status and `error` of a refusal.
pub(super) fn refusal(said: &Said) -> (u16, String) {
    let document = said.json();
    assert!(document["error_description"].is_string(), "{said:?}");
    assert_eq!(said.headers["cache-control"], "no-store");
    (
        said.status.as_u16(),
        document["error"].as_str().unwrap().to_owned(),
    )
}

/// The form without one of its fields.
pub(super) fn without<'f>(form: &[(&'f str, String)], name: &str) -> Vec<(&'f str, String)> {
    let rest = form.iter().filter(|(key, _)| *key != name);
    rest.cloned().collect()
}

/// The form with another value for one of its fields.
pub(super) fn with<'f>(
    form: &[(&'f str, String)],
    name: &'f str,
    value: &str,
) -> Vec<(&'f str, String)> {
    let mut changed = without(form, name);
    changed.push((name, value.to_owned()));
    changed
}

/// As a query or form.
pub(super) fn encoded(pairs: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
