use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Origin, Url};

/// The parts of the platform that have a host of their own (API notes 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The console.
    App,
    /// The catalog and the workspace's subscriptions.
    Catalog,
    /// The service that hands out service tokens.
    Token,
    /// Secrets, tags and suspended instances.
    Deploy,
    /// The workspace's plan.
    Money,
}

impl Role {
    const ALL: [Self; 5] = [
        Self::App,
        Self::Catalog,
        Self::Token,
        Self::Deploy,
        Self::Money,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Catalog => "catalog",
            Self::Token => "token",
            Self::Deploy => "deploy",
            Self::Money => "money",
        }
    }

    fn setting(self) -> &'static str {
        match self {
            Self::App => "OSC_APP_URL",
            Self::Catalog => "OSC_CATALOG_URL",
            Self::Token => "OSC_TOKEN_URL",
            Self::Deploy => "OSC_DEPLOY_URL",
            Self::Money => "OSC_MONEY_URL",
        }
    }
}

/// Hosts that the user wants asked in place of the environment's; empty texts count as unset.
#[derive(Debug, Clone, Default)]
pub struct HostOverrides {
    /// `OSC_ENDPOINT`: one base below which every role has its prefix (`/app`, `/catalog`, …).
    pub endpoint: Option<String>,
    /// `OSC_APP_URL`
    pub app: Option<String>,
    /// `OSC_CATALOG_URL`
    pub catalog: Option<String>,
    /// `OSC_TOKEN_URL`
    pub token: Option<String>,
    /// `OSC_DEPLOY_URL`
    pub deploy: Option<String>,
    /// `OSC_MONEY_URL`
    pub money: Option<String>,
}

impl HostOverrides {
    fn of(&self, role: Role) -> Option<&str> {
        let value = match role {
            Role::App => &self.app,
            Role::Catalog => &self.catalog,
            Role::Token => &self.token,
            Role::Deploy => &self.deploy,
            Role::Money => &self.money,
        };
        set(value)
    }
}

/// Where the platform is: one base URL for each [`Role`].
#[derive(Debug, Clone)]
pub struct Hosts {
    environment: String,
    bases: [Url; Role::ALL.len()],
    overridden: Vec<Origin>,
}

/// A setting that names no usable host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// The environment is not one label of a host name.
    #[error(
        "the environment is not a word of lower-case letters, digits and hyphens, such as `prod`"
    )]
    Environment,
    /// The setting's value is not an absolute http or https URL without user, query and fragment.
    #[error("{setting} is not a plain http or https URL, such as http://127.0.0.1:7878")]
    NotAUrl {
        /// The name of the environment variable.
        setting: &'static str,
    },
    /// The setting would send credentials over the network in clear text.
    #[error("{setting} must begin with https://; http:// is for this machine (127.0.0.1) only")]
    NotEncrypted {
        /// The name of the environment variable.
        setting: &'static str,
    },
}

/// An `apiUrl` that no service token may be sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the API address on host `{host}` is not trusted: it is neither https on api-….osaas.io \
     nor on the host that OSC_ENDPOINT or OSC_CATALOG_URL names"
)]
pub struct UntrustedUrl {
    /// The host in question.
    pub host: String,
}

impl Hosts {
    /// The hosts of an environment (`prod`, `stage`, `dev`, …), each replaced where overridden.
    ///
    /// A role's own override beats the common endpoint. The second site `prod-se` is served by
    /// the hosts of `prod` (API notes 1).
    ///
    /// # Errors
    /// When the environment is not one label, or an override is not a URL that credentials may
    /// be sent to.
    pub fn new(environment: &str, overrides: &HostOverrides) -> Result<Self, HostError> {
        if !is_label(environment) {
            return Err(HostError::Environment);
        }
        let endpoint = set(&overrides.endpoint)
            .map(|text| base_url("OSC_ENDPOINT", text))
            .transpose()?;
        let mut overridden: Vec<Origin> = endpoint.iter().map(Url::origin).collect();
        let mut base = |role: Role| -> Result<Url, HostError> {
            if let Some(text) = overrides.of(role) {
                let own = base_url(role.setting(), text)?;
                overridden.push(own.origin());
                return Ok(own);
            }
            match &endpoint {
                Some(endpoint) => Ok(below(endpoint, &[role.word()])),
                None => default_base(role, environment),
            }
        };
        let [app, catalog, token, deploy, money] = Role::ALL.map(&mut base);
        Ok(Self {
            environment: environment.to_owned(),
            bases: [app?, catalog?, token?, deploy?, money?],
            overridden,
        })
    }

