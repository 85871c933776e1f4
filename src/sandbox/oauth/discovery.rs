use http::StatusCode;
use serde_json::json;

use super::{AUTHORIZE, REGISTER, REVOKE, TOKEN};
use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;

/// Whether a path is one of the two at which the document is looked for: that of RFC 8414 has the
/// path of the issuer at its end, that of OpenID Connect comes after it.
pub(super) fn is_at(call: &Call<'_>, path: &str) -> bool {
    let issuer = call.rules.addressing.app_path();
    let inserted = path.strip_prefix("/.well-known/oauth-authorization-server");
    inserted == Some(issuer) || path == "/.well-known/openid-configuration"
}

/// The server's metadata (RFC 8414, 2). OSC is not known to publish any (API notes 2.1).
pub(super) fn document(call: &Call<'_>) -> Reply {
    let issuer = call.rules.addressing.app_url();
    let at = |path: &str| format!("{issuer}{path}");
    let authentication = ["none", "client_secret_post", "client_secret_basic"];
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": at(AUTHORIZE),
        "token_endpoint": at(TOKEN),
        "registration_endpoint": at(REGISTER),
        "revocation_endpoint": at(REVOKE),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": authentication,
        "revocation_endpoint_auth_methods_supported": authentication,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    Reply::json(StatusCode::OK, &document)
}
