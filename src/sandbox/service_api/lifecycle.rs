//! Creating, reading, changing and deleting instances (API notes 6.2, 6.5, 6.6, 6.8).

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::document::{self, Occasion};
use super::options::{self, Setting};
use super::{NAME_TAKEN, kept, name_of, names, not_found, shown};
use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::catalog::Service;
use crate::sandbox::instance::Instance;
use crate::sandbox::reply::Reply;
use crate::sandbox::request_body;

/// `GET {coll}`: the instances, by name.
pub(super) fn list(call: &Call<'_>, service: &Service) -> Reply {
    let all = call.world.instances(&service.id);
    let shown = all.filter(|(_, instance)| instance.is_shown(&call.rules.timing, call.now));
    let documents =
        shown.map(|(name, instance)| document::of(call, service, name, instance, Occasion::Read));
    Reply::json(StatusCode::OK, &Value::Array(documents.collect()))
}

/// `POST {coll}`: a new instance; 200, on channel-engine 201.
///
/// A name that is taken, by an instance on its way out too, is refused with 409.
pub(super) fn create(call: &mut Call<'_>, service: &Service) -> Outcome {
    let body = request_body::read(call.request)?;
    let (sent, settings) = options::read_all(service, &body)?;
    let name = names::settle(call.world.tenant(), service, &sent)?;
    call.world.forget_gone(&call.rules.timing, call.now);
    if call.world.instance(&service.id, &name).is_some() {
        return Err(Reply::reason(StatusCode::CONFLICT, NAME_TAKEN));
    }
    let set = settings
        .into_iter()
        .filter_map(|(option, value)| Some((option, value?)));
    let secrets = call.world.workspace().secrets_of(&service.id);
    let public = options::wants_public(&body);
    let instance = Instance::new(set.collect(), public, call.now, &secrets);
    let document = document::of(call, service, &name, &instance, Occasion::Created);
    call.world.insert(&service.id, &name, instance);
    changes_records(call, service, &name, call.rules.timing.create_takes);
    let status = if service.is_channel_engine() {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok(Reply::json(status, &document).after(call.rules.timing.create_takes))
}

/// `GET {coll}/{id}`: one instance.
pub(super) fn read(call: &Call<'_>, service: &Service, id: &str) -> Outcome {
    let (name, instance) = shown(call, service, id)?;
    let document = document::of(call, service, name, instance, Occasion::Read);
    Ok(Reply::json(StatusCode::OK, &document))
}

/// `PATCH {coll}/{id}`: changes the options given, and starts the instance again.
pub(super) fn update(call: &mut Call<'_>, service: &Service, id: &str) -> Outcome {
    let body = request_body::read(call.request)?;
    let settings = options::read_some(service, &body)?;
    let (rules, now) = (call.rules, call.now);
    let secrets = call.world.workspace().secrets_of(&service.id);
    let (_, instance) = kept(call, service, id)?;
    instance.settle(&rules.timing, now);
    merge(instance, settings);
    instance.changed = Some(now);
    instance.start(now, &secrets);
    Ok(read(call, service, id)?.after(call.rules.timing.restart_takes))
}

fn merge(instance: &mut Instance, settings: Vec<Setting>) {
    for (option, value) in settings {
        match value {
            Some(value) => instance.options.insert(option, value),
            None => instance.options.remove(&option),
        };
    }
}

/// `POST /restart/{id}`: starts the instance again.
pub(super) fn restart(call: &mut Call<'_>, service: &Service, id: &str) -> Outcome {
    request_body::read(call.request)?;
    let (rules, now) = (call.rules, call.now);
    let secrets = call.world.workspace().secrets_of(&service.id);
    let (_, instance) = kept(call, service, id)?;
    instance.settle(&rules.timing, now);
    instance.start(now, &secrets);
    Ok(Reply::empty().after(call.rules.timing.restart_takes))
}

/// `DELETE {coll}/{id}`: 204 after a while; reads show the instance for a while longer.
///
/// Asked again meanwhile it is 204 again, and the first request counts.
pub(super) fn delete(call: &mut Call<'_>, service: &Service, id: &str) -> Outcome {
    request_body::read(call.request)?;
    shown(call, service, id)?;
    let name = name_of(call.world.tenant(), service, id);
    let now = call.now;
    let instance = call
        .world
        .instance_mut(&service.id, name)
        .ok_or_else(not_found)?;
    instance.deleted = instance.deleted.or(Some(now));
    changes_records(call, service, name, call.rules.timing.delete_takes);
    Ok(Reply::empty().after(call.rules.timing.delete_takes))
}

/// Creating and deleting touch the records of suspended instances, too (API notes 6.12).
fn changes_records(call: &mut Call<'_>, service: &Service, name: &str, takes: Duration) {
    let until = call.now.plus(takes);
    call.world
        .change_records(call.rules, call.now, (&service.id, name), until);
}

/// `GET {coll}/{id}/scale`: how many replicas there are.
pub(super) fn read_scale(call: &Call<'_>, service: &Service, id: &str) -> Outcome {
    let (_, instance) = shown(call, service, id)?;
    let up = instance.is_up(&call.rules.timing, call.now);
    let actual = if up { instance.replicas } else { 0 };
    let document = json!({ "actualReplicas": actual, "desiredReplicas": instance.replicas });
    Ok(Reply::json(StatusCode::OK, &document))
}

/// `PUT {coll}/{id}/scale`: how many replicas there shall be.
pub(super) fn scale(call: &mut Call<'_>, service: &Service, id: &str) -> Outcome {
    let body = request_body::read(call.request)?;
    let replicas = options::read_replicas(&body)?;
    let (_, instance) = kept(call, service, id)?;
    instance.replicas = replicas;
    read_scale(call, service, id)
}
