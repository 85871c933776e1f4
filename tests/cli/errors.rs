use crate::workspace::{PAIR, Run, Workspace, token};

#[test]
fn wrong_arguments_are_exit_code_3() {
    let workspace = Workspace::new();
    workspace.run_outside(&["nonsense"]).exits(3);
    workspace.run_outside(&["plan", "--nonsense"]).exits(3);
    workspace.run_outside(&[]).exits(3);
    workspace
        .run_outside(&["plan", "--var", "novalue"])
        .exits(3);
    workspace
        .run_outside(&["apply", "--parallelism", "0"])
        .exits(3);
}

#[test]
fn help_and_version_are_no_errors() {
    let workspace = Workspace::new();
    assert!(
        workspace
            .run_outside(&["--help"])
            .ok()
            .stdout
            .contains("Usage: osc-apply")
    );
    let version = workspace.run_outside(&["--version"]).ok().stdout;
    assert_eq!(
        version,
        format!("osc-apply {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_missing_manifest_says_how_to_name_one() {
    let run = Workspace::new().run_outside(&["validate"]).exits(3);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn without_a_token_the_sign_in_is_missing() {
    let run = Workspace::with(PAIR).run_outside(&["plan"]).exits(4);
    assert!(run.stderr.contains("not signed in"), "{}", run.stderr);
    assert!(run.stderr.contains("OSC_ACCESS_TOKEN"), "{}", run.stderr);
}

#[test]
fn a_mistake_in_the_manifest_comes_before_a_missing_sign_in() {
    let run = Workspace::with("version: 2\nstack: s\n")
        .run_outside(&["plan"])
        .exits(3);
    assert!(!run.stderr.contains("not signed in"), "{}", run.stderr);
}

#[test]
fn another_workspace_than_the_manifests_is_refused_before_anything_is_read() {
    let workspace = Workspace::with(&format!("workspace: other\n{PAIR}"));
    let output = workspace
        .command(&["plan"])
        .env("OSC_ACCESS_TOKEN", token())
        .output()
        .unwrap();
    let run = Run::of(output).exits(5);
    assert!(
        run.stderr.contains("`other`") && run.stderr.contains("`acme`"),
        "{}",
        run.stderr
    );
}

#[test]
fn another_workspace_than_the_environments_is_refused_too() {
    let workspace = Workspace::with(PAIR);
    let mut command = workspace.command(&["plan"]);
    command
        .env("OSC_ACCESS_TOKEN", token())
        .env("OSC_WORKSPACE", "other");
    let run = Run::of(command.output().unwrap()).exits(5);
    assert!(run.stderr.contains("OSC_WORKSPACE"), "{}", run.stderr);
}

#[test]
fn another_environment_than_the_manifests_is_refused() {
    let workspace = Workspace::with(&format!("environment: stage\n{PAIR}"));
    let mut command = workspace.command(&["plan", "--env", "prod"]);
    command.env("OSC_ACCESS_TOKEN", token());
    let run = Run::of(command.output().unwrap()).exits(5);
    assert!(run.stderr.contains("`stage`"), "{}", run.stderr);
}

#[test]
fn a_platform_that_cannot_be_reached_is_an_error_with_nothing_changed() {
    let workspace = Workspace::with(PAIR);
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut command = workspace.at(&format!("http://127.0.0.1:{port}"), &["plan"]);
    command.env("OSC_ACCESS_TOKEN", token());
    let run = Run::of(command.output().unwrap()).exits(1);
    assert!(run.stderr.contains("subscriptions"), "{}", run.stderr);
}

#[test]
fn a_plain_http_host_that_is_not_this_machine_is_refused() {
    let workspace = Workspace::with(PAIR);
    let mut command = workspace.command(&["plan"]);
    command
        .env("OSC_ACCESS_TOKEN", token())
        .env("OSC_ENDPOINT", "http://osc.example");
    let run = Run::of(command.output().unwrap()).exits(3);
    assert!(run.stderr.contains("https"), "{}", run.stderr);
}

#[test]
fn an_error_cannot_steer_the_terminal() {
    let workspace = Workspace::with(&format!("workspace: \"a\\e[31mb\"\n{PAIR}"));
    let mut command = workspace.command(&["plan"]);
    command.env("OSC_ACCESS_TOKEN", token());
    let run = Run::of(command.output().unwrap()).exits(5);
    assert!(!run.stderr.contains('\u{1b}'), "{:?}", run.stderr);
}
