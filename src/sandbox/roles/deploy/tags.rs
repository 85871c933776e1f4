//! Tags on resources (API notes 6.13).

use std::collections::BTreeMap;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{absent, refused, require_service};
use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::reply::Reply;
use crate::sandbox::request_body;
use crate::sandbox::tags::{Resource, Tagged};

/// The most tags a resource can have.
const MOST: usize = 20;

/// The most characters a tag can have.
const LONGEST: usize = 64;

/// Answers below `/resourcetags`.
pub(super) fn answer(call: &mut Call<'_>, rest: &[&str]) -> Outcome {
    match (call.method(), rest) {
        (&Method::GET, []) => Ok(list(call)),
        (&Method::GET, ["tags"]) => Ok(count(call)),
        (&Method::PUT, path) => replace(call, path),
        (&Method::DELETE, path) => remove(call, path),
        _ => Err(call.route_not_found()),
    }
}

/// `GET /resourcetags`: what has tags; with `resourceType` of that kind only, with `tag` what has
/// that one in whichever case.
fn list(call: &Call<'_>) -> Reply {
    let query = call.request.uri().query().unwrap_or_default();
    let query: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).collect();
    let (kind, tag) = (query.get("resourceType"), query.get("tag"));
    let tagged = call.world.workspace().tagged().iter();
    let wanted = tagged.filter(|it| {
        let has = |tag: &str| it.tags.iter().any(|own| folded(own) == folded(tag));
        kind.is_none_or(|kind| it.resource.kind() == kind) && tag.is_none_or(|tag| has(tag))
    });
    let records: Vec<Value> = wanted.map(record).collect();
    Reply::json(StatusCode::OK, &json!({ "resources": records }))
}

/// `GET /resourcetags/tags`: the tags in use, and by how many resources.
fn count(call: &Call<'_>) -> Reply {
    let mut counts: BTreeMap<String, (&str, u32)> = BTreeMap::new();
    let tagged = call.world.workspace().tagged().iter();
    for tag in tagged.flat_map(|it| &it.tags) {
        counts.entry(folded(tag)).or_insert((tag, 0)).1 += 1;
    }
    let counts = counts.into_values();
    let counts = counts.map(|(tag, count)| json!({ "tag": tag, "count": count }));
    Reply::json(StatusCode::OK, &json!({ "tags": Vec::from_iter(counts) }))
}

/// `PUT`: these tags in place of any before. What is said to it is unknown; here it is the record.
fn replace(call: &mut Call<'_>, path: &[&str]) -> Outcome {
    let resource = resource(call, path)?;
    let tags = read(&request_body::read(call.request)?)?;
    if call.rules.quirks.tags_need_instance {
        require_instance(call, &resource)?;
    }
    let now = call.now;
    let workspace = call.world.workspace_mut();
    workspace.set_tags(&resource, tags.clone(), now);
    let tagged = Tagged {
        resource,
        tags,
        updated: now,
    };
    Ok(Reply::json(StatusCode::OK, &record(&tagged)))
}

/// `DELETE`: no tags; that there are none is fine.
fn remove(call: &mut Call<'_>, path: &[&str]) -> Outcome {
    let resource = resource(call, path)?;
    request_body::read(call.request)?;
    let now = call.now;
    let workspace = call.world.workspace_mut();
    workspace.set_tags(&resource, Vec::new(), now);
    Ok(Reply::empty())
}

fn resource(call: &Call<'_>, path: &[&str]) -> Result<Resource, Reply> {
    match *path {
        ["instance", service, name] if !name.is_empty() => {
            require_service(service)?;
            Ok(Resource::Instance {
                service: service.to_owned(),
                name: name.to_owned(),
            })
        }
        ["myapp", id] if !id.is_empty() => Ok(Resource::MyApp(id.to_owned())),
        ["mypage", id] if !id.is_empty() => Ok(Resource::MyPage(id.to_owned())),
        _ => Err(call.route_not_found()),
    }
}

/// Refuses an instance that is not there; a suspended one is.
fn require_instance(call: &Call<'_>, resource: &Resource) -> Result<(), Reply> {
    let Resource::Instance { service, name } = resource else {
        return Ok(());
    };
    let found = call.world.instance(service, name);
    if found.is_some_and(|it| !it.is_gone(&call.rules.timing, call.now)) {
        return Ok(());
    }
    Err(absent(format!("No instance {name} of service {service}")))
}

/// The tags in a body, trimmed.
fn read(body: &Value) -> Result<Vec<String>, Reply> {
    let Some(sent) = body.get("tags") else {
        return Err(Reply::invalid("body must have required property 'tags'"));
    };
    let not_texts = || Reply::invalid("body/tags must be array of string");
    let sent = sent.as_array().ok_or_else(not_texts)?;
    let texts: Option<Vec<&str>> = sent.iter().map(Value::as_str).collect();
    let tags: Vec<&str> = texts.ok_or_else(not_texts)?;
    let tags: Vec<String> = tags.into_iter().map(|it| it.trim().to_owned()).collect();
    if tags.len() > MOST {
        return Err(refused(format!("At most {MOST} tags are allowed")));
    }
    for (place, tag) in tags.iter().enumerate() {
        if tag.is_empty() || tag.chars().count() > LONGEST {
            return Err(refused(format!(
                "A tag must have 1 to {LONGEST} characters"
            )));
        }
        let before = &tags[..place];
        if before.iter().any(|other| folded(other) == folded(tag)) {
            return Err(refused(format!("Duplicate tag: {tag}")));
        }
    }
    Ok(tags)
}

/// What is the same for tags that differ in case.
fn folded(tag: &str) -> String {
    tag.to_lowercase()
}

fn record(tagged: &Tagged) -> Value {
    let (service, id) = match &tagged.resource {
        Resource::Instance { service, name } => (Some(service), name),
        Resource::MyApp(id) | Resource::MyPage(id) => (None, id),
    };
    let mut record = json!({
        "resourceType": tagged.resource.kind(),
        "resourceId": id,
        "tags": tagged.tags,
        "updatedAt": tagged.updated.rfc3339(),
    });
    if let Some(service) = service {
        record["serviceId"] = json!(service);
    }
    record
}
