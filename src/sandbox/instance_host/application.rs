//! What answers behind the wall.

use http::StatusCode;

use super::{app_config, clickhouse, couchdb, encore, minio};
use crate::sandbox::call::Call;
use crate::sandbox::catalog::Service;
use crate::sandbox::reply::Reply;

/// What the application of a service answers; `None` for a page of its own, whatever the path.
///
/// An instance runs before its application is ready (API notes 13.2). Some say so in their own
/// way; for the others the ingress finds nobody at home.
pub(super) fn answer(call: &Call<'_>, service: &Service, ready: bool) -> Option<Reply> {
    match (service.id.as_str(), ready) {
        ("minio-minio", _) => Some(minio::answer(call, ready)),
        ("apache-couchdb", _) => Some(couchdb::answer(call, ready)),
        ("eyevinn-app-config-svc", _) => app_config::answer(call, ready),
        ("encore", _) => encore::answer(call, ready),
        (_, false) => Some(not_listening()),
        ("clickhouse-clickhouse", true) => Some(clickhouse::answer(call)),
        (_, true) => None,
    }
}

/// The ingress's page for an application that does not listen yet.
pub(super) fn not_listening() -> Reply {
    Reply::nginx(StatusCode::BAD_GATEWAY)
}
