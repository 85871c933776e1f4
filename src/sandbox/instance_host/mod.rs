//! The instances themselves, seen through the ingress (API notes 6.10, 13.2).
//!
//! A young host goes through the windows of [`window()`], then its root answers while everything
//! else is refused, then the auth wall lets service tokens through to the application, which takes
//! a while to start, too.
//!
//! | file | what is in it |
//! |---|---|
//! | `window` | when a host takes no connection, and when nobody trusts it |
//! | `application` | what answers behind the wall |
//! | `minio`, `couchdb`, `clickhouse`, `app_config`, `encore` | applications as a probe meets them |

mod app_config;
mod application;
mod clickhouse;
mod couchdb;
mod encore;
mod minio;
mod window;

use http::StatusCode;

use super::call::{Call, Outcome};
use super::catalog::Service;
use super::credentials;
use super::instance::Instance;
use super::moment::Moment;
use super::reply::Reply;
use super::rules::Rules;
use super::world::World;

pub(crate) use window::window;

/// Answers at the host of an instance: nginx until it runs, then its application behind the auth
/// wall.
pub(crate) fn answer(call: &mut Call<'_>, service: &Service, name: &str) -> Outcome {
    let (rules, now) = (call.rules, call.now);
    let Some(instance) = placed(call.world, rules, now, service, name) else {
        return Err(Reply::nginx(StatusCode::NOT_FOUND));
    };
    // A job has no host, and a deleted instance stops before it vanishes.
    let stopped = service.is_job() || instance.deleted.is_some();
    if stopped || !instance.is_up(&rules.timing, now) {
        return Err(Reply::nginx(StatusCode::SERVICE_UNAVAILABLE));
    }
    let page = || Ok(Reply::page(&format!("{name} ({})", service.id)));
    // What channels play is public.
    if service.is_channel_engine() {
        return page();
    }
    if now < window::open_at(instance, rules) {
        return match call.path {
            "/" => page(),
            _ => Err(Reply::nginx(StatusCode::UNAUTHORIZED)),
        };
    }
    let ready = now >= instance.answers_at(&rules.timing);
    credentials::service_access_token(call, service)?;
    application::answer(call, service, ready).map_or_else(page, Ok)
}

/// The instance with this name, if the cluster has it.
fn placed<'w>(
    world: &'w World,
    rules: &Rules,
    now: Moment,
    service: &Service,
    name: &str,
) -> Option<&'w Instance> {
    let instance = world.instance(&service.id, name)?;
    let absent = instance.is_gone(&rules.timing, now) || instance.is_suspended(now);
    (!absent).then_some(instance)
}
