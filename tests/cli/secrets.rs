use crate::workspace::Workspace;

const CANARY: &str = "c4n4ryP4ssw0rd";

/// A canary in every place a password has before there are secrets: a literal, a variable, a URL
/// with a user part, and a block.
fn manifest(more: &str) -> String {
    format!(
        "version: 1\nstack: s\nvariables:\n  pw: {{ default: {CANARY}Var }}\ninstances:\n  a:\n    \
         service: minio-minio\n    options: {{ RootUser: u, RootPassword: {CANARY}Literal }}\n  \
         b:\n    service: valkey-io-valkey\n    options: {{ Password: \"${{variables.pw}}\" }}\n  \
         c:\n    service: eyevinn-app-config-svc\n    options:\n      RedisUrl: \
         redis://default:{CANARY}Url@${{instances.b.address}}\n      ConfigApiKey: |\n        \
         {CANARY}Block\n{more}"
    )
}

#[test]
fn no_command_prints_a_password_of_either_side() {
    let workspace = Workspace::with(&manifest(""));
    let before: [&[&str]; 4] = [&["validate"], &["plan"], &["plan", "--json"], &["status"]];
    let apply: [&[&str]; 1] = [&["apply", "--yes", "-v"]];
    for arguments in before.iter().chain(&apply) {
        check(&workspace, arguments);
    }
    // Now the other side: the canaries are live, and the manifest wants something else.
    let changed = manifest("").replace(CANARY, "Other0therOther");
    workspace.write("osc.yaml", changed);
    let after: [&[&str]; 6] = [
        &["plan"],
        &["plan", "-vv"],
        &["plan", "--json"],
        &["status", "--json"],
        &["output"],
        &["destroy", "--yes", "--discard-data", "all"],
    ];
    for arguments in after {
        check(&workspace, arguments);
    }
}

#[test]
fn no_event_of_an_apply_carries_a_password() {
    let workspace = Workspace::with(&manifest(""));
    check(&workspace, &["apply", "--yes", "--json", "-vv"]);
    // A service without an update in place: its canary goes with it, another one comes.
    workspace.write("osc.yaml", manifest("").replace("Block", "Block2"));
    check(&workspace, &["apply", "--yes", "--json", "-vv"]);
}

#[test]
fn no_finding_quotes_a_password() {
    for mistake in [
        "    options_: 1\n",
        "  d: { service: nope }\n",
        "outputs: { x: \"${variables.pw}\" }\n",
    ] {
        let workspace = Workspace::with(&manifest(mistake));
        for arguments in [["validate"].as_slice(), &["validate", "--json"]] {
            let run = workspace.run_outside(arguments);
            assert_eq!(run.code, 3, "{}", run.stderr);
            assert_clean(&run.stdout, &run.stderr);
        }
    }
    // A password against its pattern: MinIO wants ten characters of three kinds.
    let workspace = Workspace::with(&manifest("").replace(&format!("{CANARY}Literal"), "c4n4ryP"));
    let run = workspace.run_outside(&["validate"]).exits(3);
    assert!(
        run.stderr.contains("does not match its pattern"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("c4n4ryP"), "{}", run.stderr);
}

#[test]
fn a_file_that_is_not_utf8_is_not_quoted() {
    let bytes = |text: &str| [text.as_bytes(), b"\xff\n"].concat();
    let workspace = Workspace::new();
    workspace.write("osc.yaml", bytes(&manifest("")));
    let run = workspace.run_outside(&["validate"]).exits(3);
    assert_clean(&run.stdout, &run.stderr);
    workspace.write("osc.yaml", manifest(""));
    workspace.write("vars.yaml", bytes(&format!("pw: {CANARY}")));
    let run = workspace
        .run_outside(&["validate", "--var-file", "vars.yaml"])
        .exits(3);
    assert_clean(&run.stdout, &run.stderr);
}

#[test]
fn no_flag_or_variable_is_quoted_when_it_is_wrong() {
    let workspace = Workspace::with(
        "version: 1\nstack: s\nvariables: { n: { type: number } }\ninstances: {}\n",
    );
    for flag in [
        format!("n={CANARY}"),
        format!("x={CANARY}"),
        CANARY.to_owned(),
    ] {
        let run = workspace
            .run_outside(&["validate", "--var", &flag])
            .exits(3);
        assert_clean(&run.stdout, &run.stderr);
    }
}

#[test]
fn a_token_that_is_no_token_is_not_shown() {
    let workspace = Workspace::with("version: 1\nstack: s\ninstances: {}\n");
    let output = workspace
        .command(&["plan", "-vv"])
        .env("OSC_ACCESS_TOKEN", CANARY)
        .output()
        .unwrap();
    let run = crate::workspace::Run::of(output).exits(4);
    assert_clean(&run.stdout, &run.stderr);
}

#[track_caller]
fn check(workspace: &Workspace, arguments: &[&str]) {
    let run = workspace.run(arguments);
    assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stdout, run.stderr);
    assert_clean(&run.stdout, &run.stderr);
}

#[track_caller]
fn assert_clean(stdout: &str, stderr: &str) {
    assert!(!stdout.contains(CANARY), "{stdout}");
    assert!(!stderr.contains(CANARY), "{stderr}");
}
