use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::app::{App, ask, ask_with, refusal, tokens, with, without};
use super::is_good;
use crate::sandbox::tests::client::Client;

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    serde_json::from_slice(&engine.decode(part).unwrap()).unwrap()
}

#[test]
fn a_code_buys_a_pat_that_ends_and_a_refresh_token() {
    let mut client = Client::new();
    let app = App::cli();
    let code = app.code(&mut client);
    let said = ask(&mut client, "token", &app.exchange(&code));
    assert_eq!(said.headers["cache-control"], "no-store");
    let document = said.json();
    assert_eq!(document["token_type"], "Bearer");
    assert_eq!(document["expires_in"], 3600);
    assert_eq!(document["scope"], "claudeai");
    let access = tokens(&said).access;
    let claims = claims(&access);
    let now = client.now.duration_since(UNIX_EPOCH).unwrap().as_secs();
    assert_eq!(claims["iat"], now);
    assert_eq!(claims["exp"], now + 3600);
    assert_eq!(claims["tenantId"], "sandbox");
    assert_eq!(claims["userId"], "ada");
    assert!(claims["patId"].is_string());
    client.wait(3599);
    assert!(is_good(&mut client, &access));
    client.wait(1);
    assert!(!is_good(&mut client, &access));
}

#[test]
fn lifetimes_are_as_the_rules_say() {
    let mut client = Client::new();
    client.rules.timing.access_token_lifetime = Duration::from_secs(30);
    client.rules.timing.refresh_token_lifetime = Duration::from_secs(50);
    let app = App::cli();
    let code = app.code(&mut client);
    let said = ask(&mut client, "token", &app.exchange(&code));
    assert_eq!(said.json()["expires_in"], 30);
    let first = tokens(&said);
    client.wait(30);
    assert!(!is_good(&mut client, &first.access));
    let second = tokens(&app.refresh(&mut client, &first.refresh));
    client.wait(50);
    let said = app.refresh(&mut client, &second.refresh);
    assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()));
}

#[test]
fn the_verifier_must_be_the_one_of_the_challenge() {
    let mut client = Client::new();
    let app = App::cli();
    let code = app.code(&mut client);
    let form = app.exchange(&code);
    for wrong in ["dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK", "x"] {
        let said = ask(&mut client, "token", &with(&form, "code_verifier", wrong));
        assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()));
    }
    // The challenge itself is what somebody saw who looked on.
    let challenge = app.link()[3].1.clone();
    let said = ask(
        &mut client,
        "token",
        &with(&form, "code_verifier", &challenge),
    );
    assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()));
    tokens(&ask(&mut client, "token", &form));
}

#[test]
fn a_code_belongs_to_its_redirect_and_its_client() {
    let mut client = Client::new();
    let (app, other) = (App::cli(), App::registered(&mut client));
    let code = app.code(&mut client);
    let form = app.exchange(&code);
    let elsewhere = with(&form, "redirect_uri", "http://localhost:4712/callback");
    let said = ask(&mut client, "token", &elsewhere);
    assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()));
    let said = ask(&mut client, "token", &other.exchange(&code));
    assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()));
    tokens(&ask(&mut client, "token", &form));
}

#[test]
fn a_code_is_good_for_a_minute() {
    let mut client = Client::new();
    let app = App::cli();
    let code = app.code(&mut client);
    client.wait(60);
    let said = ask(&mut client, "token", &app.exchange(&code));
    assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()));
}

#[test]
fn a_code_is_good_once_and_used_again_it_takes_back_what_came_of_it() {
    let mut client = Client::new();
    let app = App::cli();
    let code = app.code(&mut client);
    let issued = tokens(&ask(&mut client, "token", &app.exchange(&code)));
    let other = app.tokens(&mut client);
    let said = ask(&mut client, "token", &app.exchange(&code));
    assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()));
    assert!(!is_good(&mut client, &issued.access));
    let said = app.refresh(&mut client, &issued.refresh);
    assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()));
    assert!(is_good(&mut client, &other.access));
}

