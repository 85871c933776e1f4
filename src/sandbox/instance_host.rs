//! The instances themselves, seen through the ingress (API notes 6.10, 13.2).

use http::StatusCode;

use super::answer::Cut;
use super::call::{Call, Outcome};
use super::catalog::Service;
use super::credentials;
use super::moment::Moment;
use super::reply::Reply;
use super::rules::Rules;
use super::world::World;

/// What comes of a connection to the host of an instance while it is young.
pub(crate) fn window(
    _world: &World,
    _rules: &Rules,
    _now: Moment,
    _service: &Service,
    _name: &str,
) -> Option<Cut> {
    None
}

/// Answers at the host of an instance: nginx until it runs, then a page behind the auth wall.
pub(crate) fn answer(call: &mut Call<'_>, service: &Service, name: &str) -> Outcome {
    let timing = &call.rules.timing;
    let instance = call.world.instance(&service.id, name);
    let Some(instance) = instance.filter(|instance| instance.is_shown(timing, call.now)) else {
        return Err(Reply::nginx(StatusCode::NOT_FOUND));
    };
    // A job has no host, and a deleted instance stops before it vanishes.
    if service.is_job() || instance.deleted.is_some() || !instance.is_up(timing, call.now) {
        return Err(Reply::nginx(StatusCode::SERVICE_UNAVAILABLE));
    }
    // What channels play is public.
    if !service.is_channel_engine() {
        credentials::service_access_token(call, service)?;
    }
    Ok(Reply::page(&format!("{name} ({})", service.id)))
}
