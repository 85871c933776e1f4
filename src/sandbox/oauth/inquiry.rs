use std::borrow::Cow;

use http::StatusCode;
use url::Url;

use super::client::Client;
use super::pages;
use super::parameters::{self, Parameters};
use super::refusal::Code;
use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;

/// The length of an S256 challenge: 32 bytes in base64url.
const CHALLENGE: usize = 43;

const NAMES: [&str; 6] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "code_challenge",
    "code_challenge_method",
    "state",
];

/// What an app asks for at the authorization endpoint (API notes 2.2).
pub(super) struct Inquiry {
    /// The app.
    pub(super) client: Client,
    /// What its code has to be exchanged with.
    pub(super) challenge: String,
    /// Where the answer goes.
    pub(super) redirect: Redirect,
}

/// Where a person is sent back to.
pub(super) struct Redirect {
    /// The address, which the client was registered with.
    pub(super) uri: String,
    /// What the app wants to see again.
    pub(super) state: Option<String>,
}

impl Inquiry {
    /// Reads it from a query or form.
    ///
    /// Refused on a page while it is not sure where to send the person, by a redirect after that
    /// (RFC 6749, 4.1.2.1).
    pub(super) fn read(call: &Call<'_>, parameters: &Parameters) -> Result<Inquiry, Reply> {
        let (client, uri) = destination(call, parameters)
            .map_err(|problem| pages::problem(StatusCode::BAD_REQUEST, problem, None))?;
        let repeated = parameters.repeated(&NAMES);
        let state = parameters
            .get("state")
            .filter(|_| repeated != Some("state"));
        let redirect = Redirect {
            uri,
            state: state.map(str::to_owned),
        };
        let wanted = match repeated {
            Some(name) => Err((
                Code::InvalidRequest,
                format!("{name} is given twice").into(),
            )),
            None => challenge(parameters),
        };
        match wanted {
            Ok(challenge) => Ok(Inquiry {
                client,
                challenge,
                redirect,
            }),
            Err((code, description)) => Err(redirect.refuse(call, code, &description)),
        }
    }

    /// What it was read from, in a fixed order.
    pub(super) fn parameters(&self) -> Vec<(&'static str, &str)> {
        let always = [
            ("response_type", "code"),
            ("client_id", self.client.id()),
            ("redirect_uri", &self.redirect.uri),
            ("code_challenge", &self.challenge),
            ("code_challenge_method", "S256"),
        ];
        let state = self.redirect.state.as_deref().map(|state| ("state", state));
        always.into_iter().chain(state).collect()
    }

    /// The same as a query.
    pub(super) fn query(&self) -> String {
        parameters::encode(self.parameters())
    }
}

impl Redirect {
    /// Sends the person back with a code.
    pub(super) fn grant(&self, call: &Call<'_>, code: &str) -> Reply {
        self.reply(call, &[("code", code)])
    }

    /// Sends the person back with an error.
    pub(super) fn refuse(&self, call: &Call<'_>, code: Code, description: &str) -> Reply {
        let error = [("error", code.as_str()), ("error_description", description)];
        self.reply(call, &error)
    }

    /// Scheme, host and port of the address, as a browser and a content security policy name them.
    pub(super) fn origin(&self) -> String {
        let url = Url::parse(&self.uri);
        url.map_or_else(|_| String::new(), |url| url.origin().ascii_serialization())
    }

    /// What every answer carries is the state, and who answers (RFC 9207).
    fn reply(&self, call: &Call<'_>, answer: &[(&str, &str)]) -> Reply {
        let issuer = call.rules.addressing.app_url();
        let state = self.state.as_deref().map(|state| ("state", state));
        let pairs = answer.iter().copied().chain(state);
        let query = parameters::encode(pairs.chain([("iss", issuer.as_str())]));
        let separator = if self.uri.contains('?') { '&' } else { '?' };
        pages::see_other(format!("{}{separator}{query}", self.uri))
    }
}

/// The client, and an address it may have people sent to.
fn destination(call: &Call<'_>, parameters: &Parameters) -> Result<(Client, String), &'static str> {
    if parameters
        .repeated(&["client_id", "redirect_uri"])
        .is_some()
    {
        return Err("The link names the app, or where to return to, more than once.");
    }
    let id = parameters.get("client_id");
    let id = id.ok_or("The link does not say which app it is from (client_id).")?;
    let client = Client::find(call.world.oauth(), id);
    let client = client.ok_or("The app in the link is not known here (client_id).")?;
    let uri = parameters.get("redirect_uri");
    let uri = uri.ok_or("The link does not say where to return to (redirect_uri).")?;
    if !client.accepts(uri) {
        return Err("The app may not have people sent where the link says (redirect_uri).");
    }
    Ok((client, uri.to_owned()))
}

/// The S256 challenge; there is no doing without (API notes 2.2).
fn challenge(parameters: &Parameters) -> Result<String, (Code, Cow<'static, str>)> {
    let invalid = |description: &'static str| (Code::InvalidRequest, description.into());
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => {
            let description = "response_type is code and nothing else";
            return Err((Code::UnsupportedResponseType, description.into()));
        }
        None => return Err(invalid("response_type is missing")),
    }
    let challenge = parameters.get("code_challenge");
    let challenge = challenge.ok_or_else(|| invalid("code_challenge is missing"))?;
    if parameters.get("code_challenge_method") != Some("S256") {
        return Err(invalid("code_challenge_method is S256 and nothing else"));
    }
    let in_alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if challenge.len() != CHALLENGE || !challenge.bytes().all(in_alphabet) {
        return Err(invalid("code_challenge is no SHA-256 in base64url"));
    }
    Ok(challenge.to_owned())
}
