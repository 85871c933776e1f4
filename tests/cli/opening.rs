//! What the browser is started with.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::served::Served;
use crate::sign_in::{FIRST, Waiting};
use crate::workspace::Workspace;

/// A program that notes its arguments and its environment.
pub(crate) fn browser(workspace: &Workspace, name: &str) -> PathBuf {
    let noted = workspace.path().join(name).display().to_string();
    let script = format!(
        "#!/bin/sh\nfor argument; do echo \"$argument\"; done >{noted}.arguments\n\
         export -p >{noted}.draft && mv {noted}.draft {noted}.environment\n"
    );
    let path = workspace.write(name, script);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

/// What a browser has noted, once it has.
pub(crate) fn noted(workspace: &Workspace, name: &str) -> (Vec<String>, String) {
    let read = |end: &str| std::fs::read_to_string(workspace.path().join(format!("{name}.{end}")));
    let begun = Instant::now();
    let environment = loop {
        match read("environment") {
            Ok(text) => break text,
            Err(_) if begun.elapsed() < Duration::from_secs(20) => std::thread::yield_now(),
            Err(error) => panic!("the browser was not started: {error}"),
        }
    };
    let arguments = read("arguments").unwrap();
    (arguments.lines().map(str::to_owned).collect(), environment)
}

fn login(workspace: &Workspace, served: &Served, browsers: &str) -> Command {
    let mut command = workspace.at(&served.endpoint, &["login"]);
    command
        .env("BROWSER", browsers)
        .env("PATH", "/usr/bin:/bin")
        .env("OSC_ACCESS_TOKEN", "c4n4ry")
        .env("OSC_VAR_PASSWORD", "c4n4ry")
        .env("OSC_CLIENT_SECRET", "c4n4ry")
        .env("CLIENT_SECRET", "c4n4ry");
    command
}

#[test]
fn the_browser_gets_the_address_as_one_argument_and_none_of_our_variables() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let program = browser(&workspace, "browser");
    let program = format!("{} --new-window %s", program.display());
    let waiting = Waiting::of(login(&workspace, &served, &program));
    let (arguments, environment) = noted(&workspace, "browser");
    assert_eq!(arguments, ["--new-window", waiting.url.as_str()]);
    assert!(environment.contains("HOME="), "{environment}");
    for ours in ["OSC_", "CLIENT_", "c4n4ry"] {
        assert!(!environment.contains(ours), "{environment}");
    }
    assert_eq!(waiting.allow(FIRST).status, 200);
    let run = waiting.end().ok();
    assert!(
        run.stderr.contains("Waiting for you in the browser"),
        "{}",
        run.stderr
    );
}

#[test]
fn of_several_programs_the_first_that_can_be_started_is() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let [first, second] = ["first", "second"].map(|name| browser(&workspace, name));
    let programs = format!("/nowhere/browser:{}:{}", first.display(), second.display());
    let waiting = Waiting::of(login(&workspace, &served, &programs));
    assert_eq!(noted(&workspace, "first").0, [waiting.url.as_str()]);
    assert!(!workspace.path().join("second.arguments").exists());
}

#[test]
fn without_a_browser_the_address_is_printed_alone() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let waiting = Waiting::of(login(&workspace, &served, "/nowhere/browser"));
    waiting.allow(FIRST);
    let run = waiting.end().ok();
    assert!(
        run.stderr.contains("Open this page in a browser"),
        "{}",
        run.stderr
    );
}