#[test]
fn a_code_that_nobody_issued_is_refused() {
    let mut client = Client::new();
    let app = App::cli();
    let code = app.code(&mut client);
    let last = code.chars().last().unwrap();
    let forged = code.trim_end_matches(last).to_owned() + if last == '0' { "1" } else { "0" };
    let refresh = app.tokens(&mut client).refresh;
    let foreign = app.code(&mut Client {
        world: crate::sandbox::World::new([1; 32]),
        ..Client::new()
    });
    for wrong in [
        "x",
        "code_1_0_",
        "code_99999999999999999999_0_0",
        &forged,
        &refresh,
        &foreign,
    ] {
        let said = ask(&mut client, "token", &app.exchange(wrong));
        assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()), "{wrong}");
    }
}

#[test]
fn a_parameter_that_is_missing_or_given_twice_is_named() {
    let mut client = Client::new();
    let app = App::cli();
    let code = app.code(&mut client);
    let form = app.exchange(&code);
    for name in [
        "grant_type",
        "client_id",
        "code",
        "redirect_uri",
        "code_verifier",
    ] {
        let mut twice = form.clone();
        twice.push((name, "again".to_owned()));
        for wrong in [without(&form, name), with(&form, name, ""), twice] {
            let said = ask(&mut client, "token", &wrong);
            assert_eq!(
                refusal(&said),
                (400, "invalid_request".to_owned()),
                "{name}"
            );
            assert!(said.text.contains(name), "{said:?}");
        }
    }
    let said = ask(&mut client, "token", &with(&form, "grant_type", "password"));
    assert_eq!(refusal(&said), (400, "unsupported_grant_type".to_owned()));
    tokens(&ask(&mut client, "token", &form));
}

#[test]
fn only_forms_are_read() {
    let mut client = Client::new();
    let app = App::cli();
    let code = app.code(&mut client);
    let json: serde_json::Map<String, Value> = app
        .exchange(&code)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let request = Request::builder()
        .method("POST")
        .uri("https://app.osaas.io/api/connect/token")
        .header("content-type", "application/json");
    let body = Bytes::from(Value::Object(json).to_string());
    let said = client.send(request.body(body).unwrap());
    assert_eq!(said.status, 415);
    assert_eq!(said.json()["code"], "FST_ERR_CTP_INVALID_MEDIA_TYPE");
}

#[test]
fn a_client_with_a_secret_must_show_it_in_the_form_or_in_the_header() {
    let mut client = Client::new();
    let app = App::registered(&mut client);
    let secret = app.secret.clone().unwrap();
    let code = app.code(&mut client);
    let form = app.exchange(&code);
    let bare = without(&form, "client_secret");
    let refused = (401, "invalid_client".to_owned());
    for wrong in [bare.clone(), with(&form, "client_secret", "osc_secret_0")] {
        let said = ask(&mut client, "token", &wrong);
        assert_eq!(refusal(&said), refused);
        assert!(said.headers.contains_key("www-authenticate"));
    }
    let basic = |secret: &str| format!("Basic {}", STANDARD.encode(format!("{}:{secret}", app.id)));
    for wrong in [
        basic("wrong"),
        "Basic !".to_owned(),
        format!("Bearer {secret}"),
    ] {
        let said = ask_with(&mut client, "token", &bare, &wrong);
        assert_eq!(refusal(&said), refused, "{wrong}");
    }
    let said = ask_with(&mut client, "token", &form, &basic(&secret));
    assert_eq!(refusal(&said), (400, "invalid_request".to_owned()));
    let unnamed = without(&bare, "client_id");
    tokens(&ask_with(&mut client, "token", &unnamed, &basic(&secret)));
}

#[test]
fn a_client_that_is_not_known_or_shows_a_secret_it_does_not_have_is_refused() {
    let mut client = Client::new();
    let app = App::cli();
    let code = app.code(&mut client);
    let form = app.exchange(&code);
    for wrong in [
        with(&form, "client_id", "osc_000000000000000000000000"),
        with(&form, "client_secret", "osc_secret_0"),
    ] {
        let said = ask(&mut client, "token", &wrong);
        assert_eq!(refusal(&said), (401, "invalid_client".to_owned()));
    }
}

#[test]
fn the_command_line_can_be_left_without_a_refresh_token() {
    let mut client = Client::new();
    client.rules.quirks.cli_gets_no_refresh_token = true;
    let app = App::cli();
    let code = app.code(&mut client);
    let document = ask(&mut client, "token", &app.exchange(&code)).json();
    assert!(document.get("refresh_token").is_none());
    assert!(is_good(
        &mut client,
        document["access_token"].as_str().unwrap()
    ));
    App::registered(&mut client).tokens(&mut client);
}
