use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::app::{App, encoded, with};
use super::browser::Browser;
use crate::sandbox::tests::client::{Client, Said};

/// All pages there are: sign-in, consent, and a problem.
fn pages(client: &mut Client, app: &App) -> [Said; 3] {
    let mut browser = Browser::default();
    let link = encoded(&app.link());
    let sign_in = browser.open(client, &link);
    browser.sign_in(client, &link);
    let consent = browser.open(client, &link);
    let problem = browser.open(client, "client_id=nobody");
    [sign_in, consent, problem]
}

#[test]
fn the_consent_page_names_the_app_the_user_the_workspaces_and_where_it_leads() {
    let mut client = Client::new();
    let [_, cli, _] = pages(&mut client, &App::cli());
    let app = App::registered(&mut client);
    let [_, registered, _] = pages(&mut client, &app);
    for (page, told) in [
        (&cli, "OSC command line"),
        (&cli, "http:&#x2f;&#x2f;localhost:4711"),
        (&cli, "ada"),
        (&cli, "FREE plan"),
        (&cli, "PERSONAL plan"),
        (&cli, "create, change and remove service instances"),
        (&registered, "Notes"),
        (&registered, "https:&#x2f;&#x2f;app.example"),
    ] {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
}

#[test]
fn every_input_that_is_seen_has_a_label() {
    let mut client = Client::new();
    for page in pages(&mut client, &App::cli()) {
        let inputs = page.text.split("<input ").skip(1);
        for input in inputs.filter(|input| !input.starts_with("type=\"hidden\"")) {
            let (_, id) = input.split_once("id=\"").unwrap();
            let (id, _) = id.split_once('"').unwrap();
            let label = format!("<label for=\"{id}\">");
            assert!(page.text.contains(&label), "{label}");
        }
    }
}

#[test]
fn what_others_chose_is_shown_as_text() {
    let mut client = Client::new();
    let name = "<script>alert(\"1\")</script>'&";
    let redirect = "https://app.example/'><script>";
    let known = client.world.register_client(name, redirect).unwrap();
    let app = App {
        id: known.id,
        secret: None,
        redirect: redirect.to_owned(),
    };
    let mut browser = Browser::default();
    let link = with(&app.link(), "state", "\"><script>x</script>");
    let sign_in = browser.open(&mut client, &encoded(&link));
    let form = browser.sign_in(&mut client, &encoded(&link));
    let consent = browser.open(&mut client, &encoded(&link));
    for page in [sign_in, consent] {
        assert!(!page.text.contains("<script"), "{}", page.text);
        assert!(page.text.contains("&lt;script&gt;alert(&quot;1&quot;)"));
    }
    assert_eq!(form["state"], "\"><script>x</script>");
    assert_eq!(form["redirect_uri"], redirect);
}

#[test]
fn pages_load_nothing_and_are_neither_kept_nor_framed() {
    let mut client = Client::new();
    for page in pages(&mut client, &App::cli()) {
        let header = |name: &str| page.headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("x-content-type-options"), "nosniff");
        let policy = header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(rule), "{policy}");
        }
        let (_, style) = page.text.split_once("<style>").unwrap();
        let (style, _) = style.split_once("</style>").unwrap();
        let hash = STANDARD.encode(Sha256::digest(style));
        assert!(policy.contains(&format!("style-src 'sha256-{hash}'")));
        for loading in ["src=", "url(", "@import", "<script", "<link", "style="] {
            assert!(!page.text.contains(loading), "{loading}");
        }
    }
}

#[test]
fn a_form_may_lead_to_the_app_that_asked_and_nowhere_else() {
    let mut client = Client::new();
    let [sign_in, consent, problem] = pages(&mut client, &App::cli());
    let form_action = |page: &Said| {
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        let mut rules = policy.split("; ");
        let rule = rules.find_map(|rule| rule.strip_prefix("form-action "));
        rule.unwrap().trim().to_owned()
    };
    for page in [sign_in, consent] {
        assert_eq!(form_action(&page), "'self' http://localhost:4711");
    }
    assert_eq!(form_action(&problem), "'self'");
}

#[test]
fn redirects_are_not_kept_and_tell_no_referrer() {
    let mut client = Client::new();
    let mut browser = Browser::default();
    let link = encoded(&with(&App::cli().link(), "response_type", "token"));
    let said = browser.open(&mut client, &link);
    assert_eq!(said.headers["cache-control"], "no-store");
    assert_eq!(said.headers["referrer-policy"], "no-referrer");
    assert!(said.text.is_empty());
}
