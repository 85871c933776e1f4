use bytes::Bytes;
use http::Request;

use super::AUTHORIZE;
use super::app::{App, encoded, with};
use super::browser::{Browser, Fields, fields, returned};
use crate::sandbox::Addressing;
use crate::sandbox::tests::client::Client;

/// A browser in front of the page that asks for consent, and the form that allows it.
fn before_consent(client: &mut Client) -> (Browser, Fields) {
    let mut browser = Browser::default();
    let mut form = browser.sign_in(client, &encoded(&App::cli().link()));
    form.insert("workspace".to_owned(), "sandbox".to_owned());
    form.insert("decision".to_owned(), "allow".to_owned());
    (browser, form)
}

#[test]
fn the_cookie_is_kept_from_scripts_and_other_sites() {
    let mut client = Client::new();
    let link = encoded(&App::cli().link());
    let cookie = |client: &mut Client, uri: &str| {
        let request = Request::get(uri).body(Bytes::new()).unwrap();
        let said = client.send(request);
        said.headers["set-cookie"].to_str().unwrap().to_owned()
    };
    let set = cookie(&mut client, &format!("{AUTHORIZE}?{link}"));
    assert!(set.starts_with("osc_session="));
    let attributes = "; Path=/api/connect/authorize; Max-Age=86400; HttpOnly; SameSite=Lax; Secure";
    assert!(set.ends_with(attributes), "{set}");
    client.rules.addressing = Addressing::Prefixed {
        base: "http://127.0.0.1:7".to_owned(),
    };
    let set = cookie(&mut client, &format!("/app/api/connect/authorize?{link}"));
    let attributes = "; Path=/app/api/connect/authorize; Max-Age=86400; HttpOnly; SameSite=Lax";
    assert!(set.ends_with(attributes), "{set}");
}

#[test]
fn a_session_lasts_for_other_apps_and_ends_after_a_day() {
    let mut client = Client::new();
    let other = encoded(&App::registered(&mut client).link());
    let (mut browser, _) = before_consent(&mut client);
    client.wait(24 * 3600 - 1);
    assert!(browser.open(&mut client, &other).text.contains("Allow"));
    client.wait(1);
    let said = browser.open(&mut client, &other);
    assert!(said.text.contains("User name"));
}

#[test]
fn a_form_without_its_cookie_or_its_token_does_nothing() {
    let mut client = Client::new();
    let (mut browser, form) = before_consent(&mut client);
    let (_, stolen) = before_consent(&mut client);
    let before = client.world.clone();
    let mut bare = form.clone();
    bare.remove("form_token");
    let mut foreign = form.clone();
    client.wait(1);
    foreign.insert(
        "form_token".to_owned(),
        before_consent(&mut client).1["form_token"].clone(),
    );
    for (cookie, form) in [
        (None, &form),
        (Some("osc_session=abc"), &form),
        (browser.cookie.clone().as_deref(), &bare),
        (browser.cookie.clone().as_deref(), &foreign),
        (None, &stolen),
    ] {
        let mut browser = Browser {
            cookie: cookie.map(str::to_owned),
        };
        let said = browser.submit(&mut client, form);
        assert_eq!(said.status, 403);
        assert!(said.text.contains("Begin again"));
    }
    assert!(client.world == before);
    assert!(
        returned(&browser.submit(&mut client, &form))
            .1
            .contains_key("code")
    );
}

#[test]
fn a_form_is_good_for_what_it_was_shown_for_only() {
    let mut client = Client::new();
    let (mut browser, form) = before_consent(&mut client);
    let other = App::registered(&mut client);
    for (name, value) in with(&other.link(), "state", "another") {
        if form[name] != value && name != "redirect_uri" && name != "client_id" {
            let mut changed = form.clone();
            changed.insert(name.to_owned(), value);
            assert_eq!(browser.submit(&mut client, &changed).status, 403, "{name}");
        }
    }
    let mut changed = form;
    changed.insert("client_id".to_owned(), other.id.clone());
    changed.insert("redirect_uri".to_owned(), other.redirect.clone());
    assert_eq!(browser.submit(&mut client, &changed).status, 403);
}

#[test]
fn nobody_allows_anything_before_signing_in() {
    let mut client = Client::new();
    let mut browser = Browser::default();
    let mut form = fields(&browser.open(&mut client, &encoded(&App::cli().link())));
    for decision in ["allow", "deny"] {
        form.insert("decision".to_owned(), decision.to_owned());
        form.insert("workspace".to_owned(), "sandbox".to_owned());
        assert_eq!(browser.submit(&mut client, &form).status, 403);
    }
}

#[test]
fn a_cookie_made_of_a_token_is_no_session() {
    let mut client = Client::new();
    let mut browser = Browser {
        cookie: Some(format!("osc_session={}", client.pat)),
    };
    let said = browser.open(&mut client, &encoded(&App::cli().link()));
    assert!(said.text.contains("User name"));
}

#[test]
fn a_user_name_is_asked_for_again_until_it_is_one() {
    let mut client = Client::new();
    let mut browser = Browser::default();
    let mut form = fields(&browser.open(&mut client, &encoded(&App::cli().link())));
    for wrong in ["", " ", "a b", "<b>", "\u{e9}", &"a".repeat(65)] {
        form.insert("user".to_owned(), wrong.to_owned());
        let said = browser.submit(&mut client, &form);
        assert_eq!(said.status, 400, "{wrong}");
        assert!(said.text.contains("role=\"alert\""));
        form = fields(&said);
    }
    form.insert("user".to_owned(), " ada@example.com ".to_owned());
    assert_eq!(browser.submit(&mut client, &form).status, 303);
}

#[test]
fn a_decision_that_is_none_and_a_workspace_of_somebody_else_are_refused() {
    let mut client = Client::new();
    let (mut browser, form) = before_consent(&mut client);
    let before = client.world.clone();
    for (name, value) in [
        ("decision", "perhaps"),
        ("workspace", "acme"),
        ("workspace", ""),
    ] {
        let mut wrong = form.clone();
        wrong.insert(name.to_owned(), value.to_owned());
        let said = browser.submit(&mut client, &wrong);
        assert_eq!(said.status, 400, "{name} {value}");
        assert!(said.text.contains("Begin again"));
    }
    assert!(client.world == before);
}

#[test]
fn only_forms_are_submitted() {
    let mut client = Client::new();
    let request = Request::post(AUTHORIZE).header("content-type", "application/json");
    let said = client.send(request.body(Bytes::from("{}")).unwrap());
    assert_eq!(said.status, 415);
}
