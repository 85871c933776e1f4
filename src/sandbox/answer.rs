//! The emulator itself: one function.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use super::call::{Call, Outcome};
use super::destination::{self, Destination};
use super::reply::Reply;
use super::rules::Rules;
use super::world::World;
use super::{credentials, instance_host, roles, service_api};

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
    let (destination, path) = destination::locate(&rules.addressing, world.tenant(), request);
    let mut call = Call {
        world,
        rules,
        now: now.into(),
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
        Destination::Deploy => {
            credentials::personal_access_token(call)?;
            match (call.method(), call.path) {
                // Nothing gets suspended here.
                (&Method::GET, "/mysuspended") => {
                    Ok(Reply::json(StatusCode::OK, &serde_json::json!([])))
                }
                _ => Err(call.route_not_found()),
            }
        }
        Destination::App => Err(call.route_not_found()),
        Destination::Service(service) => service_api::answer(call, service),
        Destination::Instance(service, name) => instance_host::answer(call, service, name),
        Destination::Nowhere => Err(Reply::nginx(StatusCode::NOT_FOUND)),
    }
}
