//! Secrets from the environment, from files, from commands and from the sign-in.

use crate::workspace::{Run, Workspace};

/// A manifest whose one secret comes from `source` and is what its one output says.
fn manifest(source: &str) -> String {
    format!(
        "version: 1\nstack: s\nsecrets:\n  pw: {source}\ninstances:\n  store:\n    service: \
         minio-minio\n    options: {{ RootUser: admin, RootPassword: '${{secrets.pw}}' }}\noutputs:\n  \
         pw: {{ value: '${{secrets.pw}}', sensitive: true }}\n"
    )
}

const GOOD: &str = "Hunter2hunter2";

/// The value that the secret has in a run with these arguments.
fn value(workspace: &Workspace, arguments: &[&str]) -> String {
    let run = workspace.run(&[&["output", "pw"], arguments].concat());
    match run.code {
        0 => run.stdout.trim_end().to_owned(),
        _ => run.stderr,
    }
}

#[test]
fn a_secret_comes_from_the_environment() {
    let workspace = Workspace::with(&manifest("{ env: STORE_PW }"));
    let run = |value: &str| {
        let mut command = workspace.in_sandbox(&["output", "pw"]);
        Run::of(command.env("STORE_PW", value).output().unwrap())
    };
    assert_eq!(run(GOOD).ok().stdout, format!("{GOOD}\n"));
    for unset in [run(""), workspace.run(&["output", "pw"])] {
        assert!(
            unset.stderr.contains("has no value yet"),
            "{}",
            unset.stderr
        );
    }
    // One that the service would refuse is found before anything is asked.
    let wrong = run("hunter2").exits(3);
    assert!(
        wrong.stderr.contains("does not match its pattern"),
        "{}",
        wrong.stderr
    );
    assert!(
        wrong.stderr.contains("the environment variable STORE_PW"),
        "{}",
        wrong.stderr
    );
    assert!(!wrong.stderr.contains("hunter2"), "{}", wrong.stderr);
}

#[test]
fn a_secret_comes_from_a_file_below_its_manifest() {
    let workspace = Workspace::new();
    for folder in ["stack", "other"] {
        std::fs::create_dir(workspace.path().join(folder)).unwrap();
    }
    workspace.write("stack/osc.yaml", manifest("{ file: pw.txt }"));
    workspace.write("stack/pw.txt", format!("{GOOD}\n"));
    assert_eq!(value(&workspace, &["-f", "stack/osc.yaml"]), GOOD);
    assert_eq!(value(&workspace, &["-f", "stack"]), GOOD);
    workspace.write("stack/osc.yaml", manifest("{ file: ../other/pw.txt }"));
    workspace.write("other/pw.txt", GOOD);
    let refused = value(&workspace, &["-f", "stack"]);
    assert!(refused.contains("has no value yet"), "{refused}");
    assert_eq!(
        value(&workspace, &["-f", "stack", "--allow-files", "other"]),
        GOOD
    );
    // From standard input, it is the folder of the command that counts.
    let read = workspace.run_with_input(
        &["output", "pw", "-f", "-"],
        &manifest("{ file: other/pw.txt }"),
    );
    assert_eq!(read.ok().stdout.trim_end(), GOOD);
}

#[cfg(unix)]
#[test]
fn a_command_runs_only_where_that_is_allowed_and_without_our_credentials() {
    let script = "env > seen; printf %s Hunter2hunter2";
    let source = format!("{{ command: [/bin/sh, -c, '{script}'] }}");
    let workspace = Workspace::with(&manifest(&source));
    let seen = workspace.path().join("seen");
    let refused = value(&workspace, &[]);
    assert!(refused.contains("has no value yet"), "{refused}");
    workspace
        .run_outside(&["validate", "--allow-commands"])
        .ok();
    // Nor for somebody who is not signed in.
    workspace
        .run_outside(&["plan", "--allow-commands"])
        .exits(4);
    assert!(!seen.exists());
    let mut command = workspace.in_sandbox(&["output", "pw", "--allow-commands"]);
    command
        .env("OSC_VAR_x", "canary")
        .env("CLIENT_SECRET", "canary")
        .env("OTHER", "other");
    let run = Run::of(command.output().unwrap()).ok();
    assert_eq!(run.stdout.trim_end(), GOOD);
    let environment = std::fs::read_to_string(seen).unwrap();
    assert!(environment.contains("OTHER=other"), "{environment}");
    for ours in ["OSC_", "CLIENT_", "canary"] {
        assert!(!environment.contains(ours), "{environment}");
    }
}

#[test]
fn validate_reads_no_secret() {
    let workspace = Workspace::with(&manifest("{ file: pw.txt }"));
    workspace.write("pw.txt", "short");
    workspace.run_outside(&["validate"]).ok();
    workspace.run(&["plan"]).exits(3);
}

#[test]
fn the_runs_own_token_is_a_secret_that_lasts() {
    let text = manifest("{ access_token: true }").replace("RootPassword", "x");
    let text = text
        .replace("minio-minio", "encore")
        .replace("RootUser: admin, x", "s3Region");
    let workspace = Workspace::with(&text);
    assert_eq!(value(&workspace, &[]).split('.').count(), 3);
}

#[test]
fn a_stack_can_be_called_otherwise_for_one_run() {
    let workspace = Workspace::with("version: 1\nstack: s\noutputs: { o: '${stack}' }\n");
    let run = workspace.run(&["output", "o", "--stack", "review-7"]).ok();
    assert_eq!(run.stdout, "review-7\n");
    let run = workspace
        .run(&["output", "o", "--stack", "Review"])
        .exits(3);
    assert!(
        run.stderr.contains("cannot be the name of a stack"),
        "{}",
        run.stderr
    );
}
