use std::time::{Duration, SystemTime};

use crate::platform::answering;
use crate::served::Served;
use crate::sign_in::{SECOND, kept, kept_files, sign_in};
use crate::workspace::{Run, Workspace, token, token_saying};

const PLAN: &[(&str, &str)] = &[(
    "/mytenantplan",
    r#"{"name":"PRO","remainingTokens":850,"trial":false}"#,
)];

/// `whoami` with this token, of a platform that answers so.
fn whoami(bodies: &'static [(&str, &str)], token: &str, arguments: &[&str]) -> Run {
    let workspace = Workspace::new();
    let mut command = workspace.command(&["whoami"]);
    command
        .args(arguments)
        .env("OSC_ENDPOINT", format!("http://{}", answering(bodies)))
        .env("OSC_ACCESS_TOKEN", token);
    let run = Run::of(command.output().unwrap());
    let shown = format!("{}{}", run.stdout, run.stderr);
    assert!(!shown.contains(token), "{shown}");
    assert!(!shown.contains("c2ln"), "{shown}");
    run
}

fn from_a_sign_in(lasts: Duration) -> String {
    let end = SystemTime::now() + lasts;
    let end = end.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    token_saying(&format!(
        r#"{{"tenantId":"acme","userId":"u","serviceLimits":5,"exp":{}}}"#,
        end.as_secs()
    ))
}

