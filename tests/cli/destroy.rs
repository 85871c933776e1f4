use crate::workspace::{PAIR, Workspace};

#[test]
fn what_holds_data_is_kept_and_the_rest_goes() {
    let workspace = Workspace::with(PAIR).applied();
    let run = workspace.run(&["destroy", "--yes"]).ok();
    insta::assert_snapshot!(run.stdout);
    let status = workspace.run(&["status", "--json"]).ok().json();
    assert_eq!(status["instances"][0]["state"], "running");
    assert_eq!(status["instances"][1]["state"], "absent");
}

#[test]
fn with_consent_nothing_is_left() {
    let workspace = Workspace::with(PAIR).applied();
    workspace
        .run(&["destroy", "--yes", "--discard-data", "all"])
        .ok();
    let status = workspace.run(&["status", "--json"]).ok().json();
    assert_eq!(status["instances"][0]["state"], "absent");
    let again = workspace
        .run(&["destroy", "--yes", "--discard-data", "all"])
        .ok();
    assert!(
        again.stdout.contains("nothing to change"),
        "{}",
        again.stdout
    );
}

#[test]
fn keeping_data_is_a_failure_only_when_strict() {
    let workspace = Workspace::with(PAIR).applied();
    workspace.run(&["destroy", "--yes", "--strict"]).exits(5);
}

#[test]
fn a_protected_instance_survives_every_consent() {
    let workspace = Workspace::with(
        "version: 1\nstack: s\ninstances: { s: { service: minio-minio, protect: true } }\n",
    )
    .applied();
    workspace
        .run(&["destroy", "--yes", "--discard-data", "all"])
        .ok();
    let status = workspace.run(&["status", "--json"]).ok().json();
    assert_eq!(status["instances"][0]["state"], "running");
}

#[test]
fn an_address_that_does_not_exist_is_a_usage_error() {
    let workspace = Workspace::with(PAIR).applied();
    let run = workspace
        .run(&["destroy", "--yes", "--discard-data", "instances.queu"])
        .exits(3);
    assert!(
        run.stderr.contains("did you mean `instances.queue`?"),
        "{}",
        run.stderr
    );
}
