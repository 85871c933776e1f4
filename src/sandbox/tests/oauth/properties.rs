use bytes::Bytes;
use http::Request;
use proptest::prelude::*;

use super::app::{App, VERIFIER, encoded};
use super::browser::{Browser, Fields};
use crate::sandbox::World;
use crate::sandbox::tests::client::Client;

const PATHS: [&str; 8] = [
    "/api/connect/authorize",
    "/api/connect/token",
    "/api/connect/register",
    "/api/connect/revoke",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/api/connect",
    "/",
];

const NAMES: [&str; 15] = [
    "response_type",
    "client_id",
    "client_secret",
    "redirect_uri",
    "code_challenge",
    "code_challenge_method",
    "state",
    "form_token",
    "user",
    "decision",
    "workspace",
    "grant_type",
    "code",
    "code_verifier",
    "refresh_token",
];

/// Good values, which are put where they belong or where they do not, and hostile ones.
fn a_value() -> impl Strategy<Value = String> {
    let odd = vec![
        "<script>alert(1)</script>",
        "'\"><!--",
        "code_1_0_0",
        "refresh_18446744073709551615_18446744073709551615_0",
        "http://localhost:99999/callback",
        "https://a.example/\r\nset-cookie: a=b",
        "{{ 7 * 7 }}",
        "%00",
        "\u{0}",
    ];
    let odd = prop::sample::select(odd).prop_map(str::to_owned);
    prop_oneof![odd, ".{0,20}"]
}

fn a_step() -> impl Strategy<Value = Step> {
    let changes = prop::collection::vec((prop::sample::select(NAMES.to_vec()), a_value()), 0..3);
    let removed = prop::collection::vec(prop::sample::select(NAMES.to_vec()), 0..2);
    let content_type = prop::sample::select(vec![
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "application/json",
        "",
    ]);
    let method = prop::sample::select(vec!["GET", "POST", "PUT"]);
    let path = prop::sample::select(PATHS.to_vec());
    let rest = (any::<bool>(), any::<bool>(), prop::option::of(a_value()));
    let parts = (method, path, changes, removed, content_type, rest);
    parts.prop_map(
        |(method, path, changes, removed, content_type, rest)| Step {
            method,
            path,
            changes,
            removed,
            content_type,
            with_cookie: rest.0,
            with_query: rest.1,
            authorization: rest.2,
        },
    )
}

/// A request that is good but for a few things.
#[derive(Clone, Debug)]
struct Step {
    method: &'static str,
    path: &'static str,
    changes: Vec<(&'static str, String)>,
    removed: Vec<&'static str>,
    content_type: &'static str,
    with_cookie: bool,
    with_query: bool,
    authorization: Option<String>,
}

impl Step {
    fn request(&self, good: &Fields, browser: &Browser) -> Option<Request<Bytes>> {
        let kept = good
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        let mut pairs: Vec<_> = kept
            .filter(|(name, _)| !self.removed.contains(name))
            .collect();
        pairs.extend(
            self.changes
                .iter()
                .map(|(name, value)| (*name, value.clone())),
        );
        let text = encoded(&pairs);
        let query = if self.with_query { &text } else { "" };
        let uri = format!("https://app.osaas.io{}?{query}", self.path);
        let mut request = Request::builder().method(self.method).uri(uri);
        if let Some(cookie) = browser.cookie.as_ref().filter(|_| self.with_cookie) {
            request = request.header("cookie", cookie);
        }
        if let Some(value) = &self.authorization {
            request = request.header("authorization", value.as_bytes());
        }
        let body = match self.content_type {
            "application/json" => serde_json::json!(good).to_string(),
            _ => text,
        };
        let request = request.header("content-type", self.content_type);
        request.body(Bytes::from(body)).ok()
    }
}

/// Everything a good request to any endpoint needs.
fn good_fields(client: &mut Client, browser: &mut Browser) -> Fields {
    let app = App::cli();
    let mut fields = browser.sign_in(client, &encoded(&app.link()));
    let code = app.code(client);
    let refresh = app.tokens(client).refresh;
    for (name, value) in [
        ("decision", "allow"),
        ("workspace", "sandbox"),
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", VERIFIER),
        ("refresh_token", &refresh),
        ("token", &refresh),
    ] {
        fields.insert(name.to_owned(), value.to_owned());
    }
    fields
}

proptest! {
    #[test]
    fn nothing_makes_the_console_panic_fail_or_show_what_it_was_sent_as_html(
        steps in prop::collection::vec(a_step(), 1..8),
    ) {
        let mut client = Client::new();
        let mut browser = Browser::default();
        let good = good_fields(&mut client, &mut browser);
        for step in steps {
            let Some(request) = step.request(&good, &browser) else { continue };
            let said = client.send(request);
            prop_assert!(!said.status.is_server_error(), "{step:?}: {said:?}");
            if said.content_type.starts_with("text/html") {
                prop_assert!(!said.text.contains("<script"), "{said:?}");
            }
            prop_assert!(!said.headers.contains_key("a"));
            client.wait(7);
        }
        let kept = serde_json::to_string(&client.world).unwrap();
        let again: World = serde_json::from_str(&kept).unwrap();
        prop_assert!(again == client.world);
    }
}
