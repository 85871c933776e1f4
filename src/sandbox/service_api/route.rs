//! Which routes a service's API has.

use http::Method;

use super::ports;
use crate::sandbox::catalog::{Generation, Service};

/// A route, with the id from its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'p> {
    Root,
    List,
    Create,
    Read(&'p str),
    Update(&'p str),
    Delete(&'p str),
    Restart(&'p str),
    ReadScale(&'p str),
    Scale(&'p str),
    Health(&'p str),
    Logs(&'p str),
    Ports(&'p str),
    NodePorts(&'p str),
    InternalEndpoint(&'p str),
}

impl<'p> Route<'p> {
    /// Whether it is about a member of the collection itself.
    pub(super) fn is_member(self) -> bool {
        matches!(self, Route::Read(_) | Route::Update(_) | Route::Delete(_))
    }

    /// The id of the instance it is about.
    pub(super) fn id(self) -> Option<&'p str> {
        match self {
            Route::Root | Route::List | Route::Create => None,
            Route::Read(id)
            | Route::Update(id)
            | Route::Delete(id)
            | Route::Restart(id)
            | Route::ReadScale(id)
            | Route::Scale(id)
            | Route::Health(id)
            | Route::Logs(id)
            | Route::Ports(id)
            | Route::NodePorts(id)
            | Route::InternalEndpoint(id) => Some(id),
        }
    }
}

/// The route of a request, if this service has it; which it has follows from its generation
/// (API notes 6.1).
pub(crate) fn find<'p>(service: &Service, method: &Method, path: &'p str) -> Option<Route<'p>> {
    let route = parse(service, method, path)?;
    exists(service, route).then_some(route)
}

/// Whether the service has this kind of route, whatever the id.
pub(super) fn exists(service: &Service, route: Route<'_>) -> bool {
    match route {
        Route::Update(_) => service.can_patch,
        Route::Restart(_) => service.generation >= Generation::Second && !service.is_job(),
        // More specifications have a link for it than the two that describe the route.
        Route::ReadScale(_) | Route::Scale(_) => {
            service.can_scale || (service.generation == Generation::Third && !service.is_job())
        }
        Route::Health(_) => service.has_health(),
        Route::NodePorts(_) => service.generation == Generation::Third,
        Route::InternalEndpoint(_) => ports::inside(service).is_some(),
        _ => true,
    }
}

fn parse<'p>(service: &Service, method: &Method, path: &'p str) -> Option<Route<'p>> {
    if let Some(rest) = path.strip_prefix(service.collection.as_str()) {
        return in_collection(method, rest);
    }
    let mut parts = path.strip_prefix('/')?.split('/');
    let route = match (method, parts.next()?, parts.next()) {
        (&Method::GET, "", None) => Route::Root,
        (&Method::POST, "restart", Some(id)) => Route::Restart(id),
        (&Method::GET, "health", Some(id)) => Route::Health(id),
        (&Method::GET, "logs", Some(id)) => Route::Logs(id),
        (&Method::GET, "ports", Some(id)) => Route::Ports(id),
        (&Method::GET, "nodeports", Some(id)) => Route::NodePorts(id),
        (&Method::GET, "internalendpoint", Some(id)) => Route::InternalEndpoint(id),
        _ => return None,
    };
    parts.next().is_none().then_some(route)
}

fn in_collection<'p>(method: &Method, rest: &'p str) -> Option<Route<'p>> {
    if rest.is_empty() {
        return match *method {
            Method::GET => Some(Route::List),
            Method::POST => Some(Route::Create),
            _ => None,
        };
    }
    let rest = rest.strip_prefix('/')?;
    match (method, rest.split_once('/')) {
        (&Method::GET, None) => Some(Route::Read(rest)),
        (&Method::PATCH, None) => Some(Route::Update(rest)),
        (&Method::DELETE, None) => Some(Route::Delete(rest)),
        (&Method::GET, Some((id, "scale"))) => Some(Route::ReadScale(id)),
        (&Method::PUT, Some((id, "scale"))) => Some(Route::Scale(id)),
        _ => None,
    }
}