#[test]
fn the_sandbox_tells_who_one_is_there_without_a_manifest() {
    let run = Workspace::new().run(&["whoami"]).ok();
    insta::assert_snapshot!(run.stdout, @r"
    workspace    sandbox
    environment  prod
    user         sandbox
    plan         FREE
    token        personal access token
    source       the sandbox
    expires      never, unless it is revoked
    ");
    assert_eq!(run.stderr, "");
}

#[test]
fn no_manifest_is_read_and_the_environment_is_that_of_the_flag() {
    let workspace = Workspace::with("no: manifest\nenvironment: dev\n");
    let run = workspace.run(&["whoami", "--env", "stage", "--json"]).ok();
    assert_eq!(run.json()["environment"], "stage");
}

#[test]
fn a_token_of_the_console_has_no_end() {
    let run = whoami(PLAN, &token(), &[]).ok();
    insta::assert_snapshot!(run.stdout, @r"
    workspace    acme
    environment  prod
    user         u
    plan         PRO
    balance      850 tokens
    token        personal access token
    source       OSC_ACCESS_TOKEN
    expires      never, unless it is revoked
    ");
    let document = whoami(PLAN, &token(), &["--json"]).ok().json();
    assert_eq!(document["format"], "osc-apply/whoami");
    assert_eq!(document["version"], 1);
    assert_eq!(document["tenant_plan"], "PRO");
    assert_eq!(document["remaining_tokens"], 850);
    assert_eq!(document["token"]["kind"], "personal_access_token");
    assert!(document["token"]["expires"].is_null());
}

#[test]
fn a_token_from_a_sign_in_says_when_it_ends() {
    let token = from_a_sign_in(Duration::from_secs(5400));
    let run = whoami(PLAN, &token, &[]).ok();
    assert!(run.stdout.contains("from a sign-in\n"), "{}", run.stdout);
    assert!(run.stdout.contains("Z, in 1h "), "{}", run.stdout);
    assert!(run.stdout.contains("service limits  5\n"), "{}", run.stdout);
    let document = whoami(PLAN, &token, &["--json"]).ok().json();
    assert_eq!(document["token"]["kind"], "sign_in");
    let left = document["token"]["seconds_left"].as_u64().unwrap();
    assert!((5000..=5400).contains(&left), "{left}");
}

#[test]
fn a_sign_in_says_where_it_is_kept_and_is_renewed_when_it_has_ended() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    sign_in(&workspace, &served.endpoint, SECOND);
    let file = kept_files(&workspace).remove(0);
    let mut ended = kept(&workspace);
    ended["expires"] = serde_json::json!(1);
    std::fs::write(&file, ended.to_string()).unwrap();
    let run = workspace.run_at(&served.endpoint, &["whoami"]).ok();
    let source = format!("the sign-in in {}", file.display());
    for told in ["sandbox-two", "ada", &source, "; renewed by itself"] {
        assert!(run.stdout.contains(told), "{}", run.stdout);
    }
    assert!(run.stdout.contains("Z, in 59m "), "{}", run.stdout);
    assert_ne!(kept(&workspace)["access_token"], ended["access_token"]);
}

#[test]
fn a_token_that_has_ended_or_is_missing_is_not_signed_in() {
    let ended = token_saying(r#"{"tenantId":"acme","exp":1000000000}"#);
    let run = whoami(PLAN, &ended, &[]).exits(4);
    assert!(run.stderr.contains("expired"), "{}", run.stderr);
    let run = Workspace::new().run_outside(&["whoami"]).exits(4);
    assert!(run.stderr.contains("not signed in"), "{}", run.stderr);
}

#[test]
fn a_plan_that_cannot_be_read_says_why_and_the_rest_is_told() {
    const USELESS: [&[(&str, &str)]; 5] = [
        &[("/mytenantplan", r#"500 {"reason":"boom"}"#)],
        &[("/mytenantplan", r#"403 {"reason":"boom"}"#)],
        &[("/mytenantplan", r#"{"plan":"PRO"}"#)],
        &[("/mytenantplan", r#"["boom"]"#)],
        &[("/mytenantplan", r#"{"name":"\n"}"#)],
    ];
    for useless in USELESS {
        let run = whoami(useless, &token(), &["-vv"]).ok();
        assert!(run.stdout.contains("workspace    acme"), "{}", run.stdout);
        let row = "plan         could not be read: reading the workspace's plan failed: ";
        assert!(run.stdout.contains(row), "{}", run.stdout);
        let document = whoami(useless, &token(), &["--json"]).ok().json();
        assert!(document["tenant_plan"].is_null());
        let why = document["tenant_plan_unreadable"].as_str().unwrap();
        assert!(why.contains("(HTTP "), "{why}");
    }
}

#[test]
fn a_money_host_that_is_garbled_for_good_is_told_and_for_a_moment_is_not() {
    let workspace = Workspace::new();
    let whoami = |fault: &str| {
        let run = workspace.run(&["whoami", "--json", "--sandbox-fault", fault]);
        run.ok().json()
    };
    for kind in ["read-503", "read-garbled", "read-empty"] {
        let good = whoami(&format!("{kind}:target=money,count=2"));
        assert_eq!(good["tenant_plan"], "FREE", "{kind}");
        let bad = whoami(&format!("{kind}:target=money,count=99"));
        assert!(bad["tenant_plan"].is_null(), "{kind}");
    }
}

#[test]
fn whom_the_platform_does_not_know_is_not_signed_in() {
    const REFUSED: &[(&str, &str)] = &[("/mytenantplan", r#"401 {"reason":"Unauthorized"}"#)];
    let run = whoami(REFUSED, &token(), &[]).exits(4);
    assert_eq!(run.stdout, "");
    for told in ["does not accept the token", "set OSC_ACCESS_TOKEN"] {
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
    let workspace = Workspace::new();
    let fault = ["whoami", "--sandbox-fault", "pat-refused:target=money"];
    workspace.run(&fault).exits(4);
}

#[test]
fn a_plan_that_quotes_the_token_is_shown_nowhere() {
    const ECHO: &[(&str, &str)] = &[(
        "/mytenantplan",
        r#"{"name":"e30.eyJ0ZW5hbnRJZCI6ImFjbWUiLCJ1c2VySWQiOiJ1IiwiaWF0IjoxfQ.c2ln"}"#,
    )];
    let run = whoami(ECHO, &token(), &["-vv"]).ok();
    assert!(!run.stdout.contains("eyJ0"), "{}", run.stdout);
}
