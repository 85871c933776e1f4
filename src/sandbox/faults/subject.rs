//! What a request is about, as far as a fault minds.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;

use crate::sandbox::catalog::{self, Service};
use crate::sandbox::destination::Destination;
use crate::sandbox::moment::Moment;
use crate::sandbox::oauth;
use crate::sandbox::service_api::{self, Route};
use crate::sandbox::world::World;

/// What is done by a request, or before one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Act {
    /// A read at a role of the platform.
    RoleRead,
    /// A change at a role of the platform.
    RoleChange,
    /// Asking for a service token.
    IssueToken,
    /// A page or document of the console.
    AppRead,
    /// A form of the console, registering a client, or taking tokens back.
    AppChange,
    /// A code for tokens.
    Exchange,
    /// A refresh token for new ones.
    Refresh,
    /// The instances of a service.
    List,
    /// One instance.
    Read,
    Create,
    Patch,
    Delete,
    Restart,
    Scale,
    Health,
    Logs,
    Ports,
    /// A new connection to an instance's host.
    Connect,
    /// A request to an instance's host.
    Visit,
    /// A request that leads nowhere.
    Stray,
}

/// What a request or a new connection is about.
#[derive(Clone, Debug)]
pub(in crate::sandbox) struct Subject {
    /// What is done.
    pub(super) act: Act,
    /// The role of the platform that is asked.
    pub(super) role: Option<String>,
    /// The service it is about.
    pub(super) service: Option<&'static str>,
    /// The name of the instance it is about.
    pub(super) name: Option<String>,
    /// When that instance was created and last started; nothing where there is none.
    pub(super) life: Option<(Moment, Moment)>,
}

impl Subject {
    /// Of a request that has come this far.
    pub(in crate::sandbox) fn of(
        world: &World,
        destination: &Destination,
        path: &str,
        request: &Request<Bytes>,
    ) -> Subject {
        match destination {
            Destination::Service(service) => of_service(world, service, path, request),
            Destination::Instance(service, name) => {
                Subject::nowhere(Act::Visit).about(world, service, Some(name.clone()))
            }
            Destination::Nowhere => Subject::nowhere(Act::Stray),
            Destination::App => Subject {
                role: Some(destination.label()),
                ..Subject::nowhere(of_app(path, request))
            },
            Destination::Token => Subject {
                role: Some(destination.label()),
                service: token_for(request),
                ..Subject::nowhere(Act::IssueToken)
            },
            role => Subject {
                role: Some(role.label()),
                ..Subject::nowhere(if request.method() == Method::GET {
                    Act::RoleRead
                } else {
                    Act::RoleChange
                })
            },
        }
    }

    /// Of a new connection to an instance's host.
    pub(in crate::sandbox) fn of_connection(
        world: &World,
        service: &'static Service,
        name: &str,
    ) -> Subject {
        Subject::nowhere(Act::Connect).about(world, service, Some(name.to_owned()))
    }

    fn nowhere(act: Act) -> Subject {
        Subject {
            act,
            role: None,
            service: None,
            name: None,
            life: None,
        }
    }

    fn about(self, world: &World, service: &'static Service, name: Option<String>) -> Subject {
        let instance = name
            .as_ref()
            .and_then(|name| world.instance(&service.id, name));
        Subject {
            service: Some(&service.id),
            life: instance.map(|instance| (instance.created, instance.started)),
            name,
            ..self
        }
    }
}

fn of_service(
    world: &World,
    service: &'static Service,
    path: &str,
    request: &Request<Bytes>,
) -> Subject {
    let Some(route) = service_api::route(service, request.method(), path) else {
        return Subject::nowhere(Act::Stray).about(world, service, None);
    };
    let (act, id) = match route {
        Route::Root | Route::List => (Act::List, None),
        Route::Create => {
            return Subject::nowhere(Act::Create).about(world, service, name_sent(request));
        }
        Route::Read(id) | Route::ReadScale(id) | Route::InternalEndpoint(id) => {
            (Act::Read, Some(id))
        }
        Route::Update(id) => (Act::Patch, Some(id)),
        Route::Delete(id) => (Act::Delete, Some(id)),
        Route::Restart(id) => (Act::Restart, Some(id)),
        Route::Scale(id) => (Act::Scale, Some(id)),
        Route::Health(id) => (Act::Health, Some(id)),
        Route::Logs(id) => (Act::Logs, Some(id)),
        Route::Ports(id) | Route::NodePorts(id) => (Act::Ports, Some(id)),
    };
    let name = id.map(|id| service_api::name_of(world.tenant(), service, id).to_owned());
    Subject::nowhere(act).about(world, service, name)
}

fn of_app(path: &str, request: &Request<Bytes>) -> Act {
    match oauth::grant_type(path, request).as_deref() {
        Some("authorization_code") => Act::Exchange,
        Some("refresh_token") => Act::Refresh,
        _ if request.method() == Method::GET => Act::AppRead,
        _ => Act::AppChange,
    }
}

fn name_sent(request: &Request<Bytes>) -> Option<String> {
    let body: Value = serde_json::from_slice(request.body()).ok()?;
    Some(body["name"].as_str()?.to_lowercase())
}

fn token_for(request: &Request<Bytes>) -> Option<&'static str> {
    let body: Value = serde_json::from_slice(request.body()).ok()?;
    let service = catalog::find(body["serviceId"].as_str()?)?;
    Some(&service.id)
}
