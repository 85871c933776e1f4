use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

use super::super::{Instance, Links, Subscription};
use super::{Malformed, array, malformed, options, text};
use crate::catalog::Service;

/// `GET /mysubscriptions`: an array of catalog records (API notes 4.1).
pub(in crate::osc) fn subscriptions(answer: &Value) -> Result<Vec<Subscription>, Malformed> {
    array(answer, "subscriptions")?
        .iter()
        .map(subscription)
        .collect()
}

fn subscription(record: &Value) -> Result<Subscription, Malformed> {
    let Some(service) = text(record, "serviceId") else {
        return malformed("a subscription has no `serviceId`");
    };
    let api_url = text(record, "apiUrl").and_then(|url| Url::parse(url).ok());
    let api_url = match api_url.filter(Url::has_host) {
        Some(url) => url,
        // Only whoever uses this service needs to know: the gate lets no such URL through.
        None => Url::parse(NO_API).map_err(|why| Malformed(why.to_string()))?,
    };
    Ok(Subscription {
        service: service.to_owned(),
        api_url,
    })
}

/// Stands for an `apiUrl` that is missing or cannot be used.
const NO_API: &str = "data:,";

/// `POST /servicetoken`: the token and its end in Unix seconds (API notes 5).
pub(in crate::osc) fn service_token(
    answer: &Value,
) -> Result<(SecretString, SystemTime), Malformed> {
    let token = text(answer, "token").filter(|token| !token.is_empty());
    let expiry = match answer.get("expiry") {
        Some(Value::String(digits)) => digits.parse().ok(),
        Some(number) => number.as_u64(),
        None => None,
    };
    let expires = expiry.and_then(|at| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(at)));
    match (token, expires) {
        (Some(token), Some(expires)) => Ok((token.into(), expires)),
        _ => malformed("a service token lacks `token` or `expiry`"),
    }
}

/// `GET {collection}`: an array of documents.
pub(in crate::osc) fn instances(
    answer: &Value,
    service: &Service,
) -> Result<Vec<Instance>, Malformed> {
    array(answer, "instances")?
        .iter()
        .map(|document| instance(document, service))
        .collect()
}

/// The document of one instance (API notes 6.3).
pub(in crate::osc) fn instance(document: &Value, service: &Service) -> Result<Instance, Malformed> {
    let Some(fields) = document.as_object() else {
        return malformed("an instance is not described by an object");
    };
    let Some(name) = text(document, "name").filter(|name| !name.is_empty()) else {
        return malformed("an instance has no name");
    };
    let links = fields
        .get("_links")
        .and_then(Value::as_object)
        .map(links_of);
    Ok(Instance {
        name: name.to_owned(),
        id: own_field(fields, service, "id"),
        url: url_of(fields, service),
        has_page: ["app", "apiDocs"]
            .into_iter()
            .any(|page| document["resources"][page]["url"].is_string()),
        options: options::decode(fields, service),
        can_update: links.as_ref().is_some_and(|links| links.update.is_some())
            && !names_a_dead_update(service),
        can_restart: links.as_ref().is_some_and(|links| links.restart.is_some()),
        links,
    })
}

/// Channels carry an `update` link without a route behind it (API notes 6.1); they are told by
/// their option `url`, as everywhere here.
fn names_a_dead_update(service: &Service) -> bool {
    service.option("url").is_some()
}

/// Where an option is itself called `url`, the address stands in `playback` when the answer is
/// to a create, and in `url` otherwise (API notes 6.11).
fn url_of(fields: &Map<String, Value>, service: &Service) -> Option<String> {
    let field = match service.option("url") {
        Some(_) if fields.contains_key("playback") => "playback",
        _ => "url",
    };
    let url = fields.get(field)?.as_str()?.trim().trim_end_matches('/');
    (!url.is_empty()).then(|| url.to_owned())
}

/// A field of the platform, unless the service has an option of that name.
fn own_field(fields: &Map<String, Value>, service: &Service, name: &str) -> Option<String> {
    match service.option(name) {
        Some(_) => None,
        None => fields.get(name)?.as_str().map(str::to_owned),
    }
}

