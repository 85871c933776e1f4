use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::app::{App, ask, refusal, tokens};
use super::browser::Browser;
use super::is_good;
use crate::sandbox::tests::client::{Client, Said};

fn register(client: &mut Client, body: &Value) -> Said {
    let request = Request::post("https://app.osaas.io/api/connect/register")
        .header("content-type", "application/json");
    client.send(request.body(Bytes::from(body.to_string())).unwrap())
}

fn app(said: &Said) -> App {
    assert_eq!(said.status, 201, "{said:?}");
    let document = said.json();
    let text = |name: &str| document[name].as_str().map(str::to_owned);
    App {
        id: text("client_id").unwrap(),
        secret: text("client_secret"),
        redirect: document["redirect_uris"][0].as_str().unwrap().to_owned(),
    }
}

#[test]
fn a_client_that_registers_gets_an_id_and_a_secret_and_can_sign_people_in() {
    let mut client = Client::new();
    let body = json!({
        "client_name": "Notes",
        "redirect_uris": ["http://127.0.0.1:4711/callback", "https://app.example/back"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_post",
        "logo_uri": "https://app.example/logo.png",
    });
    let said = register(&mut client, &body);
    assert_eq!(said.headers["cache-control"], "no-store");
    let document = said.json();
    for name in [
        "client_name",
        "redirect_uris",
        "grant_types",
        "response_types",
        "token_endpoint_auth_method",
    ] {
        assert_eq!(document[name], body[name], "{name}");
    }
    assert!(document.get("logo_uri").is_none());
    assert_eq!(document["client_id_issued_at"], 1_790_000_000);
    assert_eq!(document["client_secret_expires_at"], 0);
    let app = app(&said);
    assert_eq!(app.id.strip_prefix("osc_").unwrap().len(), 24);
    let secret = app.secret.clone().unwrap();
    let digits = secret.strip_prefix("osc_secret_").unwrap();
    assert!(digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let first = app.tokens(&mut client);
    let second = tokens(&app.refresh(&mut client, &first.refresh));
    assert!(is_good(&mut client, &second.access));
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_rfc() {
    let mut client = Client::new();
    let said = register(
        &mut client,
        &json!({ "redirect_uris": ["https://app.example/"] }),
    );
    let document = said.json();
    assert_eq!(document["grant_types"], json!(["authorization_code"]));
    assert_eq!(document["response_types"], json!(["code"]));
    assert_eq!(
        document["token_endpoint_auth_method"],
        "client_secret_basic"
    );
    assert!(document.get("client_name").is_none());
    let app = app(&said);
    let page = Browser::default().open(&mut client, &super::app::encoded(&app.link()));
    assert!(page.text.contains(&app.id));
    let code = app.code(&mut client);
    let issued = ask(&mut client, "token", &app.exchange(&code)).json();
    assert!(issued["access_token"].is_string() && issued.get("refresh_token").is_none());
    let said = app.refresh(&mut client, "refresh_1_0_0");
    assert_eq!(refusal(&said), (400, "unauthorized_client".to_owned()));
}

#[test]
fn a_public_client_has_no_secret_and_shows_none() {
    let mut client = Client::new();
    let said = register(
        &mut client,
        &json!({
            "redirect_uris": ["http://localhost:4711/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none",
        }),
    );
    assert!(said.json().get("client_secret").is_none());
    let mut app = app(&said);
    app.tokens(&mut client);
    let code = app.code(&mut client);
    app.secret = Some("osc_secret_0".to_owned());
    let said = ask(&mut client, "token", &app.exchange(&code));
    assert_eq!(refusal(&said), (401, "invalid_client".to_owned()));
}

#[test]
fn every_client_is_another() {
    let mut client = Client::new();
    let body = json!({ "redirect_uris": ["https://app.example/"] });
    let [one, other] = [0, 1].map(|_| app(&register(&mut client, &body)));
    assert_ne!(one.id, other.id);
    assert_ne!(one.secret, other.secret);
}

#[test]
fn a_redirect_is_https_or_on_this_machine() {
    let mut client = Client::new();
    let wrong = [
        json!(null),
        json!([]),
        json!("https://app.example/"),
        json!([7]),
        json!(["/callback"]),
        json!(["http://app.example/callback"]),
        json!(["http://localhost.example/callback"]),
        json!(["http://10.0.0.1/callback"]),
        json!(["javascript:alert(1)"]),
        json!(["app.example:/callback"]),
        json!(["https://app.example/#top"]),
        json!(["https://ada@app.example/"]),
        json!(["https://app.example/a b"]),
        json!(["https://app.example/\r\nx: y"]),
        json!(["https://app.example/\u{e9}"]),
        json!(["https://app.example/", "http://app.example/"]),
    ];
    let before = client.world.clone();
    for redirect_uris in wrong {
        let said = register(&mut client, &json!({ "redirect_uris": redirect_uris }));
        let expected = (400, "invalid_redirect_uri".to_owned());
        assert_eq!(refusal(&said), expected, "{redirect_uris}");
    }
    assert!(client.world == before);
    for good in [
        "http://localhost:1/",
        "http://127.0.0.1/x",
        "http://[::1]:9/",
        "https://a.example",
    ] {
        app(&register(&mut client, &json!({ "redirect_uris": [good] })));
    }
}

#[test]
fn other_metadata_that_makes_no_sense_is_refused() {
    let mut client = Client::new();
    for (name, value) in [
        ("client_name", json!(7)),
        ("client_name", json!("a".repeat(101))),
        ("grant_types", json!([])),
        ("grant_types", json!(["refresh_token"])),
        ("grant_types", json!(["authorization_code", "implicit"])),
        ("grant_types", json!("authorization_code")),
        ("response_types", json!(["token"])),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("token_endpoint_auth_method", json!(7)),
    ] {
        let mut body = json!({ "redirect_uris": ["https://app.example/"] });
        body[name] = value;
        let said = register(&mut client, &body);
        let expected = (400, "invalid_client_metadata".to_owned());
        assert_eq!(refusal(&said), expected, "{body}");
    }
    assert_eq!(
        refusal(&register(&mut client, &json!([]))),
        (400, "invalid_client_metadata".to_owned())
    );
}

#[test]
fn a_registration_is_json() {
    let mut client = Client::new();
    let form = [("redirect_uris", "https://app.example/".to_owned())];
    assert_eq!(ask(&mut client, "register", &form).status, 415);
}
