//! A sign-in that ends while it is used.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::served::Served;
use crate::sign_in::{FIRST, kept, kept_files, sign_in, sign_in_with};
use crate::workspace::{PAIR, Run, Workspace};

/// Two instances, one after the other; at this speed each takes two seconds to be healthy, and
/// nothing is waited for after that.
const CHAIN: &str = "\
version: 1
stack: chain
instances:
  queue:
    service: valkey-io-valkey
    ready: { level: healthy }
  store:
    service: encore
    ready: { level: healthy }
    depends_on: [instances.queue]
";
const SPEED: &str = "10";

fn command(workspace: &Workspace, served: &Served, arguments: &[&str]) -> Command {
    let mut command = workspace.at(&served.endpoint, arguments);
    command.env("OSC_SANDBOX_SPEED", SPEED);
    command
}

fn run(workspace: &Workspace, served: &Served, arguments: &[&str]) -> Run {
    Run::of(command(workspace, served, arguments).output().unwrap())
}

#[test]
fn an_apply_that_takes_longer_than_a_token_lasts_renews_it_and_goes_on() {
    let workspace = Workspace::with(CHAIN);
    let served = Served::at_speed(&workspace, SPEED, &["--sandbox-token-lifetime", "2s"]);
    sign_in(&workspace, &served.endpoint, FIRST);
    let before = kept(&workspace);
    let applied = run(&workspace, &served, &["apply", "--yes", "-v"]).ok();
    let told = applied.stdout + &applied.stderr;
    // At once, as it lasts less than a minute, and when it had ended.
    assert!(
        told.matches("the sign-in was renewed").count() >= 2,
        "{told}"
    );
    let after = kept(&workspace);
    for token in ["access_token", "refresh_token"] {
        assert_ne!(before[token], after[token]);
        for kept in [&before, &after] {
            let token = kept[token].as_str().unwrap();
            assert!(!told.contains(token));
        }
    }
}

#[test]
fn an_apply_whose_sign_in_is_taken_back_stops_and_the_next_one_goes_on() {
    let workspace = Workspace::with(CHAIN);
    let served = Served::at_speed(&workspace, SPEED, &[]);
    let issuer = format!("{}/app", served.endpoint);
    sign_in_with(&workspace, &served.endpoint, FIRST, &["--issuer", &issuer]);
    let mut child = command(&workspace, &served, &["apply", "--yes"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut stderr = String::new();
    while !stderr.contains("waiting until healthy") {
        assert!(told.read_line(&mut stderr).unwrap() > 0, "{stderr}");
    }
    let logout = run(&workspace, &served, &["logout"]).ok();
    assert_eq!(logout.stderr, "");
    told.read_to_string(&mut stderr).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(4), "{stderr}");
    for told in [
        "! instances.queue  create failed",
        "created, but it could not be marked as this stack's",
        "skipped because of instances.queue",
        "does not accept the token",
        "run `osc-apply login`",
        "what is done stays done",
    ] {
        assert!(stderr.contains(told), "{stderr}");
    }

    sign_in(&workspace, &served.endpoint, FIRST);
    let plan = run(&workspace, &served, &["plan", "--json"]).ok();
    let summary = &plan.json()["summary"];
    assert_eq!(
        (&summary["create"], &summary["mark"]),
        (&1.into(), &1.into())
    );
    // Nobody could give its lease back.
    let again = ["apply", "--yes"];
    let told = run(&workspace, &served, &again).exits(5).stderr;
    assert!(
        told.contains("another run is changing this stack"),
        "{told}"
    );
    run(
        &workspace,
        &served,
        &[&again[..], &["--take-over"]].concat(),
    )
    .ok();
    run(&workspace, &served, &["plan", "--detailed-exitcode"]).ok();
}

#[test]
fn a_sign_in_that_has_ended_for_good_says_so_before_anything_is_changed() {
    let workspace = Workspace::with(PAIR);
    let fault = "refresh-refused:count=99";
    let served = Served::with(&workspace, &["--sandbox-fault", fault]);
    sign_in(&workspace, &served.endpoint, FIRST);
    let mut ended = kept(&workspace);
    ended["expires"] = serde_json::json!(1);
    std::fs::write(&kept_files(&workspace)[0], ended.to_string()).unwrap();
    for arguments in [
        ["plan"].as_slice(),
        &["apply", "--yes"],
        &["status"],
        &["whoami"],
    ] {
        let run = workspace.run_at(&served.endpoint, arguments).exits(4);
        assert!(run.stderr.contains("not known any more"), "{}", run.stderr);
        assert!(run.stderr.contains("osc-apply login"), "{}", run.stderr);
    }
    sign_in(&workspace, &served.endpoint, FIRST);
    let plan = workspace.run_at(&served.endpoint, &["plan", "--json"]).ok();
    assert_eq!(plan.json()["summary"]["create"], 2);
}
