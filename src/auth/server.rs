use url::Url;

use super::AuthError;
use super::transport::{document, get};
use crate::osc::{Exchange, Hosts, Role, base_url, below};

/// The endpoints at which a sign-in is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) authorize: Url,
    pub(super) token: Url,
    pub(super) register: Option<Url>,
    /// Only where a discovery document names it: the platform is not known to have one
    /// (API notes 2.1).
    pub(super) revoke: Option<Url>,
    /// What the `iss` of a callback must be (RFC 9207).
    pub(super) issuer: Option<String>,
    /// Whether a callback without `iss` is none of its own.
    pub(super) sends_issuer: bool,
}

impl Server {
    /// The endpoints as the platform's own clients have them fixed (API notes 2.1).
    pub(super) fn fixed(hosts: &Hosts) -> Self {
        let at = |end: &str| below(hosts.base(Role::App), &["api", "connect", end]);
        Self {
            authorize: at("authorize"),
            token: at("token"),
            register: Some(at("register")),
            revoke: None,
            issuer: None,
            sends_issuer: false,
        }
    }

    /// The endpoints that an issuer publishes about itself, by RFC 8414 or else as OpenID does;
    /// the fixed ones where it publishes neither.
    ///
    /// # Errors
    /// Where the issuer does not answer, or with what must not be believed: another issuer's
    /// name, or endpoints at another origin.
    pub(super) async fn discover(
        issuer: &Url,
        hosts: &Hosts,
        exchange: &dyn Exchange,
    ) -> Result<Self, AuthError> {
        for url in documents(issuer) {
            let answer = get(exchange, &url)
                .await
                .map_err(|error| AuthError::unreachable(&url, error))?;
            let found = match document(&answer, &[]) {
                Ok(found) => found,
                // Whoever publishes nothing there may answer with a page.
                Err(refusal) if !refusal.is_passing() => continue,
                Err(refusal) => {
                    let why = refusal.text();
                    return Err(AuthError::Discovery { url, why });
                }
            };
            return Self::read(&found, issuer).map_err(|why| AuthError::Discovery { url, why });
        }
        if issuer.origin() != hosts.base(Role::App).origin() {
            return Err(AuthError::Discovery {
                url: issuer.clone(),
                why: "it publishes nothing about itself".to_owned(),
            });
        }
        tracing::debug!("{issuer} publishes nothing about itself; using the known endpoints");
        Ok(Self {
            issuer: Some(issuer.to_string()),
            ..Self::fixed(hosts)
        })
    }

    fn read(found: &serde_json::Value, issuer: &Url) -> Result<Self, String> {
        let text = |name: &str| found.get(name).and_then(serde_json::Value::as_str);
        let named = text("issuer").unwrap_or_default();
        if without_slash(named) != without_slash(issuer.as_str()) {
            return Err("it is the document of another issuer".to_owned());
        }
        let endpoint = |name: &str| {
            let url = text(name).map(|text| base_url("it", text)).transpose();
            match url.map_err(|_| format!("its `{name}` is not a plain https URL"))? {
                Some(url) if url.origin() != issuer.origin() => {
                    Err(format!("its `{name}` is at another host"))
                }
                url => Ok(url),
            }
        };
        let needed = |name: &str| endpoint(name)?.ok_or(format!("it has no `{name}`"));
        if let Some(methods) = found.get("code_challenge_methods_supported") {
            let methods = methods.as_array().map(Vec::as_slice).unwrap_or_default();
            if !methods.iter().any(|method| method == "S256") {
                return Err("the issuer does not offer PKCE with S256".to_owned());
            }
        }
        let sends_issuer = found.get("authorization_response_iss_parameter_supported");
        Ok(Self {
            authorize: needed("authorization_endpoint")?,
            token: needed("token_endpoint")?,
            register: endpoint("registration_endpoint")?,
            revoke: endpoint("revocation_endpoint")?,
            issuer: Some(named.to_owned()),
            sends_issuer: sends_issuer.and_then(serde_json::Value::as_bool) == Some(true),
        })
    }

    /// Makes sure that somebody is there before a browser is sent: any answer will do.
    pub(super) async fn reach(&self, exchange: &dyn Exchange) -> Result<(), AuthError> {
        let mut url = self.authorize.clone();
        url.set_path("/");
        match get(exchange, &url).await {
            Ok(_) => Ok(()),
            Err(error) => Err(AuthError::unreachable(&url, error)),
        }
    }
}

