use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::client::Client;
use super::parameters::Parameters;
use super::refusal::{self, Code};
use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;

/// The client that sends a form, which must show that it is itself: by its secret in the form or
/// in an `Authorization: Basic` header, not in both (RFC 6749, 2.3.1). Public clients have none.
pub(super) fn authenticated(call: &Call<'_>, form: &Parameters) -> Result<Client, Reply> {
    let basic = match call.header("authorization") {
        Some(header) => Some(basic(header).ok_or_else(|| {
            refusal::token(Code::InvalidClient, "The Authorization header is not Basic")
        })?),
        None => None,
    };
    let in_form = form.get("client_id");
    let (id, secret) = match &basic {
        Some((id, secret)) => {
            if form.get("client_secret").is_some() || in_form.is_some_and(|it| it != id) {
                let description = "The client shows who it is in two ways";
                return Err(refusal::token(Code::InvalidRequest, description));
            }
            (id.as_str(), Some(secret.as_str()))
        }
        None => (form.require("client_id")?, form.get("client_secret")),
    };
    Client::find(call.world.oauth(), id)
        .filter(|client| client.is_shown_by(call.world.key(), secret))
        .ok_or_else(|| {
            let description = "The client is not known, or its secret is wrong or missing";
            refusal::token(Code::InvalidClient, description)
        })
}

/// Id and secret, each encoded as in a form.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then_some(())?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decoded(id), decoded(secret)))
}

fn decoded(text: &str) -> String {
    let mut pairs = form_urlencoded::parse(text.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(key, _)| key.into_owned())
}
