//! An app that wants tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::Request;
use http::request::Builder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use super::browser::Browser;
use crate::sandbox::Cut;
use crate::sandbox::tests::client::{Client, Said};

pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CALLBACK: &str = "http://localhost:4711/callback";

/// A client of the OAuth server: its id, its secret if it has one, and where it is sent back to.
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
    pub(crate) redirect: String,
}

/// Access and refresh token.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl App {
    /// The command line.
    pub(crate) fn cli() -> App {
        App {
            id: "cli".to_owned(),
            secret: None,
            redirect: CALLBACK.to_owned(),
        }
    }

    /// One registered in the console.
    pub(crate) fn registered(client: &mut Client) -> App {
        let redirect = "https://app.example/back?from=osc".to_owned();
        let known = client.world.register_client("Notes", &redirect).unwrap();
        App {
            id: known.id,
            secret: Some(known.secret),
            redirect,
        }
    }

    /// The query of a good link.
    pub(crate) fn link(&self) -> Vec<(&str, String)> {
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
    pub(crate) fn code(&self, client: &mut Client) -> String {
        let query = Browser::default().decide(client, &encoded(&self.link()), "allow");
        query["code"].clone()
    }

    /// The form that exchanges a code.
    pub(crate) fn exchange(&self, code: &str) -> Vec<(&str, String)> {
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
    pub(crate) fn tokens(&self, client: &mut Client) -> Tokens {
        let code = self.code(client);
        tokens(&ask(client, "token", &self.exchange(&code)))
    }

    /// The form that asks for new tokens.
    pub(crate) fn refreshing(&self, refresh: &str) -> Vec<(&str, String)> {
        let mut form = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("client_id", self.id.clone()),
            ("refresh_token", refresh.to_owned()),
        ];
        form.extend(self.secret.clone().map(|secret| ("client_secret", secret)));
        form
    }

    /// Asks for new tokens.
    pub(crate) fn refresh(&self, client: &mut Client, refresh: &str) -> Said {
        ask(client, "token", &self.refreshing(refresh))
    }
}

/// Sends a form to an endpoint for apps.
pub(crate) fn ask(client: &mut Client, endpoint: &str, form: &[(&str, String)]) -> Said {
    try_ask(client, endpoint, form).unwrap()
}

/// The same where there may be no answer.
pub(crate) fn try_ask(
    client: &mut Client,
    endpoint: &str,
    form: &[(&str, String)],
) -> Result<Said, Cut> {
    client.try_send(request(endpoint).body(body(form)).unwrap())
}

/// The same with an `Authorization` header.
pub(crate) fn ask_with(
    client: &mut Client,
    endpoint: &str,
    form: &[(&str, String)],
    authorization: &str,
) -> Said {
    let request = request(endpoint).header("authorization", authorization);
    client.send(request.body(body(form)).unwrap())
}

fn request(endpoint: &str) -> Builder {
    Request::builder()
        .method("POST")
        .uri(format!("https://app.osaas.io/api/connect/{endpoint}"))
        .header("content-type", "application/x-www-form-urlencoded")
}

fn body(form: &[(&str, String)]) -> Bytes {
    Bytes::from(encoded(form))
}

/// The tokens of an answer.
pub(crate) fn tokens(said: &Said) -> Tokens {
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
pub(crate) fn refusal(said: &Said) -> (u16, String) {
    let document = said.json();
    assert!(document["error_description"].is_string(), "{said:?}");
    assert_eq!(said.headers["cache-control"], "no-store");
    (
        said.status.as_u16(),
        document["error"].as_str().unwrap().to_owned(),
    )
}

/// The form without one of its fields.
pub(crate) fn without<'f>(form: &[(&'f str, String)], name: &str) -> Vec<(&'f str, String)> {
    let rest = form.iter().filter(|(key, _)| *key != name);
    rest.cloned().collect()
}

/// The form with another value for one of its fields.
pub(crate) fn with<'f>(
    form: &[(&'f str, String)],
    name: &'f str,
    value: &str,
) -> Vec<(&'f str, String)> {
    let mut changed = without(form, name);
    changed.push((name, value.to_owned()));
    changed
}

/// As a query or form.
pub(crate) fn encoded(pairs: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
