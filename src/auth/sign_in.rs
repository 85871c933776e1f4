use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;
use zeroize::Zeroizing;

use super::client::{Client, Registration};
use crate::osc::{Claims, Hosts, Role, base_url};

const VERSION: u32 = 1;

/// What a sign-in is good for: the hosts it was made with, and no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    environment: String,
    /// The console, for people; nothing where it is the environment's own.
    console: Option<String>,
    /// A digest of every host of the platform.
    hosts: String,
}

impl Site {
    /// The site that these hosts are.
    pub fn of(hosts: &Hosts) -> Self {
        let bases: Vec<&str> = hosts.bases().iter().map(Url::as_str).collect();
        let console = hosts.base(Role::App).to_string();
        Self {
            environment: hosts.environment().to_owned(),
            console: hosts.are_overridden().then_some(console),
            hosts: digest(&bases.join("\n")),
        }
    }

    /// The environment.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    pub(super) fn hosts(&self) -> &str {
        &self.hosts
    }

    /// A name for the sign-in to a workspace at this site, different for every two.
    pub(super) fn account(&self, workspace: &str) -> String {
        let Self {
            environment,
            console,
            hosts,
        } = self;
        match console {
            None => format!("{environment}/{workspace}"),
            Some(console) => format!("{environment}/{workspace} at {console} ({hosts})"),
        }
    }
}

/// The first 16 bytes of a text's SHA-256, in hex.
pub(super) fn digest(text: &str) -> String {
    let bytes = Sha256::digest(text);
    bytes[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A sign-in as it is kept: tokens, and what it takes to replace them.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The access token.
    pub access: SecretString,
    /// What the access token says about itself.
    pub claims: Claims,
    /// What the next access token is had for; without it there is none.
    pub refresh: Option<SecretString>,
    /// When the access token ends, by this machine's clock.
    pub expires: Option<SystemTime>,
    /// As whom it was asked for.
    pub client: Client,
    /// The port of the callback, where the client was registered for this machine.
    pub(super) registered_port: Option<u16>,
    pub(super) token_endpoint: Url,
    pub(super) revocation_endpoint: Option<Url>,
    /// Since when a refresh has been under way whose answer is not kept: its token may be spent.
    pub(super) renewing_since: Option<SystemTime>,
}

/// The text that is kept. Its strings are copies of secrets that live as long as one of these.
#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    access_token: Zeroizing<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<u64>,
    client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registered_port: Option<u16>,
    token_endpoint: Url,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revocation_endpoint: Option<Url>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renewing_since: Option<u64>,
}

impl SignIn {
    /// The client of this sign-in, where it registered itself.
    pub fn registration(&self) -> Option<Registration> {
        Some(Registration {
            client: self.client.clone(),
            port: self.registered_port?,
            token_endpoint: self.token_endpoint.clone(),
        })
    }

    /// The text to keep; erased from memory when dropped.
    pub(super) fn to_text(&self) -> Zeroizing<String> {
        let copy = |secret: &SecretString| Zeroizing::new(secret.expose_secret().to_owned());
        let document = Document {
            version: VERSION,
            access_token: copy(&self.access),
            refresh_token: self.refresh.as_ref().map(copy),
            expires: self.expires.map(seconds),
            client_id: self.client.id.clone(),
            client_secret: self.client.secret.as_ref().map(copy),
            registered_port: self.registered_port,
            token_endpoint: self.token_endpoint.clone(),
            revocation_endpoint: self.revocation_endpoint.clone(),
            renewing_since: self.renewing_since.map(seconds),
        };
        // Strings and numbers alone: nothing of it can fail to be JSON.
        Zeroizing::new(serde_json::to_string(&document).unwrap_or_default())
    }

    /// What a kept text says.
    ///
    /// # Errors
    /// In words, without any of the text.
    pub(super) fn of_text(text: &str) -> Result<Self, String> {
        let document: Document = serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!("it is no sign-in (line {line}, column {column})")
        })?;
        if document.version != VERSION {
            let version = document.version;
            return Err(format!("it was written by another version ({version})"));
        }
        let secret = |text: Zeroizing<String>| SecretString::from(text.as_str());
        let access = secret(document.access_token);
        let endpoints = [
            Some(&document.token_endpoint),
            document.revocation_endpoint.as_ref(),
        ];
        for endpoint in endpoints.into_iter().flatten() {
            base_url("its endpoint", endpoint.as_str()).map_err(|error| error.to_string())?;
        }
        Ok(Self {
            claims: Claims::of(&access).map_err(|error| error.to_string())?,
            access,
            refresh: document.refresh_token.map(secret),
            expires: document.expires.and_then(time),
            client: Client {
                id: document.client_id,
                secret: document.client_secret.map(secret),
            },
            registered_port: document.registered_port,
            token_endpoint: document.token_endpoint,
            revocation_endpoint: document.revocation_endpoint,
            renewing_since: document.renewing_since.and_then(time),
        })
    }
}

fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

fn time(seconds: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::super::testing::sign_in;
    use super::*;
    use crate::osc::HostOverrides;

    fn site(environment: &str, endpoint: Option<&str>, catalog: Option<&str>) -> Site {
        let overrides = HostOverrides {
            endpoint: endpoint.map(str::to_owned),
            catalog: catalog.map(str::to_owned),
            ..HostOverrides::default()
        };
        Site::of(&Hosts::new(environment, &overrides).unwrap())
    }

    #[test]
    fn a_kept_sign_in_comes_back_as_it_was() {
        let mut kept = sign_in("acme", 100);
        kept.renewing_since = time(7);
        kept.registered_port = Some(8);
        let back = SignIn::of_text(&kept.to_text()).unwrap();
        assert_eq!(back.to_text(), kept.to_text());
        assert_eq!(back.claims.workspace, "acme");
        assert!(!format!("{back:?}").contains("canary"));
    }

    #[test]
    fn what_is_no_sign_in_is_refused_without_being_shown() {
        let good = sign_in("acme", 100).to_text();
        for wrong in [
            "canary".to_owned(),
            good[..good.len() - 1].to_owned(),
            good.replace("\"version\":1", "\"version\":2"),
            good.replace("https://app.osaas.io", "http://app.osaas.io"),
            good.replace(".canarypat", ""),
        ] {
            let words = SignIn::of_text(&wrong).unwrap_err();
            assert!(!words.contains("canary"), "{words}");
        }
    }

    #[test]
    fn every_two_sites_have_accounts_of_their_own() {
        let local = "http://127.0.0.1:1";
        let accounts = [
            site("prod", None, None),
            site("stage", None, None),
            site("prod", Some(local), None),
            site("prod", Some("http://127.0.0.1:2"), None),
            site("prod", None, Some(local)),
        ]
        .map(|site| site.account("acme"));
        assert_eq!(accounts[0], "prod/acme");
        for (at, account) in accounts.iter().enumerate() {
            assert!(!accounts[at + 1..].contains(account), "{account}");
        }
    }
}