fn links_of(links: &Map<String, Value>) -> Links {
    let href = |name: &str| {
        let link = links.get(name)?;
        text(link, "href")
            .filter(|href| !href.is_empty())
            .map(str::to_owned)
    };
    Links {
        update: href("update"),
        restart: href("restart"),
        health: href("health"),
        ports: href("ports"),
        logs: href("logs"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::testing::service;
    use super::*;

    #[test]
    fn a_subscription_needs_an_id_and_lets_nobody_through_without_an_api_url() {
        let good = json!([{"serviceId": "a", "apiUrl": "https://api-a.osaas.io/a", "x": 1}]);
        assert_eq!(subscriptions(&good).unwrap()[0].service, "a");
        for wrong in [json!({}), json!([{}])] {
            assert!(subscriptions(&wrong).is_err(), "{wrong}");
        }
        for unusable in [
            json!([{"serviceId": "a"}]),
            json!([{"serviceId": "a", "apiUrl": "data:x"}]),
        ] {
            let api_url = &subscriptions(&unusable).unwrap()[0].api_url;
            assert!(!api_url.has_host(), "{unusable}");
        }
    }

    #[test]
    fn a_document_without_a_name_or_of_another_shape_is_malformed() {
        let service = service("valkey-io-valkey");
        for wrong in [
            json!({}),
            json!({"name": 1}),
            json!([]),
            json!({"name": ""}),
        ] {
            assert!(instance(&wrong, &service).is_err(), "{wrong}");
        }
        assert!(instances(&json!({"items": []}), &service).is_err());
    }

    #[test]
    fn links_tell_what_an_instance_offers() {
        let service = service("valkey-io-valkey");
        let linked = json!({"name": "a", "url": "https://x/", "_links": {
            "self": {"href": "/valkeyinstance/a"}, "update": {"href": "/valkeyinstance/a"},
            "restart": {"href": "/restart/a"}}});
        let linked = instance(&linked, &service).unwrap();
        assert!(linked.can_update && linked.can_restart);
        assert_eq!(linked.url.as_deref(), Some("https://x"));
        assert_eq!(linked.links.unwrap().health, None);
        let plain = instance(&json!({"name": "a", "url": ""}), &service).unwrap();
        assert_eq!(
            (plain.can_update, plain.can_restart, plain.links, plain.url),
            (false, false, None, None)
        );
    }

    #[test]
    fn a_page_to_open_is_a_web_application_or_the_documentation_of_an_api() {
        for (resources, has_page) in [
            (
                json!({"license": {"url": "https://x"}, "app": {"url": "https://x"}}),
                true,
            ),
            (json!({"apiDocs": {"url": "https://x"}}), true),
            (json!({"license": {"url": "https://x"}, "app": {}}), false),
            (json!("text"), false),
        ] {
            let document = json!({"name": "a", "resources": resources});
            let instance = instance(&document, &service("minio-minio")).unwrap();
            assert_eq!(instance.has_page, has_page, "{document}");
        }
    }

    #[test]
    fn the_url_of_a_channel_is_where_it_plays() {
        let service = service("channel-engine");
        let created =
            json!({"id": "acme-a", "name": "a", "url": "https://src", "playback": "https://play"});
        let read = json!({"id": "acme-a", "name": "a", "url": "https://play/", "opts": {"url": "https://src"}});
        for document in [created, read] {
            let channel = instance(&document, &service).unwrap();
            assert_eq!(channel.url.as_deref(), Some("https://play"));
            assert_eq!(channel.id.as_deref(), Some("acme-a"));
        }
    }

    #[test]
    fn the_update_link_of_a_channel_is_not_believed() {
        let channel = json!({"name": "a", "_links": {"update": {"href": "/channel/acme-a"}}});
        assert!(
            !instance(&channel, &service("channel-engine"))
                .unwrap()
                .can_update
        );
    }

    #[test]
    fn the_end_of_a_service_token_is_unix_seconds() {
        for expiry in [json!(1_800_000_000), json!("1800000000")] {
            let (_, expires) = service_token(&json!({"token": "t", "expiry": expiry})).unwrap();
            let since = expires.duration_since(SystemTime::UNIX_EPOCH).unwrap();
            assert_eq!(since.as_secs(), 1_800_000_000);
        }
        assert!(service_token(&json!({"token": "t"})).is_err());
        assert!(service_token(&json!({"expiry": 1})).is_err());
    }
}
