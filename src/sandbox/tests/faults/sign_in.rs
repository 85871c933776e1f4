use crate::sandbox::Cut;
use crate::sandbox::tests::client::Client;
use crate::sandbox::tests::oauth::app::{App, ask, refusal, tokens, try_ask};
use crate::sandbox::tests::oauth::is_good;

/// Somebody signed in on a platform that now misbehaves in this way; their refresh token.
fn signed_in_under(fault: &str) -> (Client, App, String) {
    let mut client = Client::new();
    let app = App::cli();
    let refresh = app.tokens(&mut client).refresh;
    client.suffer([fault]);
    (client, app, refresh)
}

#[test]
fn an_answer_can_be_lost_after_the_refresh_token_was_spent() {
    for fault in ["grant-lost-after", "drop-after:target=app"] {
        let (mut client, app, refresh) = signed_in_under(fault);
        let form = app.refreshing(&refresh);
        assert_eq!(
            try_ask(&mut client, "token", &form).unwrap_err(),
            Cut::Dropped
        );
        let said = ask(&mut client, "token", &form);
        assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()), "{fault}");
    }
}

#[test]
fn an_answer_can_be_lost_after_the_code_was_spent() {
    let mut client = Client::new();
    let app = App::cli();
    let code = app.code(&mut client);
    let form = app.exchange(&code);
    client.suffer(["grant-lost-after"]);
    assert!(try_ask(&mut client, "token", &form).is_err());
    let said = ask(&mut client, "token", &form);
    assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()));
}

#[test]
fn a_gateways_page_leaves_the_refresh_token_good() {
    for fault in ["grant-503", "maintenance:count=1,target=app"] {
        let (mut client, app, refresh) = signed_in_under(fault);
        assert!(app.refresh(&mut client, &refresh).is_nginx(503), "{fault}");
        tokens(&app.refresh(&mut client, &refresh));
    }
}

#[test]
fn a_good_refresh_token_can_be_refused_once() {
    let (mut client, app, refresh) = signed_in_under("refresh-refused");
    let said = app.refresh(&mut client, &refresh);
    assert_eq!(refusal(&said), (400, "invalid_grant".to_owned()));
    tokens(&app.refresh(&mut client, &refresh));
}

#[test]
fn a_sign_in_can_come_without_a_refresh_token() {
    let (mut client, app, _) = signed_in_under("refresh-withheld");
    let code = app.code(&mut client);
    let document = ask(&mut client, "token", &app.exchange(&code)).json();
    assert!(document.get("refresh_token").is_none());
    let access = document["access_token"].as_str().unwrap();
    assert!(is_good(&mut client, access));
}

#[test]
fn a_refresh_can_leave_the_old_token_good() {
    let (mut client, app, refresh) = signed_in_under("refresh-kept");
    for _ in 0..2 {
        let document = app.refresh(&mut client, &refresh).json();
        assert!(document.get("refresh_token").is_none());
    }
}

#[test]
fn what_befalls_reads_befalls_the_consoles_pages_too() {
    let (mut client, _, _) = signed_in_under("read-502:target=app");
    let said = client.platform("catalog", "GET", "/mysubscriptions", None);
    assert_eq!(said.status, 200);
    let discovery = "https://app.osaas.io/.well-known/openid-configuration";
    let request = || http::Request::get(discovery).body(Default::default());
    assert!(client.send(request().unwrap()).is_nginx(502));
    assert_eq!(client.send(request().unwrap()).status, 200);
}
