use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::testing::{Asked, Reply, Server as Fake, lost, pat, reply};
use super::*;
use crate::osc::{HostOverrides, TransportKind};

/// How a sign-in ended, the page that the browser got, and what the server was asked.
struct Ended {
    result: Result<SignIn, AuthError>,
    page: String,
    asked: Vec<Asked>,
}

/// Goes through a sign-in whose browser comes back with this after `state=…&`.
async fn ended(server: Fake, identity: Identity, answer: &'static str) -> Ended {
    let hosts = Hosts::new("prod", &HostOverrides::default()).unwrap();
    let login = Login {
        hosts: &hosts,
        issuer: None,
        identity,
        exchange: &server,
        clock: Clock::starting_at(std::time::SystemTime::UNIX_EPOCH),
        random: [[1; 32], [2; 32]],
    };
    let (sent, browser) = tokio::sync::oneshot::channel();
    let visit = async {
        match browser.await {
            Ok(url) => come_back(url, answer).await,
            Err(_) => String::new(),
        }
    };
    let finish = async {
        let agreed = login.ask(|url| drop(sent.send(url.clone()))).await?;
        let sign_in = agreed.sign_in.clone();
        agreed.done("prod").await;
        Ok(sign_in)
    };
    let (result, page) = tokio::join!(finish, visit);
    Ended {
        result,
        page,
        asked: server.asked(),
    }
}

