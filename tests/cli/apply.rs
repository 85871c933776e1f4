use crate::workspace::{PAIR, Run, Workspace};

#[test]
fn a_second_apply_has_nothing_to_do() {
    let workspace = Workspace::with(PAIR);
    let first = workspace.run(&["apply", "--yes"]).ok();
    assert!(
        first.stdout.contains("store = https://sandbox-store."),
        "{}",
        first.stdout
    );
    let second = workspace.run(&["apply", "--yes"]).ok();
    assert!(
        second.stdout.contains("nothing to change"),
        "{}",
        second.stdout
    );
}

#[test]
fn an_apply_with_nothing_to_do_waits_for_what_is_not_ready() {
    let workspace = Workspace::with(PAIR).applied();
    let fault = "health-unknown:target=valkey-io-valkey/queue,count=3";
    let run = workspace
        .run(&["apply", "--yes", "--sandbox-fault", fault])
        .ok();
    assert!(run.stdout.contains("nothing to change"), "{}", run.stdout);
    assert!(
        run.stderr
            .contains("instances.queue  waiting until usable; last answer: unknown"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("Nothing to change"), "{}", run.stderr);
    let run = workspace.run(&["apply", "--yes"]).ok();
    assert_eq!(run.stderr, "", "what is ready is nothing to tell");
}

#[test]
fn an_unchanged_instance_that_has_failed_is_not_ready() {
    let workspace = Workspace::with(PAIR).applied();
    let fault = "health-failed:target=valkey-io-valkey/queue,count=50";
    let run = workspace
        .run(&["apply", "--yes", "--sandbox-fault", fault])
        .exits(8);
    assert!(run.stderr.contains("not ready 1"), "{}", run.stderr);
    let run = workspace
        .run(&["apply", "--yes", "--json", "--sandbox-fault", fault])
        .exits(8);
    let lines = run.stdout.lines();
    let lines: Vec<serde_json::Value> = lines.map(|it| serde_json::from_str(it).unwrap()).collect();
    let events: Vec<_> = lines.iter().filter_map(|it| it["event"].as_str()).collect();
    assert_eq!(events, ["started", "failed"]);
    let plan = workspace.run(&["plan", "--sandbox-fault", fault]).ok();
    assert!(plan.stdout.contains("nothing to change"), "{}", plan.stdout);
}

#[test]
fn the_plan_and_the_outputs_go_to_standard_output_and_the_progress_to_standard_error() {
    let run = Workspace::with(PAIR).run(&["apply", "--yes"]).ok();
    assert!(
        run.stdout.starts_with("Plan for stack pair"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("store = "), "{}", run.stdout);
    assert!(!run.stdout.contains("Applied"), "{}", run.stdout);
    assert!(run.stderr.contains("Applied 3"), "{}", run.stderr);
}

#[test]
fn quiet_leaves_the_progress_out() {
    let workspace = Workspace::with(PAIR);
    let run = workspace.run(&["apply", "--yes", "-q"]).ok();
    assert!(!run.stderr.contains("creating"), "{}", run.stderr);
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_read_or_changed() {
    let workspace = Workspace::with(PAIR);
    let run = workspace.run(&["apply"]).exits(3);
    assert!(
        run.stderr.contains("there is no terminal to ask at"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("--yes"), "{}", run.stderr);
    assert!(!workspace.path().join("world").exists());
}

#[test]
fn the_events_of_an_apply_are_one_json_document_a_line() {
    let run = Workspace::with(PAIR)
        .run(&["apply", "--yes", "--json"])
        .ok();
    let lines: Vec<serde_json::Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["format"], "osc-apply/plan");
    let last = lines.last().unwrap();
    assert_eq!(last["format"], "osc-apply/outcome");
    assert!(lines.iter().any(|line| line["format"] == "osc-apply/event"));
    assert!(lines.iter().all(|line| line["version"] == 1));
}

#[test]
fn a_reader_that_goes_away_does_not_stop_an_apply() {
    let workspace = Workspace::with(PAIR);
    let mut child = workspace
        .in_sandbox(&["apply", "--yes"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let run = Run::of(child.wait_with_output().unwrap()).ok();
    assert!(run.stderr.contains("Applied 3"), "{}", run.stderr);
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_under_standard_output_is_an_error_that_says_so() {
    let workspace = Workspace::with(PAIR);
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = workspace
        .in_sandbox(&["plan"])
        .stdout(full)
        .output()
        .unwrap();
    let run = Run::of(output).exits(1);
    assert!(
        run.stderr.contains("standard output cannot be written"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_sandbox_does_not_hold_a_manifest_to_its_workspace() {
    let workspace = Workspace::with(&format!("workspace: acme\n{PAIR}"));
    workspace.run(&["apply", "--yes"]).ok();
}
