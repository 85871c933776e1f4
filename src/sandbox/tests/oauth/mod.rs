//! Signing in with OAuth: what browsers and apps see of it.

pub(super) mod app;
mod authorize;
mod browser;
mod discovery;
mod pages;
mod properties;
mod register;
mod request_log;
mod revoke;
mod rotation;
mod session;
mod token;
mod workspaces;

use http::Request;

use super::client::Client;

/// The path of the authorization endpoint.
const AUTHORIZE: &str = "https://app.osaas.io/api/connect/authorize";

/// Whether an access token is good at a host that takes one.
pub(super) fn is_good(client: &mut Client, access_token: &str) -> bool {
    let request = Request::builder()
        .uri("https://money.svc.prod.osaas.io/mytenantplan")
        .header("x-pat-jwt", format!("Bearer {access_token}"));
    let said = client.send(request.body(Default::default()).unwrap());
    assert!([200, 401].contains(&said.status.as_u16()), "{said:?}");
    said.status == 200
}
