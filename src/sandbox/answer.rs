//! The emulator itself: one function.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::addressing::Addressing;
use super::call::{Call, Outcome};
use super::destination::{self, Destination};
use super::faults::{Faults, Subject};
use super::moment::Moment;
use super::reply::Reply;
use super::rules::Rules;
use super::workspace::Workspace;
use super::world::World;
use super::{credentials, instance_host, oauth, roles, service_api};

/// What the platform says, and when.
#[derive(Debug)]
pub struct Answer {
    /// The response, or what comes of the connection without one.
    pub response: Result<Response<Bytes>, Cut>,
    /// How long the caller waits for it; the request has taken effect before that.
    pub after: Duration,
}

/// How a connection ends without a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It is not taken: nothing listens at that host yet.
    Refused,
    /// The host shows a certificate that nobody trusts (API notes 13.2).
    Untrusted,
    /// It is closed before an answer.
    Dropped,
    /// It stays open, and silent.
    Silent,
}

impl Answer {
    /// One that is not waited for.
    pub(crate) fn at_once(response: Result<Response<Bytes>, Cut>) -> Answer {
        Answer {
            response,
            after: Duration::ZERO,
        }
    }

    /// The same with another response, if there is one.
    pub(crate) fn map(self, rewrite: impl FnOnce(Response<Bytes>) -> Response<Bytes>) -> Answer {
        Answer {
            response: self.response.map(rewrite),
            ..self
        }
    }

    /// The same, but the connection ends before it.
    pub(crate) fn cut(self, cut: Cut) -> Answer {
        Answer {
            response: Err(cut),
            ..self
        }
    }

    /// Whether a caller could not tell it from another.
    pub(crate) fn is_like(&self, other: &Answer) -> bool {
        let alike = match (&self.response, &other.response) {
            (Ok(one), Ok(other)) => {
                one.status() == other.status()
                    && one.headers() == other.headers()
                    && one.body() == other.body()
            }
            (one, other) => one.as_ref().err() == other.as_ref().err(),
        };
        alike && self.after == other.after
    }

    /// The same, that much later.
    pub(crate) fn later(self, span: Duration) -> Answer {
        Answer {
            after: self.after.saturating_add(span),
            ..self
        }
    }
}

/// Answers a request as OSC would at that time.
///
/// Takes effect on the world at `now`; what follows by itself later is derived from the times
/// stored then, so requests that only read leave the world as it was. No I/O, no clock, no
/// randomness; never panics.
///
/// The destination is found from the absolute URI or the `Host` header under
/// [`Addressing::Osc`](super::Addressing::Osc), from the first part of the path otherwise.
pub fn answer(
    world: &mut World,
    rules: &Rules,
    now: SystemTime,
    request: &Request<Bytes>,
) -> Answer {
    answer_with(world, rules, &mut Faults::default(), now, request)
}

/// Answers a request on a new connection as OSC would with these faults.
///
/// Like [`answer()`]; the faults count what they meet, and some change the world in ways that the
/// request alone does not.
pub fn answer_with(
    world: &mut World,
    rules: &Rules,
    faults: &mut Faults,
    now: SystemTime,
    request: &Request<Bytes>,
) -> Answer {
    let tenant = tenant_of(world, &rules.addressing, request);
    world.act_in(tenant.as_deref(), |world| {
        let (destination, _) = destination::locate(&rules.addressing, world.tenant(), request);
        match cut_of(world, rules, faults, now.into(), &destination) {
            Some(cut) => Answer::at_once(Err(cut)),
            None => answer_in_workspace(world, rules, faults, now.into(), request),
        }
    })
}

/// What comes of a new connection to a host, if it does not stand (API notes 13.2).
pub(crate) fn connection(
    world: &mut World,
    rules: &Rules,
    faults: &mut Faults,
    now: SystemTime,
    host: &str,
) -> Option<Cut> {
    let tenants = world.workspaces().map(Workspace::tenant);
    let tenant = destination::tenant_of_host(tenants, host).map(str::to_owned);
    world.act_in(tenant.as_deref(), |world| {
        let destination = destination::of_host(world.tenant(), host);
        cut_of(world, rules, faults, now.into(), &destination)
    })
}