/// Where an issuer publishes about itself: the well-known name goes before its path in RFC 8414
/// and after it in OpenID Connect Discovery.
fn documents(issuer: &Url) -> [Url; 2] {
    let mut inserted = issuer.clone();
    let path = without_slash(issuer.path());
    inserted.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    [
        inserted,
        below(issuer, &[".well-known", "openid-configuration"]),
    ]
}

fn without_slash(text: &str) -> &str {
    text.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Server as Fake, reply};
    use super::*;
    use crate::osc::HostOverrides;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn the_fixed_endpoints_lie_below_the_console() {
        let hosts = Hosts::new("prod", &HostOverrides::default()).unwrap();
        let server = Server::fixed(&hosts);
        assert_eq!(
            server.token.as_str(),
            "https://app.osaas.io/api/connect/token"
        );
        assert_eq!(server.revoke, None);
    }

    #[test]
    fn the_well_known_name_goes_before_and_after_the_issuers_path() {
        let [inserted, appended] = documents(&url("http://127.0.0.1:1/app"));
        assert_eq!(
            inserted.path(),
            "/.well-known/oauth-authorization-server/app"
        );
        assert_eq!(appended.path(), "/app/.well-known/openid-configuration");
        let [inserted, appended] = documents(&url("https://app.osaas.io"));
        assert_eq!(inserted.path(), "/.well-known/oauth-authorization-server");
        assert_eq!(appended.path(), "/.well-known/openid-configuration");
    }

    fn published() -> serde_json::Value {
        json!({
            "issuer": "https://app.osaas.io",
            "authorization_endpoint": "https://app.osaas.io/a",
            "token_endpoint": "https://app.osaas.io/t",
            "revocation_endpoint": "https://app.osaas.io/r",
            "code_challenge_methods_supported": ["plain", "S256"],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    #[test]
    fn endpoints_are_taken_from_the_document() {
        let server = Server::read(&published(), &url("https://app.osaas.io/")).unwrap();
        assert_eq!(server.revoke, Some(url("https://app.osaas.io/r")));
        assert_eq!(server.register, None);
        assert!(server.sends_issuer);
    }

    #[tokio::test]
    async fn what_is_no_document_is_passed_over_for_the_next_place() {
        let (hosts, issuer) = (
            Hosts::new("prod", &HostOverrides::default()).unwrap(),
            url("https://app.osaas.io"),
        );
        for (status, second) in [(404, true), (403, true), (200, true), (404, false)] {
            let fake = Fake::answering(move |asked| match asked.line.contains("openid") {
                true if second => reply(200, &published()),
                true => reply(404, &json!(null)),
                false => reply(status, &json!(null)).map(|answer| answer.map(|_| "<html>".into())),
            });
            let server = Server::discover(&issuer, &hosts, &fake).await.unwrap();
            assert_eq!(server.token.path() == "/t", second);
            assert_eq!(
                server.issuer.unwrap().trim_end_matches('/'),
                "https://app.osaas.io"
            );
            assert_eq!(fake.asked().len(), 2);
        }
        let nothing = Fake::answering(|_| reply(404, &json!(null)));
        let foreign = Server::discover(&url("https://issuer.example"), &hosts, &nothing).await;
        assert!(matches!(foreign, Err(AuthError::Discovery { .. })));
    }

    #[test]
    fn what_must_not_be_believed_is_refused() {
        for (name, value, words) in [
            ("issuer", json!("https://evil.example"), "another issuer"),
            ("issuer", json!(null), "another issuer"),
            (
                "token_endpoint",
                json!("https://evil.example/t"),
                "another host",
            ),
            (
                "token_endpoint",
                json!("http://app.osaas.io/t"),
                "not a plain",
            ),
            (
                "token_endpoint",
                json!("https://app.osaas.io/t?x"),
                "not a plain",
            ),
            (
                "token_endpoint",
                json!("https://app.osaas.io:1/t"),
                "another host",
            ),
            (
                "revocation_endpoint",
                json!("https://evil.example/t"),
                "another host",
            ),
            ("token_endpoint", json!(null), "has no"),
            ("authorization_endpoint", json!("a b"), "not a plain"),
            ("code_challenge_methods_supported", json!(["plain"]), "S256"),
        ] {
            let mut document = published();
            document[name] = value;
            let refused = Server::read(&document, &url("https://app.osaas.io"));
            let why = refused.unwrap_err();
            assert!(why.contains(words), "{name}: {why}");
        }
    }
}
