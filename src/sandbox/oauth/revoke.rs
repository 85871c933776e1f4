use http::StatusCode;

use super::client_authentication::authenticated;
use super::parameters::Parameters;
use super::refusal::{self, Code, unstored};
use super::ticket::{Kind, Ticket};
use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::credentials;
use crate::sandbox::reply::Reply;

/// `POST`: takes back a refresh or access token, and all others of the same sign-in (RFC 7009).
///
/// Done also where the token is not known. OSC is not known to have this.
pub(super) fn answer(call: &mut Call<'_>) -> Outcome {
    let form = Parameters::of_form(call.request)?;
    let token = form.require("token")?;
    let client = authenticated(call, &form)?;
    let ticket = Ticket::read(call.world.key(), Kind::Refresh, token);
    let pat_id = credentials::pat_id(call.world, token);
    let ledger = call.world.oauth_mut();
    let grant = match (ticket, pat_id) {
        (Some(ticket), _) => ledger.grant_mut(ticket.grant),
        (None, Some(pat_id)) => ledger.grant_of_mut(&pat_id),
        (None, None) => None,
    };
    if let Some(grant) = grant {
        if grant.client != client.id() {
            return Err(refusal::token(
                Code::InvalidGrant,
                "The token is another client's",
            ));
        }
        grant.revoke();
    }
    Ok(unstored(Reply::typed(StatusCode::OK, "", "")))
}
