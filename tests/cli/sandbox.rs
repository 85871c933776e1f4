use std::process::Stdio;

use crate::served::Served;
use crate::workspace::{PAIR, Run, Workspace};

#[test]
fn a_served_sandbox_takes_a_stack_up_and_down_again() {
    let workspace = Workspace::with(PAIR);
    let served = Served::start(&workspace);
    served.run(&workspace, &["apply", "--yes"]).ok();
    served
        .run(&workspace, &["plan", "--detailed-exitcode"])
        .exits(0);
    let destroy = ["destroy", "--yes", "--discard-data", "all"];
    // Nobody looks on, and nothing says which workspace is meant.
    let run = served.run(&workspace, &destroy).exits(5);
    assert!(run.stdout.contains("set OSC_WORKSPACE"), "{}", run.stdout);
    workspace.write("osc.yaml", format!("{PAIR}workspace: sandbox\n"));
    served.run(&workspace, &destroy).ok();
    served
        .run(&workspace, &["plan", "--detailed-exitcode"])
        .exits(2);
}

#[test]
fn a_served_sandbox_refuses_a_token_of_another_world() {
    let workspace = Workspace::with(PAIR);
    let served = Served::start(&workspace);
    let other = Served::start(&Workspace::with(PAIR));
    let mut command = workspace.at(&served.endpoint, &["plan"]);
    command.env("OSC_ACCESS_TOKEN", &other.token);
    let run = Run::of(command.output().unwrap()).exits(4);
    assert!(
        run.stderr.contains("does not accept the token"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_stored_sign_in_is_not_sent_to_another_host() {
    let workspace = Workspace::with(PAIR);
    let served = Served::start(&workspace);
    std::fs::create_dir(workspace.path().join(".osc")).unwrap();
    workspace.write(".osc/token", &served.token);
    let run = workspace.run_at(&served.endpoint, &["plan"]).exits(4);
    assert!(
        run.stderr.contains("OSC_ACCESS_TOKEN is not set"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_app_is_registered_with_lines_for_a_shell() {
    let workspace = Workspace::new();
    let register = |redirect| workspace.run(&["sandbox", "client", "My app", redirect]);
    let run = register("http://localhost:8484/callback").ok();
    let values: Vec<&str> = run
        .stdout
        .lines()
        .map(|line| line.strip_prefix("export OSC_CLIENT_").unwrap())
        .collect();
    let [id, secret] = values[..] else {
        panic!("{}", run.stdout);
    };
    assert_eq!(id.strip_prefix("ID=osc_").unwrap().len(), 24);
    assert_eq!(secret.strip_prefix("SECRET=osc_secret_").unwrap().len(), 64);
    let run = register("http://app.example/callback").exits(3);
    assert!(run.stderr.contains("localhost"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
}

#[test]
fn an_address_in_use_is_an_error_that_offers_another() {
    let workspace = Workspace::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = workspace
        .run(&["sandbox", "serve", "--listen", &address])
        .exits(1);
    assert!(run.stderr.contains("cannot listen on"), "{}", run.stderr);
    assert!(run.stderr.contains("--listen"), "{}", run.stderr);
}

#[test]
fn reset_forgets_everything() {
    let workspace = Workspace::with(PAIR).applied();
    workspace.run(&["sandbox", "reset"]).ok();
    workspace.run(&["plan", "--detailed-exitcode"]).exits(2);
    workspace.run(&["sandbox", "reset"]).ok();
}

#[test]
fn a_suspended_instance_no_longer_runs() {
    let workspace = Workspace::with(PAIR).applied();
    let suspend = ["sandbox", "suspend", "valkey-io-valkey/queue"];
    let run = workspace.run(&suspend).ok();
    assert_eq!(run.stdout, "valkey-io-valkey/queue is suspended.\n");
    let status = workspace.run(&["status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    assert_ne!(status["instances"][0]["state"], "running");
    assert_eq!(status["instances"][1]["state"], "running");
    let run = workspace.run(&suspend).exits(1);
    assert!(run.stderr.contains("no instance queue"), "{}", run.stderr);
}

#[test]
fn what_is_suspended_is_named_by_service_and_name() {
    let workspace = Workspace::new();
    let run = workspace.run(&["sandbox", "suspend", "queue"]).exits(3);
    assert!(run.stderr.contains("service and name"), "{}", run.stderr);
}

#[test]
fn two_commands_at_once_share_one_workspace() {
    let workspace = Workspace::with(PAIR);
    workspace.write(
        "other.yaml",
        "version: 1\nstack: other\ninstances: { other: { service: minio-minio } }\n",
    );
    let spawn = |file: &str| {
        let mut command = workspace.in_sandbox(&["apply", "--yes", "-f", file]);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let (one, two) = (spawn("osc.yaml"), spawn("other.yaml"));
    Run::of(one.wait_with_output().unwrap()).ok();
    Run::of(two.wait_with_output().unwrap()).ok();
    for file in ["osc.yaml", "other.yaml"] {
        workspace
            .run(&["plan", "--detailed-exitcode", "-f", file])
            .exits(0);
    }
}

#[test]
fn a_damaged_world_is_named_and_can_be_reset() {
    let workspace = Workspace::with(PAIR).applied();
    workspace.write("world/world.json", "{");
    let run = workspace.run(&["plan"]).exits(1);
    assert!(run.stderr.contains("world.json"), "{}", run.stderr);
    assert!(run.stderr.contains("sandbox reset"), "{}", run.stderr);
    workspace.run(&["sandbox", "reset"]).ok();
    workspace.run(&["plan"]).ok();
}