/// The workspace a request is for: that of its token, or at the host of an instance the one in the
/// host's name. `None` leaves it open, and so to the first.
pub(crate) fn tenant_of(
    world: &World,
    addressing: &Addressing,
    request: &Request<Bytes>,
) -> Option<String> {
    if *addressing == Addressing::Osc {
        let tenants = world.workspaces().map(Workspace::tenant);
        if let Some(tenant) = destination::tenant_of(tenants, request) {
            return Some(tenant.to_owned());
        }
    }
    let of_service = || credentials::tenant_of(world, request, &["x-jwt", "authorization"]);
    match destination::locate(addressing, world.tenant(), request).0 {
        Destination::Service(_) => of_service(),
        // Under prefixes its address does not tell whose it is.
        Destination::Instance(service, name) => of_service().or_else(|| {
            let owner = world.owner_of(&service.id, &name)?;
            Some(owner.tenant().to_owned())
        }),
        _ => credentials::tenant_of(world, request, &["x-pat-jwt"]),
    }
}

fn cut_of(
    world: &World,
    rules: &Rules,
    faults: &mut Faults,
    now: Moment,
    destination: &Destination,
) -> Option<Cut> {
    let Destination::Instance(service, name) = destination else {
        return None;
    };
    instance_host::window(world, rules, now, service, name).or_else(|| {
        let subject = Subject::of_connection(world, service, name);
        let strike = faults.meet(&subject, now)?;
        faults.count(&strike);
        strike.cut()
    })
}

/// Answers a request on a connection that stands.
pub(crate) fn answer_connected(
    world: &mut World,
    rules: &Rules,
    faults: &mut Faults,
    now: SystemTime,
    request: &Request<Bytes>,
) -> Answer {
    let tenant = tenant_of(world, &rules.addressing, request);
    world.act_in(tenant.as_deref(), |world| {
        answer_in_workspace(world, rules, faults, now.into(), request)
    })
}

fn answer_in_workspace(
    world: &mut World,
    rules: &Rules,
    faults: &mut Faults,
    now: Moment,
    request: &Request<Bytes>,
) -> Answer {
    let struck = if faults.is_empty() {
        None
    } else {
        let (destination, path) = destination::locate(&rules.addressing, world.tenant(), request);
        let subject = Subject::of(world, &destination, path, request);
        faults.meet(&subject, now)
    };
    match struck {
        Some(strike) => {
            let (answer, differs) = strike.answer(world, rules, now, request);
            if differs {
                faults.count(&strike);
            }
            answer
        }
        None => respond(world, rules, now, request),
    }
}

/// Answers a request that nothing strikes, in the workspace the world is in.
pub(crate) fn respond(
    world: &mut World,
    rules: &Rules,
    now: Moment,
    request: &Request<Bytes>,
) -> Answer {
    let (destination, path) = destination::locate(&rules.addressing, world.tenant(), request);
    if let Destination::Instance(service, name) = &destination
        && let Some(cut) = instance_host::window(world, rules, now, service, name)
    {
        return Answer {
            response: Err(cut),
            after: Duration::ZERO,
        };
    }
    let mut call = Call {
        world,
        rules,
        now,
        request,
        path,
    };
    let reply = dispatch(&mut call, &destination).unwrap_or_else(|refusal| refusal);
    let (response, after) = reply.into_parts();
    Answer {
        response: Ok(response),
        after,
    }
}

fn dispatch(call: &mut Call<'_>, destination: &Destination) -> Outcome {
    match destination {
        Destination::Catalog => roles::catalog::answer(call),
        Destination::Token => roles::token::answer(call),
        Destination::Money => roles::money::answer(call),
        Destination::Deploy => roles::deploy::answer(call),
        Destination::App => oauth::answer(call),
        Destination::Service(service) => service_api::answer(call, service),
        Destination::Instance(service, name) => instance_host::answer(call, service, name),
        Destination::Nowhere => Err(Reply::nginx(StatusCode::NOT_FOUND)),
    }
}
