//! The sign-in from beginning to end.

use crate::recorder::Recorder;
use crate::served::Served;
use crate::sign_in::{FIRST, SECOND, Waiting, kept_files, parameter, sign_in, sign_in_with};
use crate::workspace::{PAIR, Run, Workspace};

#[test]
fn a_sign_in_goes_through_the_browser_and_is_used_from_then_on() {
    let workspace = Workspace::with(PAIR);
    let served = Served::start(&workspace);
    let run = workspace.run_at(&served.endpoint, &["plan"]).exits(4);
    assert!(run.stderr.contains("osc-apply login"), "{}", run.stderr);

    let waiting = Waiting::login(&workspace, &served.endpoint, &[]);
    let page = waiting.allow(SECOND);
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Signed in"), "{}", page.text);
    assert!(page.text.contains(SECOND), "{}", page.text);
    let run = waiting.end().ok();
    for told in [
        "Signed in to the workspace sandbox-two (prod) as ada.",
        "is renewed by itself",
        "which only you can read",
    ] {
        assert!(run.stdout.contains(told), "{}", run.stdout);
    }

    let who = workspace.run_at(&served.endpoint, &["whoami", "--json"]);
    let who = who.ok().json();
    assert_eq!(who["workspace"], SECOND);
    assert_eq!(who["user"], "ada");
    assert_eq!(who["token"]["kind"], "sign_in");
    let left = who["token"]["seconds_left"].as_u64().unwrap();
    assert!((3500..=3600).contains(&left), "{left}");
    for arguments in [
        ["apply", "--yes"].as_slice(),
        &["plan", "--detailed-exitcode"],
    ] {
        workspace.run_at(&served.endpoint, arguments).ok();
    }
}

#[test]
fn a_sign_in_can_be_told_to_programs() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let told = sign_in_with(&workspace, &served.endpoint, FIRST, &["--json"]).json();
    assert_eq!(told["format"], "osc-apply/signed-in");
    assert_eq!(told["workspace"], FIRST);
    assert_eq!(told["renewable"], true);
}

#[test]
fn the_address_holds_the_challenge_and_no_verifier() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let recorder = Recorder::before(&served.endpoint);
    let waiting = Waiting::login(&workspace, &recorder.endpoint(), &[]);
    let url = waiting.url.clone();
    waiting.allow(FIRST);
    waiting.end().ok();
    let request = recorder.requests("/api/connect/token").remove(0);
    let form = request.split_once("\r\n\r\n").unwrap().1;
    let sent = url::Url::parse(&format!("form:?{form}")).unwrap();
    assert_eq!(parameter(&url, "code_challenge_method"), "S256");
    assert_eq!(parameter(&url, "client_id"), "cli");
    assert_eq!(parameter(&url, "state").len(), 43);
    let verifier = parameter(&sent, "code_verifier");
    assert_eq!(verifier.len(), 43);
    assert!(!url.as_str().contains(&verifier));
    assert_eq!(
        parameter(&sent, "redirect_uri"),
        parameter(&url, "redirect_uri")
    );
    assert!(request.contains("content-type: application/x-www-form-urlencoded"));
}

#[test]
fn no_two_sign_ins_ask_with_the_same_state_or_challenge() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let [one, other] = [(); 2].map(|()| Waiting::login(&workspace, &served.endpoint, &[]));
    for name in ["state", "code_challenge", "redirect_uri"] {
        assert_ne!(one.parameter(name), other.parameter(name));
    }
}

#[test]
fn a_sign_in_that_cannot_be_renewed_says_so_and_until_when_it_lasts() {
    let workspace = Workspace::new();
    let served = Served::with(&workspace, &["--sandbox-fault", "refresh-withheld"]);
    let run = sign_in(&workspace, &served.endpoint, FIRST);
    assert!(run.stdout.contains("lasts until 20"), "{}", run.stdout);
    assert!(
        run.stdout.contains("no means to renew it"),
        "{}",
        run.stdout
    );
    let who = workspace.run_at(&served.endpoint, &["whoami"]).ok();
    assert!(!who.stdout.contains("renewed by itself"), "{}", who.stdout);
}

#[test]
fn another_workspace_than_the_one_that_is_wanted_is_not_kept() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let wanted = ["--workspace", FIRST];
    let waiting = Waiting::login(&workspace, &served.endpoint, &wanted);
    let page = waiting.allow(SECOND);
    assert!(page.text.contains("Nothing was kept"), "{}", page.text);
    let run = waiting.end().exits(5);
    for told in ["`sandbox-two`", "choose `sandbox`", "nothing was kept"] {
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
    assert!(kept_files(&workspace).is_empty());
    sign_in_with(&workspace, &served.endpoint, FIRST, &wanted);
}

#[test]
fn each_workspace_has_a_sign_in_and_flag_or_manifest_pick_one() {
    let workspace = Workspace::with(&format!("workspace: {FIRST}\n{PAIR}"));
    let served = Served::start(&workspace);
    for to in [FIRST, SECOND] {
        sign_in(&workspace, &served.endpoint, to);
    }
    let who = |arguments: &[&str]| {
        let run = workspace.run_at(&served.endpoint, &["whoami", "--json"]);
        assert_eq!(run.ok().json()["workspace"], SECOND, "the latest");
        let mut command = workspace.at(&served.endpoint, &["whoami", "--json"]);
        let run = Run::of(command.args(arguments).output().unwrap()).ok();
        run.json()["workspace"].as_str().unwrap().to_owned()
    };
    for picked in [FIRST, SECOND] {
        assert_eq!(who(&["--workspace", picked]), picked);
    }
    let plan = workspace.run_at(&served.endpoint, &["plan", "--json"]).ok();
    assert_eq!(plan.json()["workspace"], FIRST);
    let other = ["whoami", "--workspace", "other"];
    let run = workspace.run_at(&served.endpoint, &other).exits(4);
    let told = "not signed in to the workspace other, only to sandbox, sandbox-two";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    // Signing in again to one of them takes the place of the one before.
    sign_in(&workspace, &served.endpoint, FIRST);
    assert_eq!(kept_files(&workspace).len(), 2);
}