async fn come_back(url: Url, answer: &str) -> String {
    let field = |name: &str| {
        let mut pairs = url.query_pairs();
        let found = pairs.find(|(key, _)| key == name);
        found.unwrap().1.into_owned()
    };
    let redirect = Url::parse(&field("redirect_uri")).unwrap();
    let port = redirect.port().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let state = field("state");
    let request =
        format!("GET /callback?state={state}&{answer} HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut page = String::new();
    let _ = stream.read_to_string(&mut page).await;
    page
}

fn platform(grant: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Fake {
    Fake::answering(move |asked| match asked.line.as_str() {
        line if line.ends_with("/token") => grant(asked),
        line if line.ends_with("/register") => reply(
            201,
            &json!({ "client_id": "osc_new", "client_secret": "canary" }),
        ),
        _ => reply(200, &json!({})),
    })
}

fn granted(_: &Asked) -> Reply {
    reply(
        200,
        &json!({ "access_token": pat("acme"), "refresh_token": "r" }),
    )
}

const ANY: Identity = Identity::Public(None);

#[tokio::test]
async fn a_sign_in_ends_with_tokens_and_a_page_that_says_so() {
    let Ended {
        result,
        page,
        asked,
    } = ended(platform(granted), ANY, "code=canarycode").await;
    let sign_in = result.unwrap();
    assert_eq!(sign_in.claims.workspace, "acme");
    assert_eq!(sign_in.client.id, "cli");
    assert_eq!(sign_in.registered_port, None);
    assert!(
        page.starts_with("HTTP/1.1 200") && page.contains("acme"),
        "{page}"
    );
    let token = &asked.last().unwrap().body;
    let verifier = Verifier::of([1; 32]);
    let sent = format!("code_verifier={}", verifier.secret().expose_secret());
    assert!(token.contains(&sent) && token.contains("code=canarycode"));
}

#[test]
fn the_browser_is_sent_with_the_challenge_and_never_the_verifier() {
    let hosts = Hosts::new("prod", &HostOverrides::default()).unwrap();
    let (verifier, state) = (Verifier::of([1; 32]), State::of([2; 32]));
    let server = Server::fixed(&hosts);
    let url = authorization(&server, &Client::public(), &verifier, &state, 7);
    let pairs: Vec<_> = url.query_pairs().into_owned().collect();
    let text = |secret: &secrecy::SecretString| secret.expose_secret().to_owned();
    let expected = [
        ("response_type", "code".to_owned()),
        ("client_id", "cli".to_owned()),
        ("redirect_uri", "http://localhost:7/callback".to_owned()),
        ("code_challenge", verifier.challenge()),
        ("code_challenge_method", "S256".to_owned()),
        ("state", text(state.secret())),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(pairs, expected);
    assert!(!url.as_str().contains(&text(verifier.secret())));
}

#[tokio::test]
async fn each_way_to_fail_has_words_for_the_terminal_and_the_browser() {
    let refused = |error: &'static str| {
        platform(move |_| reply(400, &json!({ "error": error, "error_description": "so" })))
    };
    for (server, answer, words) in [
        (
            platform(granted),
            "error=access_denied",
            "access was denied",
        ),
        (
            platform(granted),
            "error=server_error&error_description=no+luck",
            "refused the request: no luck (server_error)",
        ),
        (platform(granted), "", "neither a code nor an error"),
        (
            refused("invalid_grant"),
            "code=canarycode",
            "expired, used or not ours",
        ),
        (
            refused("invalid_client"),
            "code=canarycode",
            "does not take this client",
        ),
        (
            platform(|_| reply(502, &json!(null))),
            "code=canarycode",
            "HTTP 502",
        ),
        (
            platform(|_| Err(lost(TransportKind::Broken))),
            "code=canarycode",
            "app.osaas.io cannot be reached: gone",
        ),
    ] {
        let Ended { result, page, .. } = ended(server, ANY, answer).await;
        let error = result.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(page.contains("<h1>Not signed in</h1>"), "{page}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_before_a_browser_is_sent() {
    let server = Fake::answering(|_| Err(lost(TransportKind::Connect)));
    let Ended { result, page, .. } = ended(server, ANY, "code=canarycode").await;
    assert!(matches!(result, Err(AuthError::Unreachable { .. })));
    assert_eq!(page, "");
}

#[tokio::test]
async fn a_code_is_sent_once_whatever_comes_of_it() {
    let server = platform(|_| reply(503, &json!(null)));
    let Ended { asked, .. } = ended(server, ANY, "code=canarycode").await;
    let sent = asked.iter().filter(|asked| asked.line.ends_with("/token"));
    assert_eq!(sent.count(), 1);
}

#[tokio::test]
async fn a_client_registers_itself_once_and_anew_where_its_port_is_taken() {
    let fresh = ended(
        platform(granted),
        Identity::Dynamic(None, None),
        "code=canarycode",
    )
    .await;
    let sign_in = fresh.result.unwrap();
    assert_eq!(sign_in.client.id, "osc_new");
    let port = sign_in.registered_port.unwrap();
    let registration = |token_endpoint: &str| Registration {
        client: Client {
            id: "osc_old".into(),
            secret: Some("canarysecret".into()),
        },
        port,
        token_endpoint: Url::parse(token_endpoint).unwrap(),
    };
    let here = registration("https://app.osaas.io/api/connect/token");
    let known = || Identity::Dynamic(Some(here.clone()), None);
    // Its secret is for the server that gave it.
    let elsewhere = Identity::Dynamic(Some(registration("https://other.example/token")), None);
    let other = ended(platform(granted), elsewhere, "code=canarycode").await;
    assert_eq!(other.result.unwrap().client.id, "osc_new");
    let sent = other.asked.iter().map(|asked| asked.body.as_str());
    assert!(!sent.collect::<String>().contains("canarysecret"));
    let again = ended(platform(granted), known(), "code=canarycode").await;
    let sign_in = again.result.unwrap();
    assert_eq!(sign_in.client.id, "osc_old");
    assert_eq!(sign_in.registered_port, Some(port));
    let _taken = Listener::bind(Some(port)).await.unwrap();
    let anew = ended(platform(granted), known(), "code=canarycode").await;
    let sign_in = anew.result.unwrap();
    assert_eq!(sign_in.client.id, "osc_new");
    assert_ne!(sign_in.registered_port, Some(port));
}
