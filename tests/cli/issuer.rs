//! An issuer that publishes where its endpoints are (RFC 8414, OpenID Connect Discovery).

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::http;
use crate::recorder::Recorder;
use crate::served::Served;
use crate::sign_in::{FIRST, Waiting, kept, kept_files, parameter, sign_in_with};
use crate::workspace::{Run, Workspace};

const INSERTED: &str = "GET /.well-known/oauth-authorization-server/app ";
const APPENDED: &str = "GET /app/.well-known/openid-configuration ";

/// `login` that asks the issuer at an endpoint, which must refuse.
fn refused(endpoint: &str) -> Run {
    let workspace = Workspace::new();
    let issuer = format!("{endpoint}/app");
    let arguments = ["login", "--no-browser", "--issuer", &issuer];
    let run = workspace.run_at(endpoint, &arguments).exits(4);
    assert!(kept_files(&workspace).is_empty());
    run
}

#[test]
fn what_an_issuer_publishes_is_used() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let recorder = Recorder::before(&served.endpoint);
    let issuer = format!("{}/app", recorder.endpoint());
    let arguments = ["--issuer", issuer.as_str()];
    sign_in_with(&workspace, &recorder.endpoint(), FIRST, &arguments);
    assert_eq!(recorder.requests(INSERTED).len(), 1);
    assert_eq!(
        kept(&workspace)["revocation_endpoint"],
        format!("{issuer}/api/connect/revoke")
    );
    // The variable does the same as the flag.
    let mut command = workspace.at(&recorder.endpoint(), &["login", "--no-browser"]);
    command.env("OSC_ISSUER", &issuer);
    drop(Waiting::of(command));
    assert_eq!(recorder.requests(INSERTED).len(), 2);
}

#[test]
fn an_issuer_that_publishes_as_openid_does_is_as_good() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let recorder = Recorder::before(&served.endpoint);
    recorder.react(|request| {
        request
            .starts_with(INSERTED)
            .then(|| (404, "{}".to_owned()))
    });
    let issuer = format!("{}/app", recorder.endpoint());
    sign_in_with(
        &workspace,
        &recorder.endpoint(),
        FIRST,
        &["--issuer", &issuer],
    );
    assert_eq!(recorder.requests(APPENDED).len(), 1);
    assert!(kept(&workspace)["revocation_endpoint"].is_string());
}

#[test]
fn an_issuer_that_publishes_nothing_has_the_known_endpoints() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let recorder = Recorder::before(&served.endpoint);
    recorder.react(|request| {
        request
            .contains("/.well-known/")
            .then(|| (404, "{}".to_owned()))
    });
    let issuer = format!("{}/app", recorder.endpoint());
    sign_in_with(
        &workspace,
        &recorder.endpoint(),
        FIRST,
        &["--issuer", &issuer],
    );
    assert!(kept(&workspace)["revocation_endpoint"].is_null());
}

#[test]
fn a_document_that_must_not_be_believed_is_refused() {
    for (field, value, words) in [
        (
            "issuer",
            json!("http://127.0.0.1:1/app"),
            "of another issuer",
        ),
        (
            "token_endpoint",
            json!("http://127.0.0.1:1/token"),
            "at another host",
        ),
        (
            "authorization_endpoint",
            json!("https://evil.example/a"),
            "at another host",
        ),
        (
            "registration_endpoint",
            json!("http://localhost:1/r"),
            "at another host",
        ),
        ("token_endpoint", Value::Null, "has no `token_endpoint`"),
        (
            "code_challenge_methods_supported",
            json!(["plain"]),
            "PKCE with S256",
        ),
    ] {
        let workspace = Workspace::new();
        let served = Served::start(&workspace);
        let recorder = Recorder::before(&served.endpoint);
        let url = format!(
            "{}/app/.well-known/openid-configuration",
            recorder.endpoint()
        );
        let published = http::get(&url.parse().unwrap()).body;
        let mut document: Value = serde_json::from_str(&published).unwrap();
        document[field] = value;
        let body = document.to_string();
        recorder.react(move |request| request.starts_with(INSERTED).then(|| (200, body.clone())));
        let run = refused(&recorder.endpoint());
        assert!(run.stderr.contains(words), "{field}: {}", run.stderr);
        assert!(run.stderr.contains("OSC_ISSUER"), "{}", run.stderr);
        assert!(recorder.requests("/api/connect/").is_empty());
    }
}

#[test]
fn trouble_and_a_document_of_nobody_are_refused() {
    for (status, body) in [(200, "[]"), (500, "{}")] {
        let recorder = Recorder::answering(move |_| Some((status, body.to_owned())));
        let run = refused(&recorder.endpoint());
        assert!(run.stderr.contains("cannot be used"), "{}", run.stderr);
    }
}

#[test]
fn an_issuer_over_plain_http_on_another_machine_is_a_wrong_use() {
    let arguments = ["login", "--no-browser", "--issuer", "http://osc.example"];
    let run = Workspace::new().run_outside(&arguments).exits(3);
    assert!(run.stderr.contains("https"), "{}", run.stderr);
}

#[test]
fn an_answer_in_the_name_of_another_issuer_or_of_none_ends_the_sign_in() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let issuer = format!("{}/app", served.endpoint);
    for other in ["&iss=https%3A%2F%2Fevil.example", ""] {
        let waiting = Waiting::login(&workspace, &served.endpoint, &["--issuer", &issuer]);
        let right = Browser::default().decide(&waiting.url, FIRST, "allow");
        assert_eq!(parameter(&right, "iss"), issuer);
        let (code, state) = (parameter(&right, "code"), parameter(&right, "state"));
        let wrong = waiting.callback(&format!("code={code}&state={state}{other}"));
        let page = http::get(&wrong).body;
        assert!(page.contains("Not signed in"), "{page}");
        let run = waiting.end().exits(4);
        assert!(run.stderr.contains("another issuer"), "{}", run.stderr);
        assert!(kept_files(&workspace).is_empty());
    }
}
