use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Origin, Url};

use super::{HostOverrides, Role};

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
     nor on a host that OSC_ENDPOINT or an OSC_…_URL names"
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
        let endpoint = overrides
            .common()
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

    /// Whether every host is this machine.
    pub fn is_local(&self) -> bool {
        let roles = [
            Role::App,
            Role::Catalog,
            Role::Token,
            Role::Deploy,
            Role::Money,
        ];
        roles.into_iter().all(|role| is_loopback(self.base(role)))
    }

    /// The environment as it was given.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// Whether any host of the platform is replaced.
    pub fn are_overridden(&self) -> bool {
        !self.overridden.is_empty()
    }

    /// The base URLs of all roles, in a fixed order.
    pub fn bases(&self) -> &[Url] {
        &self.bases
    }

    /// The base URL of a role; paths are appended to it.
    pub fn base(&self, role: Role) -> &Url {
        &self.bases[role as usize]
    }

    /// Whether an instance's service token may be sent to its own URL: https on a host
    /// `*.osaas.io`, or the origin of an override.
    pub fn trusts_instance_url(&self, url: &Url) -> bool {
        let of_the_platform = url.scheme() == "https"
            && url.port().is_none()
            && url
                .host_str()
                .is_some_and(|host| host.ends_with(".osaas.io"));
        has_no_user(url) && (of_the_platform || self.overridden.contains(&url.origin()))
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
pub fn below(base: &Url, segments: &[&str]) -> Url {
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

/// A URL that credentials may be sent to: https, or http to this machine.
///
/// # Errors
/// Otherwise, and where it has a user, a query or a fragment; they name the setting.
pub fn base_url(setting: &'static str, text: &str) -> Result<Url, HostError> {
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
mod tests;
