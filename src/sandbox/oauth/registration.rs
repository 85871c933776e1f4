use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::client::CLIENT_ID_DIGITS;
use super::ledger::Ledger;
use crate::sandbox::jwt::SigningKey;
use crate::sandbox::world::World;

/// The longest name of a client, in characters.
const LONGEST_NAME: usize = 100;

/// A client that was registered: by itself (RFC 7591), or in the console (API notes 2.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Registration {
    /// What its secret follows from.
    number: u64,
    /// What people know it by.
    pub(super) name: Option<String>,
    /// Where it can have people sent back to, to the letter.
    pub(super) redirect_uris: Vec<String>,
    /// Whether it gets refresh tokens.
    pub(super) refreshes: bool,
    /// How it shows who it is.
    pub(super) authentication: Authentication,
}

/// How a client shows at the token endpoint that it is itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Authentication {
    /// Not at all: it is public.
    #[serde(rename = "none")]
    None,
    /// By a secret in the form.
    #[serde(rename = "client_secret_post")]
    Post,
    /// By a secret in the `Authorization` header.
    #[serde(rename = "client_secret_basic")]
    Basic,
}

/// What a registered client has to know of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCredentials {
    /// `osc_` and 24 characters.
    pub id: String,
    /// `osc_secret_` and 64 hexadecimal digits.
    pub secret: String,
}

/// Why a client cannot be registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// The address to come back to is not one.
    #[error("{0}")]
    RedirectUri(String),
    /// Something else about it is wrong.
    #[error("{0}")]
    Metadata(String),
}

impl Registration {
    /// A client as it wants to be; `Err` says what is wrong.
    pub(super) fn new(
        name: Option<&str>,
        redirect_uris: Vec<String>,
        refreshes: bool,
        authentication: Authentication,
    ) -> Result<Registration, RegistrationError> {
        if redirect_uris.is_empty() {
            let message = "redirect_uris is missing or empty".to_owned();
            return Err(RegistrationError::RedirectUri(message));
        }
        for uri in &redirect_uris {
            check_redirect(uri)?;
        }
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        if name.is_some_and(|name| name.chars().count() > LONGEST_NAME) {
            let message = format!("client_name is longer than {LONGEST_NAME} characters");
            return Err(RegistrationError::Metadata(message));
        }
        Ok(Registration {
            number: 0,
            name: name.map(str::to_owned),
            redirect_uris,
            refreshes,
            authentication,
        })
    }

    /// Keeps it: the id it gets, and the secret unless it is public.
    pub(super) fn keep(
        mut self,
        key: &SigningKey,
        ledger: &mut Ledger,
    ) -> (String, Option<String>) {
        self.number = ledger.next_number();
        let digits: String = key
            .derive_hex(&format!("client {}", self.number))
            .chars()
            .take(CLIENT_ID_DIGITS)
            .collect();
        let id = format!("osc_{digits}");
        let secret = self.secret(key);
        ledger.register(&id, self);
        (id, secret)
    }

    /// Its secret, unless it is public.
    pub(super) fn secret(&self, key: &SigningKey) -> Option<String> {
        let secret = key.derive_hex(&format!("client secret {}", self.number));
        (self.authentication != Authentication::None).then(|| format!("osc_secret_{secret}"))
    }
}

impl World {
    /// Registers a confidential client, as the console does it (API notes 2.4).
    ///
    /// # Errors
    ///
    /// When the name is too long, or the redirect is neither `https` nor `http` on the loopback.
    pub fn register_client(
        &mut self,
        name: &str,
        redirect_uri: &str,
    ) -> Result<ClientCredentials, RegistrationError> {
        let redirects = vec![redirect_uri.to_owned()];
        let registration = Registration::new(Some(name), redirects, true, Authentication::Post)?;
        let key = self.key().clone();
        let (id, secret) = registration.keep(&key, self.oauth_mut());
        let secret = secret.unwrap_or_default();
        Ok(ClientCredentials { id, secret })
    }
}

/// Requires `https`, or `http` on the loopback, and nothing that does not belong in a redirect.
fn check_redirect(uri: &str) -> Result<(), RegistrationError> {
    let refuse = |what: &str| {
        let uri = uri.escape_debug();
        Err(RegistrationError::RedirectUri(format!("{uri}: {what}")))
    };
    let Ok(url) = Url::parse(uri) else {
        return refuse("not an absolute URL");
    };
    // What is kept is sent in a header, to the letter.
    if !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refuse("a redirect has no spaces and nothing but ASCII");
    }
    if url.fragment().is_some() {
        return refuse("a redirect has no fragment");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("a redirect has no user and no password");
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        "http" => refuse("http is for localhost, 127.0.0.1 and [::1] only"),
        _ => refuse("a redirect is https, or http on this machine"),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
