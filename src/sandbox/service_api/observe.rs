//! How an instance is doing: health and logs; and the root of the API (API notes 1, 6.7, 6.8).

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use super::shown;
use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::catalog::{Generation, Service};
use crate::sandbox::instance::Instance;
use crate::sandbox::moment::Moment;
use crate::sandbox::reply::Reply;

/// `GET /`: a greeting; with `verbose=true` on newer services a health object.
pub(super) fn root(call: &Call<'_>, service: &Service) -> Reply {
    if service.generation == Generation::First || call.query("verbose") != Some("true") {
        return Reply::text(
            StatusCode::OK,
            format!("Hello, world! I am {} API", service.noun()),
        );
    }
    let href = |path: &str| call.rules.addressing.href(service, path);
    let document = json!({
        "status": "ok",
        "versions": { "@osaas/orchestrator": "1.0.0" },
        "environment": "prod-se",
        "_links": { "self": { "href": href("/") }, "api": { "href": href("/docs") } },
    });
    Reply::json(StatusCode::OK, &document)
}

/// `GET /health/{id}`: `{status}`; the newest add `images`, channel-engine `health`.
pub(super) fn health(call: &Call<'_>, service: &Service, id: &str) -> Outcome {
    let (_, instance) = shown(call, service, id)?;
    let status = instance.health(service, &call.rules.timing, call.now);
    let mut document = json!({ "status": status });
    if service.is_channel_engine() {
        document["health"] = json!(status);
    }
    if service.generation == Generation::Third {
        document["images"] = json!([format!("registry.osaas.io/{}:latest", service.id)]);
    }
    Ok(Reply::json(StatusCode::OK, &document))
}

/// `GET /logs/{id}`: the life of the instance, as text, a JSON string or an array of strings;
/// all three were seen.
pub(super) fn logs(call: &Call<'_>, service: &Service, id: &str) -> Outcome {
    let (name, instance) = shown(call, service, id)?;
    let since = call
        .query("sinceSeconds")
        .and_then(|seconds| seconds.parse().ok());
    let since = since.map(|seconds| call.now.minus(Duration::from_secs(seconds)));
    let stamped = call.query("timestamps") == Some("true");
    let events = events(call, service, name, instance).into_iter();
    let recent = events.filter(|(at, _)| since.is_none_or(|since| *at >= since));
    let lines = recent.map(|(at, line)| {
        if stamped {
            format!("{} {line}", at.rfc3339())
        } else {
            line
        }
    });
    let lines: Vec<String> = lines.collect();
    Ok(match service.generation {
        Generation::First => Reply::text(StatusCode::OK, lines.join("\n")),
        Generation::Second => Reply::json(StatusCode::OK, &json!(lines.join("\n"))),
        Generation::Third => Reply::json(StatusCode::OK, &json!(lines)),
    })
}

/// What has happened to an instance by now; never the values of its options.
fn events(
    call: &Call<'_>,
    service: &Service,
    name: &str,
    instance: &Instance,
) -> Vec<(Moment, String)> {
    let id = &service.id;
    let mut events = vec![(instance.created, format!("{id} {name}: created"))];
    if instance.started != instance.created {
        events.push((instance.started, format!("{id} {name}: starting again")));
    }
    let timing = &call.rules.timing;
    let missing = instance.missing_secrets(timing, call.now);
    let up = match service.is_job() {
        _ if !missing.is_empty() => "cannot start",
        true => "finished",
        false => "up and running",
    };
    for secret in missing {
        let line = format!("{id} {name}: secret \"{secret}\" not found");
        events.push((instance.up_at(timing), line));
    }
    events.push((instance.up_at(timing), format!("{id} {name}: {up}")));
    if let Some(deleted) = instance.deleted {
        events.push((deleted, format!("{id} {name}: stopping")));
    }
    events.retain(|(at, _)| *at <= call.now);
    events.sort_by_key(|(at, _)| *at);
    events
}
