//! The console's OAuth server: a person signs in, allows an app to act in a workspace, and the
//! app gets tokens for it (API notes 2; RFC 6749, 7636, 9207).
//!
//! The world keeps who is registered and what was allowed, but no code, token or secret: those
//! follow from its key and from numbers kept.
//!
//! | file | what is in it |
//! |---|---|
//! | `ledger` | the clients there are, and what people have allowed them |
//! | `client` | one client: the command line, or a registered one |
//! | `grant` | what one person allowed one client: a code, and the tokens that came of it |
//! | `ticket` | codes and refresh tokens as text |
//! | `parameters` | queries and forms |
//! | `inquiry` | what an app asks for at the authorization endpoint |
//! | `authorize` | the authorization endpoint: pages, and what their forms do |
//! | `session` | who is signed in with a browser, and that a form is from there |
//! | `pages` | the HTML |
//! | `token` | the token endpoint |
//! | `client_authentication` | which client asks for tokens |
//! | `register`, `registration` | registering clients |
//! | `revoke` | taking tokens back |
//! | `discovery` | the document that tells where all this is |
//! | `refusal` | errors as RFC 6749 has them |

mod authorize;
mod client;
mod client_authentication;
mod discovery;
mod grant;
mod inquiry;
mod ledger;
mod pages;
mod parameters;
mod refusal;
mod register;
mod registration;
mod revoke;
mod session;
mod ticket;
mod token;

use bytes::Bytes;
use http::{Method, Request};

use self::parameters::Parameters;
use super::call::{Call, Outcome};

pub(crate) use ledger::Ledger;
pub use registration::{ClientCredentials, RegistrationError};

const AUTHORIZE: &str = "/api/connect/authorize";
const TOKEN: &str = "/api/connect/token";
const REGISTER: &str = "/api/connect/register";
const REVOKE: &str = "/api/connect/revoke";

/// Answers at the console's host.
pub(crate) fn answer(call: &mut Call<'_>) -> Outcome {
    match (call.method(), call.path) {
        (&Method::GET, AUTHORIZE) => authorize::show(call),
        (&Method::POST, AUTHORIZE) => authorize::submit(call),
        (&Method::POST, TOKEN) => token::answer(call),
        (&Method::POST, REGISTER) => register::answer(call),
        (&Method::POST, REVOKE) => revoke::answer(call),
        (&Method::GET, path) if discovery::is_at(call, path) => Ok(discovery::document(call)),
        _ => Err(call.route_not_found()),
    }
}

/// What a request to the token endpoint asks for; nothing where it is none.
pub(crate) fn grant_type(path: &str, request: &Request<Bytes>) -> Option<String> {
    if path != TOKEN {
        return None;
    }
    let form = Parameters::of_form(request).ok()?;
    form.get("grant_type").map(str::to_owned)
}
