use http::StatusCode;
use serde_json::json;

use super::client::Client;
use super::client_authentication::authenticated;
use super::grant::Grant;
use super::parameters::Parameters;
use super::refusal::{self, Code, unstored};
use super::ticket::{Kind, Ticket};
use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::credentials;
use crate::sandbox::reply::Reply;

/// What a token request may have, each once.
const NAMES: [&str; 7] = [
    "grant_type",
    "client_id",
    "client_secret",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
];

/// `POST`: a code or a refresh token for new tokens (API notes 2.3).
pub(super) fn answer(call: &mut Call<'_>) -> Outcome {
    let form = Parameters::of_form(call.request)?;
    if let Some(name) = form.repeated(&NAMES) {
        return Err(refusal::token(
            Code::InvalidRequest,
            format!("{name} is given twice"),
        ));
    }
    let grant_type = form.require("grant_type")?;
    if !["authorization_code", "refresh_token"].contains(&grant_type) {
        let description = "grant_type is authorization_code or refresh_token";
        return Err(refusal::token(Code::UnsupportedGrantType, description));
    }
    let client = authenticated(call, &form)?;
    match grant_type {
        "authorization_code" => exchange(call, &client, &form),
        _ => refresh(call, &client, &form),
    }
}

fn exchange(call: &mut Call<'_>, client: &Client, form: &Parameters) -> Outcome {
    let code = form.require("code")?;
    let redirect_uri = form.require("redirect_uri")?;
    let verifier = form.require("code_verifier")?;
    let (key, now) = (call.world.key().clone(), call.now);
    let ticket = Ticket::read(&key, Kind::Code, code);
    let (ticket, grant) = grant_of(call, client, ticket)?;
    grant
        .redeem(&key, now, redirect_uri, verifier)
        .map_err(|reason| refusal::token(Code::InvalidGrant, reason))?;
    let with_refresh = client.refreshes()
        && !(call.rules.quirks.cli_gets_no_refresh_token && *client == Client::CommandLine);
    tokens(call, client, ticket.grant, with_refresh)
}

fn refresh(call: &mut Call<'_>, client: &Client, form: &Parameters) -> Outcome {
    let token = form.require("refresh_token")?;
    if !client.refreshes() {
        let description = "The client is not registered for refresh tokens";
        return Err(refusal::token(Code::UnauthorizedClient, description));
    }
    let (now, keep) = (call.now, call.rules.quirks.refresh_keeps_token);
    let ticket = Ticket::read(call.world.key(), Kind::Refresh, token);
    let (ticket, grant) = grant_of(call, client, ticket)?;
    grant
        .refresh(now, ticket.turn, keep)
        .map_err(|reason| refusal::token(Code::InvalidGrant, reason))?;
    tokens(call, client, ticket.grant, !keep)
}

/// The grant of a code or refresh token, which must be the client's.
fn grant_of<'c>(
    call: &'c mut Call<'_>,
    client: &Client,
    ticket: Option<Ticket>,
) -> Result<(Ticket, &'c mut Grant), Reply> {
    let ledger = call.world.oauth_mut();
    ticket
        .and_then(|ticket| Some((ticket, ledger.grant_mut(ticket.grant)?)))
        .filter(|(_, grant)| grant.client == client.id())
        .ok_or_else(|| {
            let description = "The code or refresh token is not known, or another client's";
            refusal::token(Code::InvalidGrant, description)
        })
}

/// Issues an access token, which is a PAT that ends, and the next refresh token.
fn tokens(call: &mut Call<'_>, client: &Client, number: u64, with_refresh: bool) -> Outcome {
    let (now, timing) = (call.now, &call.rules.timing);
    let lifetime = timing.access_token_lifetime;
    let pat_id = call.world.next_pat_id();
    let key = call.world.key().clone();
    let ticket = Some(Ticket {
        kind: Kind::Refresh,
        grant: number,
        turn: 0,
    });
    let (ticket, grant) = grant_of(call, client, ticket)?;
    grant.note(&pat_id, now.plus(lifetime), now);
    let holder = (grant.workspace.as_str(), grant.user.as_str());
    let mut document = json!({
        "access_token": credentials::issue_personal(&key, holder, &pat_id, now, Some(lifetime)),
        "token_type": "Bearer",
        "expires_in": lifetime.as_secs(),
        "scope": "claudeai",
    });
    if with_refresh {
        let turn = grant.extend(now.plus(timing.refresh_token_lifetime));
        document["refresh_token"] = json!(Ticket { turn, ..ticket }.text(&key));
    }
    let reply = Reply::json(StatusCode::OK, &document);
    Ok(unstored(reply).with("pragma", "no-cache"))
}
