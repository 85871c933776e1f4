//! The two kinds of token: issuing and checking (API notes 2.5, 3, 5).

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::call::Call;
use super::catalog::Service;
use super::jwt::SigningKey;
use super::moment::Moment;
use super::reply::Reply;
use super::world::World;

const ISSUER: &str = "token.osaas.eyevinn.se";

/// Makes a personal access token for a workspace and a user; without a lifetime it has no `exp`, as
/// those of the console.
pub(crate) fn issue_personal(
    key: &SigningKey,
    (tenant, user): (&str, &str),
    pat_id: &str,
    now: Moment,
    lifetime: Option<Duration>,
) -> String {
    let mut claims = json!({
        "iss": ISSUER,
        "iat": now.seconds(),
        "tenantId": tenant,
        "userId": user,
        "patId": pat_id,
    });
    if let Some(lifetime) = lifetime {
        claims["exp"] = json!(now.plus(lifetime).seconds());
    }
    key.sign(&claims)
}

/// Makes a service access token: the token and the Unix second it expires at.
pub(crate) fn issue_service(
    world: &World,
    service: &Service,
    now: Moment,
    lifetime: Duration,
) -> (String, u64) {
    let expiry = now.plus(lifetime).seconds();
    let claims = json!({
        "iss": ISSUER,
        "iat": now.seconds(),
        "exp": expiry,
        "tenantId": world.tenant(),
        "serviceId": service.id,
    });
    (world.key().sign(&claims), expiry)
}

/// Requires a personal access token in `x-pat-jwt`, else refuses with 401 `{reason}`.
pub(crate) fn personal_access_token(call: &Call<'_>) -> Result<(), Reply> {
    let refusal = || Reply::reason(StatusCode::UNAUTHORIZED, "Invalid or missing access token");
    if has_personal(call) {
        Ok(())
    } else {
        Err(refusal())
    }
}

/// Requires a personal access token as the catalog does: its refusal is a 500, because the
/// framework cannot serialise its own (API notes 3).
pub(crate) fn personal_access_token_at_catalog(call: &Call<'_>) -> Result<(), Reply> {
    if has_personal(call) {
        return Ok(());
    }
    Err(Reply::fastify(
        StatusCode::INTERNAL_SERVER_ERROR,
        "FST_ERR_FAILED_ERROR_SERIALIZATION",
        "Failed to serialize an error. Error: \"reason\" is required!. Original error: \
         Authorization header format is Bearer [token]",
    ))
}

/// Requires a service access token of this service, else refuses with nginx's page.
pub(crate) fn service_access_token(call: &Call<'_>, service: &Service) -> Result<(), Reply> {
    let presented = [call.header("x-jwt"), call.header("authorization")];
    let good = presented.into_iter().flatten().any(|value| {
        let claims = bearer(value).and_then(|token| valid_claims(call, token));
        claims.is_some_and(|claims| claims["serviceId"] == service.id.as_str())
    });
    if good {
        Ok(())
    } else {
        Err(Reply::nginx(StatusCode::UNAUTHORIZED))
    }
}

fn has_personal(call: &Call<'_>) -> bool {
    let token = call.header("x-pat-jwt").and_then(bearer);
    let claims = token.and_then(|token| valid_claims(call, token));
    let pat_id = claims.as_ref().and_then(|claims| claims["patId"].as_str());
    pat_id.is_some_and(|pat_id| !call.world.oauth().is_revoked(pat_id))
}

/// The id of a personal access token of this world, be it good still or not.
pub(crate) fn pat_id(world: &World, token: &str) -> Option<String> {
    let claims = world.key().verify(token)?;
    Some(claims["patId"].as_str()?.to_owned())
}

/// The workspace of the first token of this world in these headers.
pub(crate) fn tenant_of(
    world: &World,
    request: &Request<Bytes>,
    headers: &[&str],
) -> Option<String> {
    headers.iter().find_map(|name| {
        let value = request.headers().get(*name)?.to_str().ok()?;
        let claims = world.key().verify(bearer(value)?)?;
        Some(claims["tenantId"].as_str()?.to_owned())
    })
}

fn bearer(value: &str) -> Option<&str> {
    value.strip_prefix("Bearer ").map(str::trim)
}

/// The claims of a token of this world and tenant that has not expired.
fn valid_claims(call: &Call<'_>, token: &str) -> Option<Value> {
    let claims = call.world.key().verify(token)?;
    let ours = claims["iss"] == ISSUER && claims["tenantId"] == call.world.tenant();
    let live = match claims.get("exp") {
        None => true,
        Some(expiry) => expiry
            .as_u64()
            .is_some_and(|expiry| call.now.seconds() < expiry),
    };
    (ours && live).then_some(claims)
}
