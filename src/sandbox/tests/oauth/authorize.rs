use super::app::{App, CALLBACK, encoded, with, without};
use super::browser::{Browser, returned};
use crate::sandbox::tests::client::Client;

const NAMES: [&str; 5] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "code_challenge",
    "code_challenge_method",
];

#[test]
fn allowing_leads_back_with_a_code_the_state_and_the_issuer() {
    let mut client = Client::new();
    let query = Browser::default().decide(&mut client, &encoded(&App::cli().link()), "allow");
    assert_eq!(
        query.keys().map(String::as_str).collect::<Vec<_>>(),
        ["code", "iss", "state"]
    );
    assert_eq!(query["state"], "a state/with &signs");
    assert_eq!(query["iss"], "https://app.osaas.io");
}

#[test]
fn denying_leads_back_with_access_denied_and_no_code() {
    let mut client = Client::new();
    let query = Browser::default().decide(&mut client, &encoded(&App::cli().link()), "deny");
    assert_eq!(query["error"], "access_denied");
    assert_eq!(query["state"], "a state/with &signs");
    assert_eq!(query["iss"], "https://app.osaas.io");
    assert!(!query.contains_key("code"));
}

#[test]
fn without_a_state_none_comes_back() {
    let mut client = Client::new();
    let app = App::cli();
    let link = without(&app.link(), "state");
    let query = Browser::default().decide(&mut client, &encoded(&link), "allow");
    assert!(query.contains_key("code") && !query.contains_key("state"));
}

#[test]
fn a_redirect_with_a_query_keeps_it() {
    let mut client = Client::new();
    let app = App::registered(&mut client);
    let query = Browser::default().decide(&mut client, &encoded(&app.link()), "allow");
    assert_eq!(query["from"], "osc");
    assert!(query.contains_key("code"));
}

#[test]
fn nobody_is_sent_to_an_address_that_is_not_the_clients() {
    let mut client = Client::new();
    let (cli, registered) = (App::cli(), App::registered(&mut client));
    let elsewhere = [
        "https://app.example/back",
        "https://app.example/back?from=osc&more=1",
        "https://APP.example/back?from=osc",
        "http://localhost/callback",
        "http://localhost:0/callback",
        "http://localhost:65536/callback",
        "http://localhost:+80/callback",
        "http://localhost:80/callback/",
        "http://localhost:80/callback?x=1",
        "http://localhost:80/other/callback",
        "http://localhost:80@evil.example/callback",
        "http://127.0.0.1:4711/callback",
        "https://localhost:4711/callback",
        "javascript:alert(1)",
        "",
    ];
    for app in [&cli, &registered] {
        let links = elsewhere.map(|uri| with(&app.link(), "redirect_uri", uri));
        let unknown = ["", "osc_000000000000000000000000"];
        let unknown = unknown.map(|id| with(&app.link(), "client_id", id));
        let twice = ["client_id", "redirect_uri"].map(|name| {
            let mut link = app.link();
            link.push((name, "https://evil.example".to_owned()));
            link
        });
        for link in links.into_iter().chain(unknown).chain(twice) {
            let said = Browser::default().open(&mut client, &encoded(&link));
            assert_eq!(said.status, 400, "{link:?}");
            assert!(said.content_type.starts_with("text/html"));
            assert!(!said.headers.contains_key("location"), "{link:?}");
            assert!(!said.text.contains("evil"), "{link:?}");
        }
    }
}

#[test]
fn the_command_line_may_listen_on_any_port() {
    let mut client = Client::new();
    let app = App::cli();
    for port in ["1", "80", "65535"] {
        let uri = format!("http://localhost:{port}/callback");
        let link = with(&app.link(), "redirect_uri", &uri);
        let said = Browser::default().open(&mut client, &encoded(&link));
        assert_eq!(said.status, 200, "{port}");
    }
}

#[test]
fn any_other_mistake_is_told_to_the_app() {
    let mut client = Client::new();
    let app = App::cli();
    let link = app.link();
    let invalid = [
        without(&link, "response_type"),
        without(&link, "code_challenge"),
        with(&link, "code_challenge", "too-short"),
        with(&link, "code_challenge", &"!".repeat(43)),
        without(&link, "code_challenge_method"),
        with(&link, "code_challenge_method", "plain"),
    ];
    let twice = ["response_type", "code_challenge", "code_challenge_method"].map(|name| {
        let mut link = link.clone();
        link.push((name, "again".to_owned()));
        link
    });
    let unsupported = with(&link, "response_type", "token");
    let cases = invalid.into_iter().chain(twice);
    let cases = cases.map(|link| (link, "invalid_request"));
    for (link, error) in cases.chain([(unsupported, "unsupported_response_type")]) {
        let said = Browser::default().open(&mut client, &encoded(&link));
        let (address, query) = returned(&said);
        assert_eq!(address, CALLBACK);
        assert_eq!(query["error"], error, "{link:?}");
        assert!(!query["error_description"].is_empty());
        assert_eq!(query["state"], "a state/with &signs");
        assert_eq!(query["iss"], "https://app.osaas.io");
    }
}

#[test]
fn a_state_given_twice_is_not_sent_back() {
    let mut client = Client::new();
    let app = App::cli();
    let mut link = app.link();
    link.push(("state", "another".to_owned()));
    let (_, query) = returned(&Browser::default().open(&mut client, &encoded(&link)));
    assert_eq!(query["error"], "invalid_request");
    assert!(!query.contains_key("state"));
}

#[test]
fn a_form_is_held_to_the_same_as_a_link() {
    let mut client = Client::new();
    let app = App::cli();
    let mut browser = Browser::default();
    let form = browser.sign_in(&mut client, &encoded(&app.link()));
    for name in NAMES {
        let mut changed = form.clone();
        changed.insert("decision".to_owned(), "allow".to_owned());
        changed.insert("workspace".to_owned(), "sandbox".to_owned());
        changed.remove(name);
        let said = browser.submit(&mut client, &changed);
        if said.status == 303 {
            assert_eq!(returned(&said).1["error"], "invalid_request", "{name}");
        } else {
            assert_eq!(said.status, 400, "{name}");
        }
    }
}

#[test]
fn looking_at_the_pages_changes_nothing() {
    let mut client = Client::new();
    let app = App::cli();
    let before = client.world.clone();
    let mut browser = Browser::default();
    browser.sign_in(&mut client, &encoded(&app.link()));
    browser.open(&mut client, &encoded(&without(&app.link(), "client_id")));
    browser.open(
        &mut client,
        &encoded(&without(&app.link(), "response_type")),
    );
    assert!(client.world == before);
}
