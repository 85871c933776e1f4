//! As whom somebody signs in: the public client, a registered one, or one that registers itself.

use std::net::TcpListener;
use std::process::Command;

use crate::http;
use crate::recorder::Recorder;
use crate::served::{Served, WORLD};
use crate::sign_in::{FIRST, Waiting, kept, sign_in_with};
use crate::workspace::{Run, Workspace};

/// A client as the console registers it: its variables, and the port that it comes back to.
pub(crate) struct Registered {
    variables: Vec<(String, String)>,
    port: u16,
}

impl Registered {
    pub(crate) fn in_the_sandbox_of(workspace: &Workspace) -> Self {
        let port = free_port();
        let redirect = format!("http://localhost:{port}/callback");
        let mut command = workspace.command(&["sandbox", "client", "My app", &redirect]);
        command.env("OSC_SANDBOX_DIR", workspace.path().join(WORLD));
        let run = Run::of(command.output().unwrap()).ok();
        let lines = run.stdout.lines();
        let pairs = lines.map(|line| {
            line.strip_prefix("export ")
                .unwrap()
                .split_once('=')
                .unwrap()
        });
        Self {
            variables: pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            port,
        }
    }

    /// `login` as this client.
    pub(crate) fn login(&self, workspace: &Workspace, endpoint: &str) -> Command {
        let mut command = workspace.at(endpoint, &["login", "--no-browser"]);
        self.be_named_to(&mut command);
        command
    }

    /// Puts it into the environment of a command.
    pub(crate) fn be_named_to(&self, command: &mut Command) {
        command
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("OSC_CALLBACK_PORT", self.port.to_string());
    }

    fn id(&self) -> &str {
        &self.variables[0].1
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn a_registered_client_comes_back_to_its_own_port_and_shows_its_secret() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let client = Registered::in_the_sandbox_of(&workspace);
    let waiting = Waiting::of(client.login(&workspace, &served.endpoint));
    assert_eq!(waiting.parameter("client_id"), client.id());
    assert_eq!(waiting.port(), client.port);
    assert_eq!(waiting.allow(FIRST).status, 200);
    waiting.end().ok();
    workspace.run_at(&served.endpoint, &["whoami"]).ok();
    // Renewing needs the client again, and nobody names it then.
    assert_eq!(kept(&workspace)["client_id"], client.id());
}

#[test]
fn a_bare_client_id_counts_when_it_is_one_of_the_platforms() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    for (id, expected) in [("osc_0123", "osc_0123"), ("somebody-elses", "cli")] {
        let mut command = workspace.at(&served.endpoint, &["login", "--no-browser"]);
        command.args(["--callback-port", &free_port().to_string()]);
        command.env("CLIENT_ID", id).env("CLIENT_SECRET", "any");
        assert_eq!(Waiting::of(command).parameter("client_id"), expected);
    }
}

#[test]
fn a_wrong_secret_is_told_without_being_shown() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let client = Registered::in_the_sandbox_of(&workspace);
    let mut command = client.login(&workspace, &served.endpoint);
    command.env("OSC_CLIENT_SECRET", "osc_secret_c4n4ry");
    let waiting = Waiting::of(command);
    let page = waiting.allow(FIRST);
    assert!(page.text.contains("id or secret"), "{}", page.text);
    let run = waiting.end().exits(4);
    let told = "the sign-in server does not take this client's id or secret";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert!(!(run.stderr + &page.text).contains("c4n4ry"));
}

#[test]
fn a_registered_client_without_a_port_is_a_wrong_use() {
    let workspace = Workspace::new();
    let mut command = workspace.command(&["login", "--no-browser"]);
    command.env("OSC_CLIENT_ID", "osc_0123");
    let run = Run::of(command.output().unwrap()).exits(3);
    assert!(run.stderr.contains("--callback-port"), "{}", run.stderr);
}

#[test]
fn a_port_that_is_taken_on_either_loopback_address_is_told() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let client = Registered::in_the_sandbox_of(&workspace);
    for address in ["127.0.0.1", "::1"] {
        // Not every machine has IPv6.
        let Ok(_taken) = TcpListener::bind((address, client.port)) else {
            continue;
        };
        let run = client.login(&workspace, &served.endpoint).output().unwrap();
        let run = Run::of(run).exits(4);
        let told = format!("port {} of this machine", client.port);
        assert!(run.stderr.contains(&told), "{}", run.stderr);
        assert!(!run.stderr.contains("/authorize"), "{}", run.stderr);
    }
}

#[test]
fn a_client_that_registered_itself_is_used_again_while_its_port_is_free() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let recorder = Recorder::before(&served.endpoint);
    let register = || Waiting::login(&workspace, &recorder.endpoint(), &["--register"]);
    let first = register();
    let (id, port) = (first.parameter("client_id"), first.port());
    assert!(id.starts_with("osc_"), "{id}");
    first.allow(FIRST);
    first.end().ok();
    assert_eq!(kept(&workspace)["registered_port"], port);

    let again = register();
    assert_eq!(
        (again.parameter("client_id"), again.port()),
        (id.clone(), port)
    );
    assert_eq!(again.allow(FIRST).status, 200);
    again.end().ok();
    assert_eq!(recorder.requests("/api/connect/register").len(), 1);

    let _taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let anew = register();
    assert_ne!(anew.parameter("client_id"), id);
    assert_ne!(anew.port(), port);
    assert_eq!(anew.allow(FIRST).status, 200);
    anew.end().ok();
    workspace.run_at(&recorder.endpoint(), &["whoami"]).ok();
    assert_eq!(recorder.requests("/api/connect/register").len(), 2);
}

#[test]
fn a_server_that_registers_nobody_is_told_with_its_words() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let recorder = Recorder::before(&served.endpoint);
    recorder.react(|request| {
        let refusal = r#"{"error":"invalid_client_metadata","error_description":"not today"}"#;
        let asked = request.contains("/api/connect/register");
        asked.then(|| (400, refusal.to_owned()))
    });
    let arguments = ["login", "--no-browser", "--register"];
    let run = workspace.run_at(&recorder.endpoint(), &arguments).exits(4);
    let told = "registered no client: not today (invalid_client_metadata)";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

#[test]
fn the_public_client_can_be_given_a_port() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let port = free_port().to_string();
    sign_in_with(
        &workspace,
        &served.endpoint,
        FIRST,
        &["--callback-port", &port],
    );
    let url = format!("http://localhost:{port}/callback").parse().unwrap();
    let waiting = Waiting::login(&workspace, &served.endpoint, &["--callback-port", &port]);
    assert_eq!(http::get(&url).status, 400);
    drop(waiting);
}
