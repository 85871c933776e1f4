use http::Request;
use serde_json::json;

use crate::sandbox::tests::client::{Client, Said};

fn get(client: &mut Client, uri: &str) -> Said {
    client.send(Request::get(uri).body(Default::default()).unwrap())
}

#[test]
fn the_document_is_found_in_two_ways_and_says_where_everything_is() {
    let mut client = Client::new();
    let [oauth, openid] = ["oauth-authorization-server", "openid-configuration"].map(|name| {
        get(
            &mut client,
            &format!("https://app.osaas.io/.well-known/{name}"),
        )
        .json()
    });
    assert_eq!(oauth, openid);
    assert_eq!(oauth["issuer"], "https://app.osaas.io");
    for (name, path) in [
        ("authorization_endpoint", "authorize"),
        ("token_endpoint", "token"),
        ("registration_endpoint", "register"),
        ("revocation_endpoint", "revoke"),
    ] {
        let expected = format!("https://app.osaas.io/api/connect/{path}");
        assert_eq!(oauth[name], expected);
    }
    assert_eq!(oauth["response_types_supported"], json!(["code"]));
    assert_eq!(oauth["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(
        oauth["authorization_response_iss_parameter_supported"],
        true
    );
}

#[test]
fn under_a_prefix_the_issuers_path_comes_last_or_first() {
    let mut client = Client::new().prefixed();
    for (path, status) in [
        ("/.well-known/oauth-authorization-server/app", 200),
        ("/app/.well-known/openid-configuration", 200),
        ("/.well-known/oauth-authorization-server", 404),
        ("/.well-known/openid-configuration", 404),
        ("/.well-known/openid-configuration/app", 404),
        ("/.well-known/oauth-authorization-server/other", 404),
        ("/app/.well-known/oauth-authorization-server", 404),
    ] {
        let said = get(&mut client, path);
        assert_eq!(said.status, status, "{path}");
        if status == 200 {
            let document = said.json();
            assert_eq!(document["issuer"], "http://127.0.0.1:7/app");
            assert_eq!(
                document["token_endpoint"],
                "http://127.0.0.1:7/app/api/connect/token"
            );
        }
    }
}

#[test]
fn routes_the_console_does_not_have_are_fastifys_404() {
    let mut client = Client::new();
    for path in ["/", "/api/connect/introspect", "/api/connect/token"] {
        let said = get(&mut client, &format!("https://app.osaas.io{path}"));
        assert_eq!(said.message(), format!("Route GET:{path} not found"));
    }
}
