use crate::workspace::{PAIR, Workspace};

const STORE: &str = "https://sandbox-store.eyevinn-app-config-svc.auto.prod-se.osaas.io";

#[test]
fn one_output_is_printed_bare() {
    let run = Workspace::with(PAIR)
        .applied()
        .run(&["output", "store"])
        .ok();
    assert_eq!(run.stdout, format!("{STORE}\n"));
}

#[test]
fn all_outputs_are_printed_with_their_names() {
    let run = Workspace::with(PAIR).applied().run(&["output"]).ok();
    assert_eq!(run.stdout, format!("store = {STORE}\n"));
}

#[test]
fn outputs_come_as_json_too() {
    let workspace = Workspace::with(PAIR).applied();
    let one = workspace.run(&["output", "store", "--json"]).ok();
    assert_eq!(one.json(), STORE);
    insta::assert_snapshot!(workspace.run(&["output", "--json"]).ok().stdout);
}

#[test]
fn an_output_of_something_absent_has_no_value_yet() {
    let workspace = Workspace::with(PAIR);
    let run = workspace.run(&["output"]).ok();
    assert_eq!(run.stdout, "store = (known after apply)\n");
    let run = workspace.run(&["output", "store"]).exits(1);
    assert!(run.stderr.contains("has no value yet"), "{}", run.stderr);
}

#[test]
fn an_unknown_output_names_the_nearest() {
    let run = Workspace::with(PAIR).run(&["output", "stor"]).exits(3);
    assert!(
        run.stderr.contains("did you mean `store`?"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_sensitive_output_is_printed_only_when_asked_for_by_name() {
    let workspace = Workspace::with(
        "version: 1\nstack: s\nvariables: { db_password: { default: hunter2hunter2 } }\ninstances: \
         {}\noutputs: { pw: { value: \"${variables.db_password}\", sensitive: true } }\n",
    );
    let all = workspace.run(&["output"]).ok();
    assert_eq!(all.stdout, "pw = (sensitive)\n");
    assert!(
        !workspace
            .run(&["output", "--json"])
            .ok()
            .stdout
            .contains("hunter2")
    );
    assert_eq!(
        workspace.run(&["output", "pw"]).ok().stdout,
        "hunter2hunter2\n"
    );
}