    /// The environment as it was given.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The base URL of a role; paths are appended to it.
    pub fn base(&self, role: Role) -> &Url {
        &self.bases[role as usize]
    }

    /// Whether service tokens may be sent to an `apiUrl` of the catalog.
    ///
    /// # Errors
    /// Unless it is https on a host `api-*.osaas.io`, or shares the origin of an override.
    pub fn check_api_url(&self, url: &Url) -> Result<(), UntrustedUrl> {
        let host = url.host_str().unwrap_or_default();
        let of_the_platform = url.scheme() == "https"
            && url.port().is_none()
            && host.starts_with("api-")
            && host.ends_with(".osaas.io");
        let of_an_override = self.overridden.contains(&url.origin());
        if has_no_user(url) && (of_the_platform || of_an_override) {
            return Ok(());
        }
        Err(UntrustedUrl {
            host: crate::model::printable(host).into_owned(),
        })
    }
}

/// A URL some path segments further down, each of them percent-encoded.
pub(super) fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// Whether a URL names this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
        Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
        None => false,
    }
}

fn has_no_user(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

fn set(value: &Option<String>) -> Option<&str> {
    value
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn default_base(role: Role, environment: &str) -> Result<Url, HostError> {
    let environment = match environment {
        "prod-se" => "prod",
        other => other,
    };
    let text = match (role, environment) {
        (Role::App, "prod") => "https://app.osaas.io".to_owned(),
        (Role::App, _) => format!("https://app.{environment}.osaas.io"),
        _ => format!("https://{}.svc.{environment}.osaas.io", role.word()),
    };
    // A label such as `xn--` is well-formed to us and not to the URL parser.
    Url::parse(&text).map_err(|_| HostError::Environment)
}

fn base_url(setting: &'static str, text: &str) -> Result<Url, HostError> {
    let url = Url::parse(text).map_err(|_| HostError::NotAUrl { setting })?;
    let plain = has_no_user(&url) && url.query().is_none() && url.fragment().is_none();
    match url.scheme() {
        _ if !plain || !url.has_host() => Err(HostError::NotAUrl { setting }),
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(HostError::NotEncrypted { setting }),
        _ => Err(HostError::NotAUrl { setting }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults(environment: &str) -> Hosts {
        Hosts::new(environment, &HostOverrides::default()).unwrap()
    }

    fn with_endpoint(text: &str) -> Result<Hosts, HostError> {
        let overrides = HostOverrides {
            endpoint: Some(text.to_owned()),
            ..HostOverrides::default()
        };
        Hosts::new("prod", &overrides)
    }

    fn trusts(hosts: &Hosts, url: &str) -> bool {
        hosts.check_api_url(&Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn every_role_has_its_host_in_an_environment() {
        let hosts = defaults("stage");
        assert_eq!(
            hosts.base(Role::Catalog).as_str(),
            "https://catalog.svc.stage.osaas.io/"
        );
        assert_eq!(
            hosts.base(Role::App).as_str(),
            "https://app.stage.osaas.io/"
        );
        assert_eq!(
            defaults("prod").base(Role::App).as_str(),
            "https://app.osaas.io/"
        );
    }

    #[test]
    fn the_second_site_is_served_by_the_hosts_of_the_first() {
        let hosts = defaults("prod-se");
        assert_eq!(hosts.environment(), "prod-se");
        assert_eq!(
            hosts.base(Role::Token).as_str(),
            "https://token.svc.prod.osaas.io/"
        );
        assert_eq!(hosts.base(Role::App).as_str(), "https://app.osaas.io/");
    }

    #[test]
    fn an_environment_is_one_label_of_a_host_name() {
        for wrong in ["", "Prod", "a.b", "a/b", "a@b", "-a", "a-", "xn--"] {
            let error = Hosts::new(wrong, &HostOverrides::default()).unwrap_err();
            assert_eq!(error, HostError::Environment, "{wrong}");
        }
    }

    #[test]
    fn one_endpoint_serves_every_role_below_its_prefix() {
        let hosts = with_endpoint("http://127.0.0.1:7878/base/").unwrap();
        for (role, path) in [
            (Role::App, "/base/app"),
            (Role::Catalog, "/base/catalog"),
            (Role::Token, "/base/token"),
            (Role::Deploy, "/base/deploy"),
            (Role::Money, "/base/money"),
        ] {
            assert_eq!(hosts.base(role).path(), path);
        }
    }

    #[test]
    fn an_override_of_a_role_beats_the_common_endpoint() {
        let overrides = HostOverrides {
            endpoint: Some("http://127.0.0.1:1".into()),
            token: Some("https://tokens.example.com/x".into()),
            money: Some(" ".into()),
            ..HostOverrides::default()
        };
        let hosts = Hosts::new("prod", &overrides).unwrap();
        assert_eq!(
            hosts.base(Role::Token).as_str(),
            "https://tokens.example.com/x"
        );
        assert_eq!(hosts.base(Role::Money).as_str(), "http://127.0.0.1:1/money");
    }

    #[test]
    fn credentials_travel_in_clear_text_to_this_machine_only() {
        for here in ["http://127.9.9.9:1", "http://[::1]:1", "http://localhost"] {
            assert!(with_endpoint(here).is_ok(), "{here}");
        }
        for elsewhere in ["http://osc.example.com", "http://localhost.example.com"] {
            let setting = "OSC_ENDPOINT";
            assert_eq!(
                with_endpoint(elsewhere).unwrap_err(),
                HostError::NotEncrypted { setting }
            );
        }
    }

    #[test]
    fn a_base_is_a_plain_url() {
        for wrong in [
            "127.0.0.1:1",
            "ftp://127.0.0.1",
            "https://u:p@h",
            "https://h/?q",
        ] {
            let setting = "OSC_ENDPOINT";
            assert_eq!(
                with_endpoint(wrong).unwrap_err(),
                HostError::NotAUrl { setting },
                "{wrong}"
            );
        }
    }

    #[test]
    fn an_api_url_is_trusted_on_the_platforms_api_hosts_only() {
        let hosts = defaults("prod");
        assert!(trusts(
            &hosts,
            "https://api-valkey-io-valkey.auto.prod-se.osaas.io/valkeyinstance"
        ));
        assert!(trusts(&hosts, "https://api-ce.prod.osaas.io/channel"));
        for wrong in [
            "http://api-x.auto.prod.osaas.io/x",
            "https://api-x.auto.prod.osaas.io:8443/x",
            "https://x.auto.prod.osaas.io/x",
            "https://api-x.osaas.io.example.com/x",
            "https://api-x.evilosaas.io/x",
            "https://u@api-x.auto.prod.osaas.io/x",
            "http://127.0.0.1:7878/x",
        ] {
            assert!(!trusts(&hosts, wrong), "{wrong}");
        }
    }

    #[test]
    fn an_api_url_on_the_origin_of_an_override_is_trusted() {
        let hosts = with_endpoint("http://127.0.0.1:7878").unwrap();
        assert!(trusts(&hosts, "http://127.0.0.1:7878/svc/x/xinstance"));
        assert!(!trusts(&hosts, "http://127.0.0.1:7879/svc/x/xinstance"));
    }

    #[test]
    fn path_segments_are_encoded() {
        let base = Url::parse("https://h/a/").unwrap();
        assert_eq!(below(&base, &["b/c", "d e%"]).path(), "/a/b%2Fc/d%20e%25");
    }
}
