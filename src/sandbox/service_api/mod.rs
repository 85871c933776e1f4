//! The API every service has for its instances (API notes 6).
//!
//! | file | what is in it |
//! |---|---|
//! | `route` | which routes a service has, by generation |
//! | `lifecycle` | create, read, change, restart, scale, delete |
//! | `names` | what the platform makes of a name |
//! | `options` | reading options from a request body |
//! | `document` | the instance document, and how options are echoed |
//! | `resources` | the pages that belong to an instance |
//! | `channel_engine` | the one service with a document of its own |
//! | `observe` | health, logs and the root of the API |
//! | `ports` | external ports, node ports and the address inside the cluster |

mod channel_engine;
mod document;
mod lifecycle;
mod names;
mod observe;
mod options;
mod ports;
mod resources;
mod route;

use http::StatusCode;

use super::call::{Call, Outcome};
use super::catalog::Service;
use super::credentials;
use super::instance::Instance;
use super::reply::Reply;
use super::suspension::Presence;

pub(crate) use document::parameters;
pub(crate) use route::{Route, find as route};

/// The words by which a taken name is known (API notes 6.2).
pub(crate) const NAME_TAKEN: &str = "Name is already taken";

/// Answers at the API host of a service; all of it is behind the ingress's auth wall.
pub(crate) fn answer(call: &mut Call<'_>, service: &'static Service) -> Outcome {
    credentials::service_access_token(call, service)?;
    let Some(route) = route(service, call.method(), call.path) else {
        return Err(call.route_not_found());
    };
    if let Some(id) = route.id() {
        let name = name_of(call.world.tenant(), service, id);
        // Only the collection knows channel-engine's ids (API notes 6.11).
        if name != id && !route.is_member() {
            return Err(not_found());
        }
        require_settled(call, service, name)?;
    }
    match route {
        Route::Root => Ok(observe::root(call, service)),
        Route::List => Ok(lifecycle::list(call, service)),
        Route::Create => lifecycle::create(call, service),
        Route::Read(id) => lifecycle::read(call, service, id),
        Route::Update(id) => lifecycle::update(call, service, id),
        Route::Delete(id) => lifecycle::delete(call, service, id),
        Route::Restart(id) => lifecycle::restart(call, service, id),
        Route::ReadScale(id) => lifecycle::read_scale(call, service, id),
        Route::Scale(id) => lifecycle::scale(call, service, id),
        Route::Health(id) => observe::health(call, service, id),
        Route::Logs(id) => observe::logs(call, service, id),
        Route::Ports(id) => ports::external(call, service, id),
        Route::NodePorts(id) => ports::node(call, service, id),
        Route::InternalEndpoint(id) => ports::internal_endpoint(call, service, id),
    }
}

/// Refuses what is asked of an instance that is just resumed (API notes 6.12).
fn require_settled(call: &Call<'_>, service: &Service, name: &str) -> Result<(), Reply> {
    let instance = call.world.instance(&service.id, name);
    match instance.map(|it| it.presence(&call.rules.timing, call.now)) {
        Some(Presence::Refused) => Err(Reply::nginx(StatusCode::UNAUTHORIZED)),
        Some(Presence::Unrouted) => Err(call.route_not_found()),
        Some(Presence::Suspended | Presence::Unknown) => Err(not_found()),
        Some(Presence::Shown) | None => Ok(()),
    }
}

/// The name an id stands for; channel-engine's ids carry the tenant (API notes 6.11).
pub(crate) fn name_of<'i>(tenant: &str, service: &Service, id: &'i str) -> &'i str {
    if !service.is_channel_engine() {
        return id;
    }
    let bare = id
        .strip_prefix(tenant)
        .and_then(|rest| rest.strip_prefix('-'));
    bare.unwrap_or(id)
}

/// The instance with this id, if reads still show it.
fn shown<'c>(
    call: &'c Call<'_>,
    service: &Service,
    id: &'c str,
) -> Result<(&'c str, &'c Instance), Reply> {
    let name = name_of(call.world.tenant(), service, id);
    let found = call.world.instance(&service.id, name);
    let shown = found.filter(|instance| instance.is_shown(&call.rules.timing, call.now));
    shown.map(|instance| (name, instance)).ok_or_else(not_found)
}

/// The instance with this id to change, if it is not on its way out.
fn kept<'c>(
    call: &'c mut Call<'_>,
    service: &Service,
    id: &'c str,
) -> Result<(&'c str, &'c mut Instance), Reply> {
    let name = name_of(call.world.tenant(), service, id);
    let found = call.world.instance_mut(&service.id, name);
    let kept = found.filter(|instance| instance.deleted.is_none());
    kept.map(|instance| (name, instance)).ok_or_else(not_found)
}

/// The refusal for an instance that reads do not show.
pub(crate) fn not_found() -> Reply {
    Reply::reason(StatusCode::NOT_FOUND, "Instance not found")
}
