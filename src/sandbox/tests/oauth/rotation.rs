use super::app::{App, refusal, tokens};
use super::is_good;
use crate::sandbox::tests::client::Client;

#[test]
fn a_refresh_replaces_both_tokens_and_leaves_the_old_pat_to_its_end() {
    let mut client = Client::new();
    let app = App::registered(&mut client);
    let first = app.tokens(&mut client);
    client.wait(3000);
    let second = tokens(&app.refresh(&mut client, &first.refresh));
    assert_ne!(first.access, second.access);
    assert_ne!(first.refresh, second.refresh);
    assert!(is_good(&mut client, &first.access));
    client.wait(600);
    assert!(!is_good(&mut client, &first.access));
    assert!(is_good(&mut client, &second.access));
    tokens(&app.refresh(&mut client, &second.refresh));
}

#[test]
fn a_refresh_token_used_again_takes_the_whole_sign_in_back() {
    let mut client = Client::new();
    let app = App::cli();
    let other = app.tokens(&mut client);
    let first = app.tokens(&mut client);
    let second = tokens(&app.refresh(&mut client, &first.refresh));
    let third = tokens(&app.refresh(&mut client, &second.refresh));
    let refused = (400, "invalid_grant".to_owned());
    assert_eq!(refusal(&app.refresh(&mut client, &first.refresh)), refused);
    for tokens in [&first, &second, &third] {
        assert!(!is_good(&mut client, &tokens.access));
        assert_eq!(refusal(&app.refresh(&mut client, &tokens.refresh)), refused);
    }
    assert!(is_good(&mut client, &other.access));
    tokens(&app.refresh(&mut client, &other.refresh));
}

#[test]
fn a_refresh_token_is_of_use_to_its_own_client_only() {
    let mut client = Client::new();
    let (app, other) = (App::cli(), App::registered(&mut client));
    let issued = app.tokens(&mut client);
    for wrong in [&issued.refresh, &issued.access, "refresh_1_0_0"] {
        let said = other.refresh(&mut client, wrong);
        assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()));
    }
    tokens(&app.refresh(&mut client, &issued.refresh));
}

#[test]
fn a_refresh_token_can_be_kept_good_in_place_of_a_new_one() {
    let mut client = Client::new();
    client.rules.quirks.refresh_keeps_token = true;
    let app = App::cli();
    let first = app.tokens(&mut client);
    for _ in 0..2 {
        let document = app.refresh(&mut client, &first.refresh).json();
        assert!(document.get("refresh_token").is_none());
        assert!(is_good(
            &mut client,
            document["access_token"].as_str().unwrap()
        ));
    }
}

#[test]
fn what_has_ended_is_forgotten() {
    let mut client = Client::new();
    let app = App::cli();
    let size = |client: &Client| serde_json::to_string(&client.world).unwrap().len();
    app.tokens(&mut client);
    let small = size(&client);
    for _ in 0..20 {
        client.wait(31 * 24 * 3600);
        app.tokens(&mut client);
    }
    assert!(size(&client) < small + 100);
}
