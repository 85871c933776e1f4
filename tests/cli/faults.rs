use serde_json::Value;

use crate::served::Served;
use crate::workspace::{PAIR, Workspace};

pub(crate) fn listed() -> Vec<Value> {
    let run = Workspace::new().run_outside(&["sandbox", "faults", "--json"]);
    let document = run.ok().json();
    assert_eq!(document["format"], "osc-apply/faults");
    document["faults"].as_array().unwrap().clone()
}

#[test]
fn every_fault_is_listed_in_a_line() {
    let run = Workspace::new().run_outside(&["sandbox", "faults"]).ok();
    let names = run
        .stdout
        .lines()
        .map(|line| line.split(' ').next().unwrap());
    let listed = listed();
    assert!(names.eq(listed.iter().map(|fault| fault["name"].as_str().unwrap())));
    let hidden = listed
        .iter()
        .find(|fault| fault["name"] == "create-504")
        .unwrap();
    assert_eq!(hidden["count"], 1);
    assert_eq!(hidden["seconds"], 60.0);
    assert!(
        hidden["settings"]
            .as_array()
            .unwrap()
            .contains(&"for".into())
    );
}

#[test]
fn a_wrong_fault_is_a_usage_error_that_names_the_right_one() {
    let workspace = Workspace::with(PAIR);
    for (fault, told) in [
        ("create504", "did you mean `create-504`?"),
        ("nonsense", "Known are create-504, create-lost-before"),
        (
            "limit:cuont=1",
            "did you mean `count`? Known are target, count, after, probability, seed",
        ),
        (
            "limit:target=valkey-io-valky",
            "did you mean `valkey-io-valkey`?",
        ),
        (
            "limit:count=many",
            "`count` takes a whole number, not `many`",
        ),
    ] {
        let run = workspace.run(&["plan", "--sandbox-fault", fault]).exits(3);
        let told_in_a_line = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told_in_a_line.contains(told), "{}", run.stderr);
    }
    let serve = [
        "sandbox",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--sandbox-fault",
        "nonsense",
    ];
    workspace.run_outside(&serve).exits(3);
}

#[test]
fn faults_without_a_sandbox_are_a_usage_error() {
    let workspace = Workspace::with(PAIR);
    let run = workspace
        .run_outside(&["plan", "--sandbox-fault", "limit"])
        .exits(3);
    assert!(run.stderr.contains("add `--sandbox`"), "{}", run.stderr);
}

#[test]
fn a_file_holds_faults_and_is_read_strictly() {
    let workspace = Workspace::with(PAIR);
    let plan = |text: &str| {
        workspace.write("faults.yaml", text);
        workspace.run(&["plan", "--sandbox-faults", "faults.yaml"])
    };
    let text =
        "- { fault: pat-refused, target: catalog, count: 1, after: 0, probability: 1.0, seed: 3 }";
    plan(text).exits(4);
    plan("[]").ok();
    for (text, told) in [
        (
            "- { fault: read-503, tarket: catalog }",
            "faults.yaml, fault 1: there is no setting of read-503 `tarket`",
        ),
        (
            "- { fault: limit }\n- { fault: limti }",
            "faults.yaml, fault 2: there is no fault `limti`",
        ),
        ("- { count: 1 }", "fault 1: `fault` is missing"),
        (
            "- { fault: limit, count: [1] }",
            "its value a text or a number",
        ),
        ("fault: limit", "is no list of faults"),
        ("- { fault: limit, fault: limit }", "is no list of faults"),
    ] {
        let run = plan(text).exits(3);
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
    let run = workspace
        .run(&["plan", "--sandbox-faults", "none.yaml"])
        .exits(3);
    assert!(
        run.stderr.contains("there is no file none.yaml"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_served_sandbox_misbehaves_towards_whoever_asks_first() {
    let workspace = Workspace::with(PAIR);
    let served = Served::with(
        &workspace,
        &["--sandbox-fault", "pat-refused:target=catalog"],
    );
    served.run(&workspace, &["plan"]).exits(4);
    served.run(&workspace, &["plan"]).ok();
}

#[test]
fn a_seed_decides_what_a_probability_comes_to() {
    let workspace = Workspace::with(PAIR);
    let fault = "pat-refused:target=catalog,probability=0.5";
    let codes = || -> Vec<i32> {
        let seeds = ["1", "2", "3", "4", "5", "6"];
        let runs = seeds
            .map(|seed| workspace.run(&["plan", "--sandbox-seed", seed, "--sandbox-fault", fault]));
        runs.map(|run| run.code).to_vec()
    };
    let first = codes();
    assert!(first.contains(&0) && first.contains(&4), "{first:?}");
    assert_eq!(codes(), first);
}

#[test]
fn a_fault_that_lasts_for_no_time_at_this_speed_is_refused() {
    let workspace = Workspace::with(PAIR);
    for fault in [
        "endpoint-unreachable:for=100h",
        "ports-late",
        "slow",
        "delete-lingers",
    ] {
        let run = workspace.run(&["plan", "--sandbox-fault", fault]).exits(3);
        assert!(run.stderr.contains("would never strike"), "{}", run.stderr);
    }
    for fault in [
        "endpoint-unreachable:count=1",
        "create-504",
        "maintenance:count=0",
    ] {
        workspace.run(&["plan", "--sandbox-fault", fault]).ok();
    }
}

#[test]
fn each_strike_is_told_to_whoever_wants_to_know_more() {
    let workspace = Workspace::with(PAIR);
    let fault = ["--sandbox-fault", "read-502"];
    let told = "sandbox: read-502 struck GET ";
    for (arguments, count) in [(["plan", "-v"].as_slice(), 1), (&["plan"], 0)] {
        let run = workspace.run(&[arguments, &fault].concat()).ok();
        assert_eq!(run.stderr.matches(told).count(), count, "{}", run.stderr);
    }
}
