use std::process::Command;

use crate::proxy::{Moment, Proxy};
use crate::served::{Home, Run, Served};

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/wordpress.yaml");

fn command(home: &Home, served: &Served, arguments: &[&str]) -> Command {
    let mut command = home.command(arguments);
    command
        .args(["--file", MANIFEST])
        .env("OSC_ACCESS_TOKEN", &served.token);
    command
}

fn run(home: &Home, served: &Served, arguments: &[&str]) -> String {
    let output = command(home, served, arguments).output().unwrap();
    Run::of(output).exits(0).stdout
}

/// Kills an apply at this moment; the next one finishes, and each instance is there once.
fn survives(moment: Moment) {
    let served = Served::start();
    let proxy = Proxy::to(served.address, Some(moment));
    let behind = Home::at(format!("http://{}", proxy.address));
    let mut apply = command(&behind, &served, &["apply", "--yes"])
        .spawn()
        .unwrap();
    proxy.until_stopped();
    apply.kill().unwrap();
    apply.wait().unwrap();
    let home = Home::at(served.endpoint());
    // What was killed has left its lease.
    run(&home, &served, &["apply", "--yes", "--take-over"]);
    run(&home, &served, &["plan", "--detailed-exitcode"]);
    let status = run(&home, &served, &["status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let all = status["instances"].as_array().unwrap();
    let running = all.iter().filter(|it| it["state"] == "running").count();
    assert_eq!((all.len(), running), (2, 2), "{moment:?}: {status}");
}

#[test]
fn the_command_killed_at_any_request_is_finished_by_the_next() {
    let served = Served::start();
    let proxy = Proxy::to(served.address, None);
    let behind = Home::at(format!("http://{}", proxy.address));
    run(&behind, &served, &["apply", "--yes"]);
    let requests = proxy.requests().len();
    assert!(requests > 10, "{requests}");
    for request in 0..requests {
        survives(Moment::Before(request));
        survives(Moment::After(request));
    }
}
