//! The instance document and its echo of options (API notes 6.3).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::route::{self, Route};
use super::{channel_engine, resources};
use crate::sandbox::call::Call;
use crate::sandbox::catalog::{Generation, OptionSpec, Service};
use crate::sandbox::instance::{Instance, OptionValue};

/// The answer a document is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// To a create request.
    Created,
    /// To any other.
    Read,
}

/// The document of an instance.
pub(super) fn of(
    call: &Call<'_>,
    service: &Service,
    name: &str,
    instance: &Instance,
    occasion: Occasion,
) -> Value {
    let options = instance.options_at(&call.rules.timing, call.now);
    let options = echo(service, options);
    if service.is_channel_engine() {
        return channel_engine::document(call, service, name, options, occasion);
    }
    let url = call
        .rules
        .addressing
        .instance_url(call.world.tenant(), service, name);
    let mut document = Map::new();
    document.insert("name".to_owned(), json!(name));
    document.insert("url".to_owned(), json!(with_slash(service, &url)));
    document.insert("resources".to_owned(), resources::of(service, &url));
    document.extend(options);
    if service.is_job() {
        let status = instance.job_status(&call.rules.timing, call.now);
        document.insert("status".to_owned(), json!(status));
    }
    if service.generation >= Generation::Second {
        document.insert("_links".to_owned(), links(call, service, name, name));
    }
    Value::Object(document)
}

/// The links of an instance: one for each route there is (API notes 6.3).
pub(super) fn links(call: &Call<'_>, service: &Service, id: &str, name: &str) -> Value {
    let own = format!("{}/{id}", service.collection);
    let candidates = [
        ("self", Route::Read(id), own.clone()),
        ("logs", Route::Logs(name), format!("/logs/{name}")),
        ("health", Route::Health(name), format!("/health/{name}")),
        ("ports", Route::Ports(name), format!("/ports/{name}")),
        ("restart", Route::Restart(name), format!("/restart/{name}")),
        ("update", Route::Update(id), own.clone()),
        ("scale", Route::Scale(id), format!("{own}/scale")),
        (
            "nodePorts",
            Route::NodePorts(name),
            format!("/nodeports/{name}"),
        ),
        (
            "internalEndpoint",
            Route::InternalEndpoint(name),
            format!("/internalendpoint/{name}"),
        ),
    ];
    let present = candidates
        .into_iter()
        .filter(|(_, route, _)| route::exists(service, *route));
    let links = present.map(|(rel, _, path)| {
        (
            rel.to_owned(),
            json!({ "href": call.rules.addressing.href(service, &path) }),
        )
    });
    Value::Object(links.collect())
}

/// Both forms of the address occur; here the middle generation has the slash (API notes 1).
fn with_slash(service: &Service, url: &str) -> String {
    let slash = if service.generation == Generation::Second {
        "/"
    } else {
        ""
    };
    format!("{url}{slash}")
}

/// The name and the options that are set, as a create request has them.
pub(crate) fn parameters(service: &Service, name: &str, instance: &Instance) -> Value {
    let mut parameters = Map::new();
    parameters.insert("name".to_owned(), json!(name));
    for (option, value) in &instance.options {
        place(&mut parameters, option, shown(service, value));
    }
    Value::Object(parameters)
}

/// The options as a read shows them: in clear, dotted names as nested objects.
fn echo(service: &Service, options: &BTreeMap<String, OptionValue>) -> Map<String, Value> {
    let mut echoed = Map::new();
    for option in service.settings() {
        let set = options.get(&option.name);
        let shown = match set {
            Some(value) => Some(shown(service, value)),
            None => unset(service, option),
        };
        if let Some(shown) = shown {
            place(&mut echoed, &option.name, shown);
        }
    }
    echoed
}

fn shown(service: &Service, value: &OptionValue) -> Value {
    match value {
        OptionValue::Flag(flag) if service.generation == Generation::Third => json!(flag),
        OptionValue::Flag(flag) => json!(flag.to_string()),
        OptionValue::Text(text) => json!(text),
    }
}

/// What stands for an option without a value differs between services; all three were seen
/// (API notes 6.3).
fn unset(service: &Service, option: &OptionSpec) -> Option<Value> {
    match service.generation {
        Generation::First => None,
        Generation::Second => Some(json!("undefined")),
        // A response schema that says boolean cannot carry an empty text.
        Generation::Third if option.is_boolean() => None,
        Generation::Third => Some(json!("")),
    }
}

fn place(object: &mut Map<String, Value>, name: &str, value: Value) {
    let Some((first, rest)) = name.split_once('.') else {
        object.insert(name.to_owned(), value);
        return;
    };
    let inner = object
        .entry(first)
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        place(inner, rest, value);
    }
}
