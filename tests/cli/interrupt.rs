//! Ctrl-C, as a signal.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::workspace::{PAIR, Workspace};

/// An apply in a sandbox of this speed, read until a line of its progress holds `until`.
fn apply_until(workspace: &Workspace, speed: &str, until: &str) -> Child {
    let mut child = workspace
        .command(&["apply", "--yes", "--sandbox", "--sandbox-speed", speed])
        .env("OSC_SANDBOX_DIR", workspace.path().join("world"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains(until)));
    // Nobody reads on: an apply must not mind.
    child
}

fn interrupt(child: &Child) {
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(kill.success());
}

#[test]
fn the_first_stops_waiting_and_running_again_goes_on() {
    let workspace = Workspace::with(PAIR);
    let mut child = apply_until(&workspace, "1", "waiting until usable");
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let status = workspace.run(&["status", "--json"]).ok().json();
    assert_eq!(status["instances"][1]["state"], "absent");
    // The queue is as it was left: it is not made again.
    let plan = workspace.run(&["plan", "--json"]).ok().json();
    assert_eq!(plan["summary"]["create"], 1);
}

#[test]
fn the_second_ends_the_command_while_a_call_is_in_flight() {
    let workspace = Workspace::with(PAIR);
    // At this speed the platform takes minutes to answer a create.
    let mut child = apply_until(&workspace, "0.01", "instances.queue  creating");
    interrupt(&child);
    // The first must have been taken in before the second is sent, or both are one.
    while child.try_wait().unwrap().is_none() {
        interrupt(&child);
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
