//! From a request back to what it is addressed to.

use bytes::Bytes;
use http::{Request, header};

use super::addressing::{Addressing, SITE};
use super::catalog::{self, Service};

/// What a request is addressed to.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    /// The console and OAuth host.
    App,
    /// The catalog role.
    Catalog,
    /// The token role.
    Token,
    /// The deploy manager.
    Deploy,
    /// The money role.
    Money,
    /// The API of a service.
    Service(&'static Service),
    /// The host of an instance, be there one or not.
    Instance(&'static Service, String),
    /// No host of the platform.
    Nowhere,
}

impl Destination {
    /// A word for the destination: the role, the service id, or `{name}.{serviceId}`.
    pub(crate) fn label(&self) -> String {
        match self {
            Destination::App => "app".to_owned(),
            Destination::Catalog => "catalog".to_owned(),
            Destination::Token => "token".to_owned(),
            Destination::Deploy => "deploy".to_owned(),
            Destination::Money => "money".to_owned(),
            Destination::Service(service) => service.id.clone(),
            Destination::Instance(service, name) => format!("{name}.{}", service.id),
            Destination::Nowhere => "nowhere".to_owned(),
        }
    }

    fn role(name: &str) -> Option<Destination> {
        match name {
            "catalog" => Some(Destination::Catalog),
            "token" => Some(Destination::Token),
            "deploy" => Some(Destination::Deploy),
            "money" => Some(Destination::Money),
            _ => None,
        }
    }
}

/// Finds what a request is addressed to, and the path at that destination.
pub(crate) fn locate<'r>(
    addressing: &Addressing,
    tenant: &str,
    request: &'r Request<Bytes>,
) -> (Destination, &'r str) {
    let path = request.uri().path();
    let found = match addressing {
        Addressing::Osc => by_host(tenant, &host(request), path),
        Addressing::Prefixed { .. } => by_prefix(path),
    };
    found.unwrap_or((Destination::Nowhere, path))
}

/// The workspace in the name of the host a request is sent to, if that names one of these.
pub(crate) fn tenant_of<'t>(
    tenants: impl Iterator<Item = &'t str>,
    request: &Request<Bytes>,
) -> Option<&'t str> {
    tenant_of_host(tenants, &host(request))
}

/// The workspace in the name of a host, if it names one of these.
///
/// One may begin as another does: the longest that fits is meant, as names have no hyphens
/// (API notes 6.9).
pub(crate) fn tenant_of_host<'t>(
    tenants: impl Iterator<Item = &'t str>,
    host: &str,
) -> Option<&'t str> {
    let label = host.split('.').next().unwrap_or_default();
    let named = tenants.filter(|tenant| {
        let rest = label.strip_prefix(tenant);
        rest.is_some_and(|rest| rest.starts_with('-') || host == format!("{tenant}.ce.{SITE}"))
    });
    named.max_by_key(|tenant| tenant.len())
}

/// What a connection to a host leads to, as far as the host tells.
pub(crate) fn of_host(tenant: &str, host: &str) -> Destination {
    let found = by_host(tenant, &host.to_ascii_lowercase(), "/");
    found.map_or(Destination::Nowhere, |(destination, _)| destination)
}

/// The host asked for, in lower case and without its port.
fn host(request: &Request<Bytes>) -> String {
    let header = || request.headers().get(header::HOST)?.to_str().ok();
    let name = request.uri().host().or_else(header).unwrap_or_default();
    let name = name.split_once(':').map_or(name, |(name, _)| name);
    name.to_ascii_lowercase()
}

fn by_host<'r>(tenant: &str, host: &str, path: &'r str) -> Option<(Destination, &'r str)> {
    let rest = host.strip_suffix(".osaas.io")?;
    if rest == "app"
        || rest
            .strip_prefix("app.")
            .is_some_and(|env| !env.contains('.'))
    {
        return Some((Destination::App, path));
    }
    if let [role, "svc", _environment] = rest.split('.').collect::<Vec<_>>().as_slice() {
        return Some((Destination::role(role)?, path));
    }
    if let Some(service) = catalog::all()
        .iter()
        .find(|service| service.api_host == host)
    {
        return Some((Destination::Service(service), path));
    }
    if host == format!("{tenant}.ce.{SITE}") {
        return channel(path);
    }
    let (label, service) = host
        .strip_suffix(SITE)?
        .strip_suffix(".auto.")?
        .split_once('.')?;
    let name = label.strip_prefix(tenant)?.strip_prefix('-')?;
    Some((
        Destination::Instance(catalog::find(service)?, name.to_owned()),
        path,
    ))
}

