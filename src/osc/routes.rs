use std::time::Duration;

use url::Url;

use super::hosts::below;
use super::{Instance, Links};

/// A URL that must not be asked, with the reason in words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Astray(pub(super) String);

/// The operations beside the document itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Health,
    Ports,
    Logs(LogRange),
}

/// Which part of an instance's log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogRange {
    /// What was logged in this time up to now, in whole seconds; everything without it.
    pub since: Option<Duration>,
    /// Whether each line begins with its time.
    pub timestamps: bool,
}

impl LogRange {
    fn ask(self, mut url: Url) -> Url {
        if let Some(since) = self.since {
            let seconds = since.as_secs().max(1).to_string();
            url.query_pairs_mut().append_pair("sinceSeconds", &seconds);
        }
        if self.timestamps {
            url.query_pairs_mut().append_pair("timestamps", "true");
        }
        url
    }
}

impl Side {
    /// The word for it in URLs and messages.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Ports => "ports",
            Self::Logs(_) => "logs",
        }
    }

    fn link(self, links: &Links) -> Option<&str> {
        match self {
            Self::Health => links.health.as_deref(),
            Self::Ports => links.ports.as_deref(),
            Self::Logs(_) => links.logs.as_deref(),
        }
    }
}

/// The URL of one instance: `{collection}/{name}`.
pub(super) fn member(api_url: &Url, name: &str) -> Result<Url, Astray> {
    Ok(below(api_url, &[one_segment(name)?]))
}

/// The URL of an operation of an instance, or nothing where the instance does not offer it.
///
/// Without links it lies beside the collection, `/{operation}/{name}` (API notes 6.1).
pub(super) fn side(api_url: &Url, instance: &Instance, side: Side) -> Result<Option<Url>, Astray> {
    let url = match &instance.links {
        Some(links) => side.link(links).map(|href| link(api_url, href)).transpose(),
        None => {
            let mut parent = api_url.clone();
            if let Ok(mut path) = parent.path_segments_mut() {
                path.pop_if_empty().pop();
            }
            let name = one_segment(&instance.name)?;
            Ok(Some(below(&parent, &[side.word(), name])))
        }
    }?;
    Ok(match side {
        Side::Logs(range) => url.map(|url| range.ask(url)),
        Side::Health | Side::Ports => url,
    })
}

/// The URL that a link leads to; only one on the host of the `apiUrl`, since the service's
/// token goes with the request.
pub(super) fn link(api_url: &Url, href: &str) -> Result<Url, Astray> {
    let url = api_url
        .join(href)
        .map_err(|_| Astray("a link of the instance is not a URL".to_owned()))?;
    if url.origin() != api_url.origin() {
        let host = url.host_str().unwrap_or("nowhere");
        return Err(Astray(format!(
            "a link of the instance leads to another host, {host}"
        )));
    }
    Ok(url)
}

/// A dot segment or an empty one would turn the URL of one thing into that of all of them.
pub(super) fn one_segment(name: &str) -> Result<&str, Astray> {
    match name {
        "" | "." | ".." => Err(Astray(format!("`{name}` cannot be a name"))),
        name => Ok(name),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const SANDBOX: &str = "http://127.0.0.1:1/svc/valkey-io-valkey/valkeyinstance";

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn instance(links: Option<Links>) -> Instance {
        Instance {
            name: "a".into(),
            id: None,
            url: None,
            has_page: false,
            options: BTreeMap::new(),
            can_update: false,
            can_restart: false,
            links,
        }
    }

    #[test]
    fn an_instance_lies_below_its_collection() {
        let member = member(&url(SANDBOX), "a b/c").unwrap();
        assert_eq!(
            member.path(),
            "/svc/valkey-io-valkey/valkeyinstance/a%20b%2Fc"
        );
    }

    #[test]
    fn a_name_that_would_lead_to_the_collection_is_refused() {
        for name in ["", ".", ".."] {
            assert!(member(&url(SANDBOX), name).is_err(), "{name}");
        }
    }

    #[test]
    fn without_links_the_operations_lie_beside_the_collection() {
        let health = |api: &str| side(&url(api), &instance(None), Side::Health).unwrap();
        assert_eq!(
            health("https://h/valkeyinstance").unwrap().as_str(),
            "https://h/health/a"
        );
        assert_eq!(
            health(SANDBOX).unwrap().path(),
            "/svc/valkey-io-valkey/health/a"
        );
    }

    #[test]
    fn with_links_only_what_they_name_is_offered() {
        let links = Links {
            logs: Some("/svc/valkey-io-valkey/logs/a".into()),
            ..Links::default()
        };
        let instance = instance(Some(links));
        let logs = side(&url(SANDBOX), &instance, Side::Logs(LogRange::default()))
            .unwrap()
            .unwrap();
        assert_eq!(
            logs.as_str(),
            "http://127.0.0.1:1/svc/valkey-io-valkey/logs/a"
        );
        let range = LogRange {
            since: Some(Duration::from_millis(90_500)),
            timestamps: true,
        };
        let logs = side(&url(SANDBOX), &instance, Side::Logs(range)).unwrap();
        assert_eq!(
            logs.unwrap().query(),
            Some("sinceSeconds=90&timestamps=true")
        );
        assert_eq!(side(&url(SANDBOX), &instance, Side::Ports), Ok(None));
    }

    #[test]
    fn a_link_to_another_origin_is_refused() {
        for href in [
            "https://evil.example/health/a",
            "//evil.example/health/a",
            "http://127.0.0.1:2/health/a",
            "https://127.0.0.1:1/health/a",
        ] {
            assert!(link(&url(SANDBOX), href).is_err(), "{href}");
        }
    }
}
