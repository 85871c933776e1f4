use crate::workspace::{PAIR, Workspace};

#[test]
fn the_log_of_an_instance_is_printed_line_by_line() {
    let workspace = Workspace::with(PAIR).applied();
    let run = workspace.run(&["logs", "instances.queue"]).ok();
    assert!(run.stdout.contains(": created\n"), "{}", run.stdout);
    assert!(run.stdout.contains("up and running\n"), "{}", run.stdout);
    let last = workspace.run(&["logs", "instances.queue", "--tail", "1"]);
    assert_eq!(last.ok().stdout.lines().count(), 1);
    let stamped = workspace.run(&["logs", "instances.queue", "--timestamps", "--since", "1h"]);
    assert!(stamped.ok().stdout.starts_with("20"), "a date comes first");
}

#[test]
fn programs_get_the_lines_as_json() {
    let workspace = Workspace::with(PAIR).applied();
    let document = workspace
        .run(&["logs", "instances.queue", "--json"])
        .ok()
        .json();
    assert_eq!(document["format"], "osc-apply/logs");
    assert_eq!(document["address"], "instances.queue");
    assert!(document["lines"].as_array().unwrap().len() >= 2);
}

#[test]
fn what_is_not_declared_is_named_by_service_and_name_and_needs_no_manifest() {
    let workspace = Workspace::with(PAIR).applied();
    std::fs::remove_file(workspace.path().join("osc.yaml")).unwrap();
    let run = workspace.run(&["logs", "valkey-io-valkey/queue"]).ok();
    assert!(run.stdout.contains("valkey-io-valkey queue: created"));
}

#[test]
fn an_address_that_means_nothing_is_a_usage_error_with_the_nearest() {
    let workspace = Workspace::with(PAIR).applied();
    let run = workspace.run(&["logs", "instances.quueu"]).exits(3);
    assert!(
        run.stderr.contains("did you mean `instances.queue`?"),
        "{}",
        run.stderr
    );
    let run = workspace.run(&["logs", "valkey-io-valkye/queue"]).exits(3);
    assert!(
        run.stderr.contains("did you mean `valkey-io-valkey`?"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_does_not_exist_has_no_log() {
    let workspace = Workspace::with(PAIR).applied();
    let run = workspace.run(&["logs", "valkey-io-valkey/other"]).exits(1);
    assert!(
        run.stderr.contains("there is no instance `other`"),
        "{}",
        run.stderr
    );
    let run = Workspace::with(PAIR)
        .run(&["logs", "instances.queue"])
        .exits(1);
    assert!(
        run.stderr.contains("there is no instance"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_suspended_has_no_log_and_is_not_called_gone() {
    let workspace = Workspace::with(PAIR).applied();
    workspace
        .run(&["sandbox", "suspend", "valkey-io-valkey/queue"])
        .ok();
    let run = workspace.run(&["logs", "instances.queue"]).exits(1);
    let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("`queue` of valkey-io-valkey is suspended since "),
        "{said}"
    );
    assert!(said.contains("`osc-apply apply` resumes"), "{said}");
    assert!(!said.contains("there is no instance"), "{said}");
}
