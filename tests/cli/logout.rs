use crate::recorder::Recorder;
use crate::served::Served;
use crate::sign_in::{FIRST, SECOND, kept, kept_files, sign_in, sign_in_with};
use crate::workspace::{Run, Workspace};

/// Signs in where the server says how to revoke tokens.
fn sign_in_revocably(workspace: &Workspace, endpoint: &str, to: &str) {
    let issuer = format!("{endpoint}/app");
    sign_in_with(workspace, endpoint, to, &["--issuer", &issuer]);
}

fn logout(workspace: &Workspace, served: &Served, arguments: &[&str]) -> Run {
    let mut command = workspace.at(&served.endpoint, &["logout"]);
    Run::of(command.args(arguments).output().unwrap())
}

#[test]
fn the_only_sign_in_needs_no_name_and_is_gone_afterwards() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    sign_in(&workspace, &served.endpoint, SECOND);
    let run = logout(&workspace, &served, &[]).ok();
    assert_eq!(
        run.stdout,
        "Signed out of the workspace sandbox-two (prod).\n"
    );
    assert!(
        run.stderr.contains("stay good there until they end."),
        "{}",
        run.stderr
    );
    assert!(kept_files(&workspace).is_empty());
    workspace.run_at(&served.endpoint, &["whoami"]).exits(4);
    let run = logout(&workspace, &served, &[]).exits(4);
    assert!(run.stderr.contains("not signed in"), "{}", run.stderr);
}

#[test]
fn of_several_one_is_named_and_the_others_stay() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    for to in [FIRST, SECOND] {
        sign_in(&workspace, &served.endpoint, to);
    }
    let run = logout(&workspace, &served, &[]).exits(3);
    for told in ["sandbox, sandbox-two", "`--workspace`", "`--all`"] {
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
    logout(&workspace, &served, &["--workspace", "other"]).exits(4);
    logout(&workspace, &served, &["--workspace", SECOND]).ok();
    let who = workspace.run_at(&served.endpoint, &["whoami", "--json"]);
    assert_eq!(who.ok().json()["workspace"], FIRST);
}

#[test]
fn all_are_forgotten_at_every_site() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let other = Workspace::new();
    let elsewhere = Served::start(&other);
    for to in [FIRST, SECOND] {
        sign_in(&workspace, &served.endpoint, to);
    }
    sign_in(&workspace, &elsewhere.endpoint, FIRST);
    assert_eq!(kept_files(&workspace).len(), 3);
    logout(&workspace, &served, &["--all"]).ok();
    assert!(kept_files(&workspace).is_empty());
    workspace.run_at(&elsewhere.endpoint, &["whoami"]).exits(4);
}

#[test]
fn tokens_that_were_revoked_are_good_for_nothing() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    sign_in_revocably(&workspace, &served.endpoint, FIRST);
    let sign_in = kept(&workspace);
    let token = workspace.write("token", sign_in["access_token"].as_str().unwrap());
    let refresh = sign_in["refresh_token"].as_str().unwrap();
    let with_token = || {
        let mut command = workspace.at(&served.endpoint, &["whoami", "--token-file"]);
        Run::of(command.arg(&token).output().unwrap())
    };
    with_token().ok();
    let run = logout(&workspace, &served, &[]).ok();
    assert_eq!(run.stderr, "");
    with_token().exits(4);
    let url = format!("{}/app/api/connect/token", served.endpoint);
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
        ("client_id", "cli"),
    ];
    let answer = crate::http::post(&url.parse().unwrap(), &fields);
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("revoked"), "{}", answer.body);
}

#[test]
fn a_server_that_is_gone_or_refuses_is_told_and_the_sign_in_is_forgotten_all_the_same() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let recorder = Recorder::before(&served.endpoint);
    sign_in_revocably(&workspace, &recorder.endpoint(), FIRST);
    recorder.react(|_| Some((503, r#"{"reason":"later"}"#.to_owned())));
    let run = workspace.run_at(&recorder.endpoint(), &["logout"]).ok();
    let told = "did not take them back: they stay good there until they end (later).";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert!(kept_files(&workspace).is_empty());

    sign_in_revocably(&workspace, &served.endpoint, FIRST);
    let endpoint = served.endpoint.clone();
    drop(served);
    let run = workspace.run_at(&endpoint, &["logout"]).ok();
    assert!(
        run.stderr.contains("did not take them back"),
        "{}",
        run.stderr
    );
    assert!(kept_files(&workspace).is_empty());
}
