use secrecy::SecretString;
use url::Url;

/// The id of the platform's own public client, which may come back to any port of this machine
/// (API notes 2.2).
const PUBLIC: &str = "cli";

/// The path to which a browser comes back; no other is known to be accepted (API notes 2.2).
pub(super) const CALLBACK: &str = "/callback";

/// As whom this program asks for a sign-in.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret, where it has one.
    pub secret: Option<SecretString>,
}

impl Client {
    /// The public client `cli`.
    pub fn public() -> Self {
        Self {
            id: PUBLIC.to_owned(),
            secret: None,
        }
    }

    /// Whether its callback may be at any port.
    pub fn is_public(&self) -> bool {
        self.id == PUBLIC
    }
}

/// A client that registered itself, and where its callback is and its secret may go.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The client.
    pub client: Client,
    /// The port of its callback.
    pub port: u16,
    /// The token endpoint of the server it is registered with.
    pub(super) token_endpoint: Url,
}

/// Where a browser comes back to.
pub(super) fn redirect(port: u16) -> String {
    format!("http://localhost:{port}{CALLBACK}")
}
