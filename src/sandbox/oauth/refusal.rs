use std::borrow::Cow;

use http::StatusCode;
use serde_json::json;

use crate::sandbox::reply::Reply;

/// An error code of RFC 6749 (4.1.2.1, 5.2) or RFC 7591 (3.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    AccessDenied,
    InvalidClient,
    InvalidClientMetadata,
    InvalidGrant,
    InvalidRedirectUri,
    InvalidRequest,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedResponseType,
}

impl Code {
    /// The word for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Code::AccessDenied => "access_denied",
            Code::InvalidClient => "invalid_client",
            Code::InvalidClientMetadata => "invalid_client_metadata",
            Code::InvalidGrant => "invalid_grant",
            Code::InvalidRedirectUri => "invalid_redirect_uri",
            Code::InvalidRequest => "invalid_request",
            Code::UnauthorizedClient => "unauthorized_client",
            Code::UnsupportedGrantType => "unsupported_grant_type",
            Code::UnsupportedResponseType => "unsupported_response_type",
        }
    }
}

/// A refusal at an endpoint that an app asks itself: 400 and `{error, error_description}`; 401 for
/// a client that is not who it says.
pub(super) fn token(code: Code, description: impl Into<Cow<'static, str>>) -> Reply {
    let document = json!({
        "error": code.as_str(),
        "error_description": description.into(),
    });
    if code == Code::InvalidClient {
        let reply = Reply::json(StatusCode::UNAUTHORIZED, &document);
        return unstored(reply).with("www-authenticate", "Basic realm=\"OSC\"");
    }
    unstored(Reply::json(StatusCode::BAD_REQUEST, &document))
}

/// An answer no cache may keep.
pub(super) fn unstored(reply: Reply) -> Reply {
    reply.with("cache-control", "no-store")
}
