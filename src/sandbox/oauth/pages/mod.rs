//! The pages of the authorization endpoint: self-contained, without scripts, every value escaped.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::sandbox::call::Outcome;
use crate::sandbox::reply::Reply;

const SHELL: &str = include_str!("shell.html");
const SIGN_IN: &str = include_str!("sign_in.html");
const CONSENT: &str = include_str!("consent.html");
const PROBLEM: &str = include_str!("problem.html");
const STYLE: &str = include_str!("style.css");

/// What the style is known by in the content security policy.
static STYLE_HASH: LazyLock<String> = LazyLock::new(|| STANDARD.encode(Sha256::digest(STYLE)));

/// The page that asks who somebody is.
#[derive(Serialize)]
pub(super) struct SignIn<'p> {
    /// The app that sent them here.
    pub(super) app: &'p str,
    /// The user name it suggests.
    pub(super) user: &'p str,
    /// What was wrong with the one before.
    pub(super) problem: Option<&'p str>,
    #[serde(flatten)]
    pub(super) form: Form<'p>,
}

/// The page that asks whether an app may act in a workspace.
#[derive(Serialize)]
pub(super) struct Consent<'p> {
    /// The app.
    pub(super) app: &'p str,
    /// Who is signed in.
    pub(super) user: &'p str,
    /// The workspaces to choose from.
    pub(super) workspaces: Vec<Choice<'p>>,
    #[serde(flatten)]
    pub(super) form: Form<'p>,
}

/// A workspace to choose.
#[derive(Serialize)]
pub(super) struct Choice<'p> {
    /// Its id.
    pub(super) tenant: &'p str,
    /// The plan it is on.
    pub(super) plan: &'p str,
}

/// What the form of a page carries along.
#[derive(Serialize)]
pub(super) struct Form<'p> {
    /// The path it goes to.
    pub(super) action: String,
    /// The inquiry.
    pub(super) parameters: Vec<(&'static str, &'p str)>,
    /// What shows that it comes from this page.
    pub(super) token: String,
    /// The origin it leads to in the end.
    pub(super) returns_to: String,
}

/// The page that asks who somebody is.
pub(super) fn sign_in(status: StatusCode, page: &SignIn<'_>) -> Outcome {
    let main = render("sign_in.html", SIGN_IN, Value::from(Serde(page)))?;
    self::page(status, "Sign in", &main, &page.form.returns_to)
}

/// The page that asks for consent.
pub(super) fn consent(page: &Consent<'_>) -> Outcome {
    let main = render("consent.html", CONSENT, Value::from(Serde(page)))?;
    self::page(StatusCode::OK, "Allow access", &main, &page.form.returns_to)
}

/// A page that tells what went wrong, with a link to begin again if that makes sense.
pub(super) fn problem(status: StatusCode, problem: &str, again: Option<&str>) -> Reply {
    let main = render("problem.html", PROBLEM, context! { problem, again });
    let page = main.and_then(|main| page(status, "Sign-in failed", &main, ""));
    page.unwrap_or_else(|trouble| trouble)
}

/// Sends the browser on, by GET.
pub(super) fn see_other(location: String) -> Reply {
    guarded(Reply::typed(StatusCode::SEE_OTHER, "", "")).with("location", location)
}

fn page(status: StatusCode, title: &str, main: &str, returns_to: &str) -> Outcome {
    let context = context! {
        title,
        style => Value::from_safe_string(STYLE.to_owned()),
        main => Value::from_safe_string(main.to_owned()),
    };
    let html = render("shell.html", SHELL, context)?;
    let reply = Reply::typed(status, "text/html; charset=utf-8", html);
    Ok(guarded(reply).with("content-security-policy", policy(returns_to)))
}

/// Nothing is loaded, and no other site may show it or be sent its forms.
///
/// Browsers hold `form-action` against where a form leads in the end, too; so the app's own
/// address is in it.
fn policy(returns_to: &str) -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action 'self' {returns_to}; \
         base-uri 'none'; frame-ancestors 'none'",
        *STYLE_HASH
    )
}

/// With the headers that keep codes from caches, other sites and frames.
fn guarded(reply: Reply) -> Reply {
    reply
        .with("cache-control", "no-store")
        .with("referrer-policy", "no-referrer")
        .with("x-content-type-options", "nosniff")
        .with("x-frame-options", "DENY")
}

/// A template filled in; values are escaped because its name ends in `.html`.
fn render(name: &str, template: &str, context: Value) -> Result<String, Reply> {
    let environment = Environment::new();
    environment
        .render_named_str(name, template, context)
        .map_err(|error| {
            let reason = format!("Sandbox: {error}");
            Reply::reason(StatusCode::INTERNAL_SERVER_ERROR, reason)
        })
}