/// Channels have a host in common and are told apart by path (API notes 1).
fn channel(path: &str) -> Option<(Destination, &str)> {
    let (name, inner) = first_part(path.strip_prefix("/channels")?)?;
    Some((
        Destination::Instance(catalog::find("channel-engine")?, name.to_owned()),
        inner,
    ))
}

fn by_prefix(path: &str) -> Option<(Destination, &str)> {
    let (first, rest) = first_part(path)?;
    match first {
        "app" => Some((Destination::App, rest)),
        // Discovery has its place before the path of the issuer (RFC 8414, 3.1).
        ".well-known" if rest.ends_with("/app") => Some((Destination::App, path)),
        "svc" => {
            let (id, inner) = first_part(rest)?;
            Some((Destination::Service(catalog::find(id)?), inner))
        }
        "at" => {
            let (id, rest) = first_part(rest)?;
            let (name, inner) = first_part(rest)?;
            Some((
                Destination::Instance(catalog::find(id)?, name.to_owned()),
                inner,
            ))
        }
        role => Some((Destination::role(role)?, rest)),
    }
}

/// Splits `/first/rest` into `first` and `/rest`; the rest is `/` when there is none.
fn first_part(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_prefix('/')?;
    let end = path.find('/').unwrap_or(path.len());
    let (first, rest) = path.split_at(end);
    Some((first, if rest.is_empty() { "/" } else { rest }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(addressing: &Addressing, uri: &str) -> (String, String) {
        let request = Request::builder().uri(uri).body(Bytes::new()).unwrap();
        let (destination, path) = locate(addressing, "acme", &request);
        (destination.label(), path.to_owned())
    }

    #[test]
    fn osc_hosts_lead_to_what_they_name() {
        let cases = [
            ("https://app.osaas.io/x", "app", "/x"),
            ("https://app.stage.osaas.io/", "app", "/"),
            (
                "https://catalog.svc.prod.osaas.io/mysubscriptions",
                "catalog",
                "/mysubscriptions",
            ),
            (
                "https://TOKEN.svc.dev.osaas.io:443/servicetoken",
                "token",
                "/servicetoken",
            ),
            ("https://deploy.svc.prod-se.osaas.io/", "deploy", "/"),
            (
                "https://api-ce.prod-se.osaas.io/channel",
                "channel-engine",
                "/channel",
            ),
            ("https://api-encore.prod-se.osaas.io/", "encore", "/"),
            (
                "https://acme-c1.valkey-io-valkey.auto.prod-se.osaas.io/",
                "c1.valkey-io-valkey",
                "/",
            ),
            (
                "https://acme.ce.prod-se.osaas.io/channels/tv/a.m3u8",
                "tv.channel-engine",
                "/a.m3u8",
            ),
        ];
        for (uri, label, path) in cases {
            assert_eq!(
                at(&Addressing::Osc, uri),
                (label.to_owned(), path.to_owned()),
                "{uri}"
            );
        }
    }

    #[test]
    fn other_hosts_lead_nowhere() {
        for uri in [
            "https://example.com/",
            "https://other.svc.prod.osaas.io/",
            "https://other-c1.valkey-io-valkey.auto.prod-se.osaas.io/",
            "https://acme-c1.no-such-service.auto.prod-se.osaas.io/",
            "/mysubscriptions",
        ] {
            assert_eq!(at(&Addressing::Osc, uri).0, "nowhere", "{uri}");
        }
    }

    #[test]
    fn prefixes_lead_to_what_they_name() {
        let prefixed = Addressing::Prefixed {
            base: "http://localhost:1".to_owned(),
        };
        let cases = [
            ("/catalog/mysubscriptions", "catalog", "/mysubscriptions"),
            (
                "/svc/valkey-io-valkey/health/c1",
                "valkey-io-valkey",
                "/health/c1",
            ),
            ("/svc/valkey-io-valkey", "valkey-io-valkey", "/"),
            ("/at/valkey-io-valkey/c1/x", "c1.valkey-io-valkey", "/x"),
            (
                "/svc/no-such-service/x",
                "nowhere",
                "/svc/no-such-service/x",
            ),
            ("/", "nowhere", "/"),
        ];
        for (uri, label, path) in cases {
            assert_eq!(
                at(&prefixed, uri),
                (label.to_owned(), path.to_owned()),
                "{uri}"
            );
        }
    }
}
