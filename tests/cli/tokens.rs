//! Which token is used where there are several.

use crate::recorder::Recorder;
use crate::served::Served;
use crate::sign_in::{FIRST, kept, sign_in};
use crate::workspace::{PAIR, Run, Workspace, token, token_saying};

/// The access token that a request carried.
fn sent(request: &str) -> &str {
    let header = "x-pat-jwt: Bearer ";
    let mut lines = request.lines();
    lines.find_map(|line| line.strip_prefix(header)).unwrap()
}

#[test]
fn the_first_place_that_has_a_token_counts_and_is_named_without_it() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    sign_in(&workspace, &served.endpoint, FIRST);
    let of_sign_in = kept(&workspace)["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let given = token_saying(r#"{"tenantId":"acme","patId":"given"}"#);
    let set = token_saying(r#"{"tenantId":"acme","patId":"set"}"#);
    let file = workspace.write("given", format!("{given}\n"));
    let named = file.display().to_string();
    let recorder = Recorder::before(&served.endpoint);
    sign_in(&workspace, &recorder.endpoint(), FIRST);
    let of_recorder = {
        let who = workspace.run_at(&recorder.endpoint(), &["whoami"]);
        who.ok();
        sent(&recorder.requests("/mytenantplan").pop().unwrap()).to_owned()
    };
    assert_ne!(of_recorder, of_sign_in, "each site has its own");
    recorder.react(|request| {
        let plan = r#"{"name":"PRO"}"#;
        request
            .contains("/mytenantplan")
            .then(|| (200, plan.to_owned()))
    });
    for (flag, variable, expected, source) in [
        (true, true, &given, named.as_str()),
        (true, false, &given, &named),
        (false, true, &set, "OSC_ACCESS_TOKEN"),
        (false, false, &of_recorder, "the sign-in in "),
    ] {
        let mut command = workspace.at(&recorder.endpoint(), &["whoami", "-v"]);
        if flag {
            command.arg("--token-file").arg(&file);
        }
        if variable {
            command.env("OSC_ACCESS_TOKEN", &set);
        }
        let run = Run::of(command.output().unwrap()).ok();
        let told = format!("using the access token from {source}");
        assert!(run.stderr.contains(&told), "{}", run.stderr);
        assert!(run.stdout.contains(source), "{}", run.stdout);
        assert!(!(run.stdout + &run.stderr).contains(expected.as_str()));
        let request = recorder.requests("/mytenantplan").pop().unwrap();
        assert_eq!(sent(&request), expected);
    }
}

#[test]
fn the_file_of_the_official_tool_comes_last() {
    let workspace = Workspace::with("version: 1\nstack: s\nworkspace: other\ninstances: {}\n");
    std::fs::create_dir(workspace.path().join(".osc")).unwrap();
    workspace.write(".osc/token", token());
    // A guard ends the command before anything is sent to the real platform.
    let run = workspace.run_outside(&["plan", "-v"]).exits(5);
    assert!(
        run.stderr.contains("using the access token from "),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains(".osc/token"), "{}", run.stderr);
    assert!(!run.stderr.contains(&token()), "{}", run.stderr);
}

#[test]
fn a_file_that_was_named_is_used_or_nothing_is() {
    let workspace = Workspace::new();
    let server = Recorder::answering(|_| Some((200, "[]".to_owned())));
    for (content, words) in [
        (None, "cannot be read"),
        (Some(""), "cannot be used"),
        (Some("c4n4ry"), "cannot be used"),
    ] {
        if let Some(content) = content {
            workspace.write("given", content);
        }
        let mut command = workspace.at(&server.endpoint(), &["whoami", "--token-file", "given"]);
        command.env("OSC_ACCESS_TOKEN", token());
        let run = Run::of(command.output().unwrap()).exits(4);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert!(!run.stderr.contains("c4n4ry"), "{}", run.stderr);
    }
    assert!(server.talk().is_empty());
}

#[test]
fn a_token_that_has_ended_is_refused_before_anything_is_asked() {
    let workspace = Workspace::with(PAIR);
    let server = Recorder::answering(|_| Some((200, "[]".to_owned())));
    let ended = token_saying(r#"{"tenantId":"acme","exp":1000000000}"#);
    for arguments in [
        ["plan"].as_slice(),
        &["apply", "--yes"],
        &["status"],
        &["whoami"],
    ] {
        let mut command = workspace.at(&server.endpoint(), arguments);
        command.env("OSC_ACCESS_TOKEN", &ended);
        let run = Run::of(command.output().unwrap()).exits(4);
        assert!(
            run.stderr.contains("OSC_ACCESS_TOKEN expired"),
            "{}",
            run.stderr
        );
    }
    assert!(server.talk().is_empty());
}
