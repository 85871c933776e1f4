use crate::workspace::{PAIR, Workspace};

#[test]
fn a_new_stack_is_planned_with_reasons() {
    let run = Workspace::with(PAIR).run(&["plan"]).ok();
    insta::assert_snapshot!(run.stdout);
    assert_eq!(run.stderr, "");
}

#[test]
fn two_plans_of_the_same_world_are_the_same_bytes() {
    let workspace = Workspace::with(PAIR);
    let first = workspace.run(&["plan"]).ok().stdout;
    assert_eq!(workspace.run(&["plan"]).ok().stdout, first);
    let first = workspace.run(&["plan", "--json"]).ok().stdout;
    assert_eq!(workspace.run(&["plan", "--json"]).ok().stdout, first);
}

#[test]
fn a_plan_changes_nothing() {
    let workspace = Workspace::with(PAIR);
    let world = || std::fs::read(workspace.path().join("world/world.json")).unwrap();
    workspace.run(&["plan"]).ok();
    let before = String::from_utf8(world()).unwrap();
    workspace.run(&["plan"]).ok();
    // Each run is issued a token of its own; nothing else may move.
    let without_counter = |text: &str| {
        let mut world: serde_json::Value = serde_json::from_str(text).unwrap();
        world
            .as_object_mut()
            .unwrap()
            .retain(|key, _| key != "personal_access_tokens");
        world
    };
    let after = String::from_utf8(world()).unwrap();
    assert_eq!(without_counter(&after), without_counter(&before));
}

#[test]
fn the_detailed_exit_code_tells_changes_from_none() {
    let workspace = Workspace::with(PAIR);
    workspace.run(&["plan", "--detailed-exitcode"]).exits(2);
    let workspace = workspace.applied();
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn a_changed_option_is_an_update_in_place_where_the_service_offers_it() {
    let workspace = Workspace::with(
        "version: 1\nstack: s\ninstances: { s: { service: minio-minio, options: { RootUser: a } } \
         }\n",
    )
    .applied();
    workspace.write(
        "osc.yaml",
        "version: 1\nstack: s\ninstances: { s: { service: minio-minio, options: { RootUser: b } } \
         }\n",
    );
    insta::assert_snapshot!(workspace.run(&["plan"]).ok().stdout);
}

#[test]
fn a_replacement_that_would_lose_data_is_held_back_and_says_how_to_consent() {
    let manifest = |prefix: &str| {
        format!(
            "version: 1\nstack: s\ninstances:\n  site:\n    service: wordpress-wordpress\n    \
             options: {{ DbHost: h, DbUser: u, DbPassword: p, DbTablePrefix: {prefix} }}\n"
        )
    };
    let workspace = Workspace::with(&manifest("one")).applied();
    workspace.write("osc.yaml", manifest("two"));
    insta::assert_snapshot!(workspace.run(&["plan"]).ok().stdout);
    workspace.run(&["plan", "--detailed-exitcode"]).exits(5);
    workspace.run(&["apply", "--yes"]).exits(5);
    workspace
        .run(&["apply", "--yes", "--discard-data", "instances.site"])
        .ok();
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn the_json_of_a_plan_is_versioned() {
    let run = Workspace::with(PAIR).run(&["plan", "--json"]).ok();
    assert_eq!(run.json()["format"], "osc-apply/plan");
    assert_eq!(run.json()["version"], 1);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn an_osc_plan_that_cannot_be_read_fails_no_plan() {
    let workspace = Workspace::with(PAIR);
    for fault in ["pat-refused", "read-503", "read-garbled", "rate-limit"] {
        let fault = format!("{fault}:target=money,count=99");
        let run = workspace.run(&["plan", "--sandbox-fault", &fault]).ok();
        let first = "Plan for stack pair in workspace sandbox (prod): 2 to subscribe, 2 to create";
        assert_eq!(run.stdout.lines().next(), Some(first), "{fault}");
        assert_eq!(run.stderr, "");
        let run = workspace.run(&["plan", "--json", "-v", "--sandbox-fault", &fault]);
        let run = run.ok();
        assert!(run.json()["tenant_plan"].is_null(), "{fault}");
        let told = "the workspace's plan is unknown: reading the workspace's plan failed";
        assert!(run.stderr.contains(told), "{fault} {}", run.stderr);
    }
}
