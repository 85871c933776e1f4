use http::StatusCode;
use serde_json::{Value, json};

use super::refusal::{self, Code, unstored};
use super::registration::{Authentication, Registration, RegistrationError};
use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::reply::Reply;
use crate::sandbox::request_body;

/// `POST`: a client registers itself (RFC 7591; API notes 2.4).
///
/// What it leaves out has the defaults of the RFC; what is not known here is left out of the
/// answer.
pub(super) fn answer(call: &mut Call<'_>) -> Outcome {
    let body = request_body::read(call.request)?;
    let registration = read(&body).map_err(refused)?;
    let mut document = json!({
        "redirect_uris": registration.redirect_uris,
        "grant_types": grant_types(&registration),
        "response_types": ["code"],
        "token_endpoint_auth_method": registration.authentication,
    });
    if let Some(name) = &registration.name {
        document["client_name"] = json!(name);
    }
    let key = call.world.key().clone();
    let (id, secret) = registration.keep(&key, call.world.oauth_mut());
    document["client_id"] = json!(id);
    document["client_id_issued_at"] = json!(call.now.seconds());
    if let Some(secret) = secret {
        document["client_secret"] = json!(secret);
        document["client_secret_expires_at"] = json!(0);
    }
    Ok(unstored(Reply::json(StatusCode::CREATED, &document)))
}

fn read(body: &Value) -> Result<Registration, RegistrationError> {
    if !body.is_object() {
        return Err(metadata("The body is no object"));
    }
    let grant_types = words(body, "grant_types")?.unwrap_or(vec!["authorization_code"]);
    let known = ["authorization_code", "refresh_token"];
    if !grant_types.contains(&known[0]) || grant_types.iter().any(|it| !known.contains(it)) {
        let message = "grant_types is authorization_code, with refresh_token or without";
        return Err(metadata(message));
    }
    if words(body, "response_types")?.is_some_and(|types| types != ["code"]) {
        return Err(metadata("response_types is code and nothing else"));
    }
    let name = optional(body, "client_name");
    let name = name
        .map(|name| {
            name.as_str()
                .ok_or_else(|| metadata("client_name is no text"))
        })
        .transpose()?;
    let redirects = words(body, "redirect_uris")
        .map_err(|error| RegistrationError::RedirectUri(error.to_string()))?;
    let redirects = redirects.unwrap_or_default();
    Registration::new(
        name,
        redirects.into_iter().map(str::to_owned).collect(),
        grant_types.contains(&known[1]),
        authentication(body)?,
    )
}

fn authentication(body: &Value) -> Result<Authentication, RegistrationError> {
    let Some(method) = optional(body, "token_endpoint_auth_method") else {
        return Ok(Authentication::Basic);
    };
    serde_json::from_value(method.clone()).map_err(|_| {
        let message = "token_endpoint_auth_method is none, client_secret_post or \
                       client_secret_basic";
        metadata(message)
    })
}

/// A list of texts; nothing where there is none.
fn words<'b>(body: &'b Value, name: &str) -> Result<Option<Vec<&'b str>>, RegistrationError> {
    let Some(list) = optional(body, name) else {
        return Ok(None);
    };
    let texts = list.as_array().map(|list| list.iter().map(Value::as_str));
    let texts = texts.and_then(|texts| texts.collect::<Option<Vec<&str>>>());
    texts
        .map(Some)
        .ok_or_else(|| metadata(&format!("{name} is no list of texts")))
}

fn optional<'b>(body: &'b Value, name: &str) -> Option<&'b Value> {
    body.get(name).filter(|value| !value.is_null())
}

fn grant_types(registration: &Registration) -> Vec<&'static str> {
    let refresh = registration.refreshes.then_some("refresh_token");
    ["authorization_code"].into_iter().chain(refresh).collect()
}

fn metadata(message: &str) -> RegistrationError {
    RegistrationError::Metadata(message.to_owned())
}

fn refused(error: RegistrationError) -> Reply {
    let code = match &error {
        RegistrationError::RedirectUri(_) => Code::InvalidRedirectUri,
        RegistrationError::Metadata(_) => Code::InvalidClientMetadata,
    };
    refusal::token(code, error.to_string())
}
