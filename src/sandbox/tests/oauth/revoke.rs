use super::app::{App, Tokens, ask, refusal, tokens, with, without};
use super::is_good;
use crate::sandbox::tests::client::Client;

fn form<'a>(app: &'a App, token: &str) -> Vec<(&'a str, String)> {
    let mut form = without(&app.refreshing(token), "grant_type");
    form[1].0 = "token";
    form
}

fn assert_over(client: &mut Client, app: &App, issued: &Tokens) {
    assert!(!is_good(client, &issued.access));
    let said = app.refresh(client, &issued.refresh);
    assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()));
}

#[test]
fn either_token_takes_back_all_of_its_sign_in() {
    let mut client = Client::new();
    for app in [App::cli(), App::registered(&mut client)] {
        let other = app.tokens(&mut client);
        for by_refresh in [true, false] {
            let first = app.tokens(&mut client);
            let second = tokens(&app.refresh(&mut client, &first.refresh));
            let token = if by_refresh {
                &second.refresh
            } else {
                &first.access
            };
            let said = ask(&mut client, "revoke", &form(&app, token));
            assert_eq!((said.status.as_u16(), said.text.as_str()), (200, ""));
            assert_over(&mut client, &app, &second);
            assert!(!is_good(&mut client, &first.access));
        }
        assert!(is_good(&mut client, &other.access));
    }
}

#[test]
fn a_token_nobody_knows_is_as_good_as_taken_back() {
    let mut client = Client::new();
    let app = App::cli();
    let console = client.pat.clone();
    for token in ["x", "refresh_9_0_0", &console] {
        assert_eq!(ask(&mut client, "revoke", &form(&app, token)).status, 200);
    }
    assert!(is_good(&mut client, &console));
}

#[test]
fn another_client_takes_nothing_back() {
    let mut client = Client::new();
    let (app, other) = (App::cli(), App::registered(&mut client));
    let issued = app.tokens(&mut client);
    for token in [&issued.access, &issued.refresh] {
        let said = ask(&mut client, "revoke", &form(&other, token));
        assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()));
        let stranger = with(&form(&other, token), "client_secret", "wrong");
        let said = ask(&mut client, "revoke", &stranger);
        assert_eq!(refusal(&said), (401, "invalid_client".to_owned()));
    }
    assert!(is_good(&mut client, &issued.access));
}

#[test]
fn a_token_is_needed() {
    let mut client = Client::new();
    let said = ask(
        &mut client,
        "revoke",
        &without(&form(&App::cli(), "x"), "token"),
    );
    assert_eq!(refusal(&said), (400, "invalid_request".to_owned()));
}
