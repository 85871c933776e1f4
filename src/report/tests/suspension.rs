use std::collections::BTreeMap;

use super::builder::{
    CANARY, WIDE, With, at, change, destroy_of, ended, failure, plain, plan_of, printed, secret,
    sources, step, text, told,
};
use crate::apply::{Event, EventKind, Fate, Waiting};
use crate::model::Address;
use crate::osc::Suspended;
use crate::plan::{Action, After, Hold, Step, Target};
use crate::report::{self, Look, StatusRow, json};

fn record() -> Suspended {
    Suspended {
        service: "linuxserver-docker-mariadb".to_owned(),
        name: "myblog".to_owned(),
        since: Some("2026-11-01T10:00:00Z".to_owned()),
        reason: Some("idle".to_owned()),
        options: BTreeMap::from([("Password".to_owned(), secret(CANARY))]),
    }
}

fn suspended(action: Action) -> Step {
    let mut step = step("database", action).on_line(12).loses_data();
    if let Target::Instance(target) = &mut step.target {
        target.suspended = Some(record());
    }
    step
}

fn status(look: Look) -> String {
    let row = StatusRow {
        address: Address::instance("database"),
        service: "linuxserver-docker-mariadb".to_owned(),
        name: "myblog".to_owned(),
        state: record().to_string(),
        url: None,
    };
    let mut out = Vec::new();
    report::status(&mut out, std::slice::from_ref(&row), look).unwrap();
    json::status(&mut out, &[row]).unwrap();
    text(out)
}

#[test]
fn a_resume_shows_what_differs_and_that_the_instance_starts_empty() {
    let mut step = suspended(Action::Resume).equal(2).fields(vec![change(
        "Password",
        Some(secret(CANARY)),
        After::Value(secret("x")),
    )]);
    step.explanation.note = Some("it is updated once it runs".to_owned());
    let plan = plan_of(vec![step]);
    insta::assert_snapshot!(printed(&plan, WIDE), @r"
    Plan for stack wordpress in workspace acme (prod): 1 to resume

      ~ instances.database  resume  linuxserver-docker-mariadb myblog  osc.yaml:12  starts empty
        why       suspended since 2026-11-01T10:00:00Z (idle)
        note      it is updated once it runs
        Password  (sensitive) → (sensitive)
        2 options unchanged

    Plan: 1 to resume
    ");
    let mut out = Vec::new();
    json::plan(&mut out, &plan, &sources()).unwrap();
    insta::assert_snapshot!(text(out), @r#"
    {"format":"osc-apply/plan","version":1,"purpose":"apply","stack":"wordpress","workspace":"acme","environment":"prod","tenant_plan":null,"has_changes":true,"summary":{"subscribe":0,"create":0,"resume":1,"update":0,"restart":0,"replace":0,"delete":0,"adopt":0,"mark":0,"unmark":0,"unchanged":0,"held_back":0,"unreadable":0,"data_lost":0},"steps":[{"address":"instances.database","action":"resume","runs":true,"held_back":null,"service":"linuxserver-docker-mariadb","name":"myblog","needs":[],"reason":"suspended since 2026-11-01T10:00:00Z (idle)","note":"it is updated once it runs","restarts":false,"loses_data":true,"options":[{"option":"Password","before":{"sensitive":true},"after":{"sensitive":true}}],"unchanged_options":2,"unmanaged_options":[],"place":{"file":"osc.yaml","line":12,"column":1,"end_line":12,"end_column":2}}],"secrets":{"generate":[],"remove":[],"remove_vault":false},"notes":[],"outputs":[]}
    "#);
}

#[test]
fn what_holds_a_resume_back_says_what_would_let_it_go_on() {
    let plan = plan_of(vec![
        suspended(Action::Resume).held(Hold::LosesData),
        suspended(Action::Resume).held(Hold::LeftSuspended),
        step("site", Action::Update).held(Hold::Needs(Address::instance("database"))),
    ]);
    insta::assert_snapshot!(printed(&plan, WIDE), @r"
    Plan for stack wordpress in workspace acme (prod): 3 held back

      ~ instances.database  resume  linuxserver-docker-mariadb myblog  osc.yaml:12  held back
        why   suspended since 2026-11-01T10:00:00Z (idle)
        held  its data is gone since it was suspended, and it would start empty; to go on, add
              `--discard-data instances.database`, or write `data: none` under instances.database in the
              manifest if it holds none worth keeping

      ~ instances.database  resume  linuxserver-docker-mariadb myblog  osc.yaml:12  held back
        why   suspended since 2026-11-01T10:00:00Z (idle)
        held  `suspended: leave` wants it left alone; to have it resumed, remove that line under
              instances.database in the manifest

      ~ instances.site      update  wordpress-wordpress myblog  held back
        why   `DbHost` differs
        held  it needs instances.database, which is itself held back; it goes on once that is solved

    Plan: 3 held back
    ");
    let left = plan_of(plan.steps[1..].to_vec());
    let text = printed(&left, WIDE);
    assert!(text.contains("which is suspended and left so"), "{text}");
}

#[test]
fn deleting_what_is_suspended_says_that_its_data_is_gone_already() {
    let plan = destroy_of(vec![suspended(Action::Delete).held(Hold::LosesData)]);
    insta::assert_snapshot!(printed(&plan, WIDE), @r"
    Plan to destroy stack wordpress in workspace acme (prod): 1 held back

      - instances.database  delete  linuxserver-docker-mariadb myblog  osc.yaml:12  held back
        why   declared by this stack, which is being destroyed
        held  its data is gone since it was suspended, and it would be deleted for good; to go on, add
              `--discard-data instances.database`, or write `data: none` under instances.database in the
              manifest if it holds none worth keeping

    Plan: 1 held back
    ");
    let text = printed(&destroy_of(vec![suspended(Action::Delete)]), WIDE);
    assert!(!text.contains("will be lost"), "{text}");
}

#[test]
fn status_says_since_when_something_is_suspended_and_why() {
    insta::assert_snapshot!(status(WIDE), @r#"
    ADDRESS             SERVICE                     NAME    HEALTH     URL
    instances.database  linuxserver-docker-mariadb  myblog  suspended
      since 2026-11-01T10:00:00Z (idle)
    {"format":"osc-apply/status","version":1,"instances":[{"address":"instances.database","service":"linuxserver-docker-mariadb","name":"myblog","state":"suspended","detail":"since 2026-11-01T10:00:00Z (idle)","url":null}]}
    "#);
    insta::assert_snapshot!(status(plain(40)), @r#"
    instances.database  suspended
      linuxserver-docker-mariadb  myblog
      since 2026-11-01T10:00:00Z (idle)
    {"format":"osc-apply/status","version":1,"instances":[{"address":"instances.database","service":"linuxserver-docker-mariadb","name":"myblog","state":"suspended","detail":"since 2026-11-01T10:00:00Z (idle)","url":null}]}
    "#);
}

#[test]
fn an_outcome_says_what_was_resumed() {
    let run = ended(vec![
        (step("site", Action::Resume), Fate::Applied),
        (step("shop", Action::Resume), Fate::NotAwaited),
        (step("docs", Action::Resume), Fate::Failed(failure("no"))),
        (
            step("blog", Action::Resume),
            Fate::NotReady(failure("late")),
        ),
        (
            step("database", Action::Resume),
            Fate::Held(Hold::LeftSuspended),
        ),
    ]);
    insta::assert_snapshot!(told(&run, WIDE), @r"
      ~ instances.site      resumed in 11s
      ~ instances.shop      resumed, and not waited for

      ! instances.docs      resume failed
        why   no

      ! instances.blog      resumed, but not ready
        why   late

      ! instances.database  held back
        why   `suspended: leave` wants it left alone; to have it resumed, remove that line under
              instances.database in the manifest

    To go on, run the same command again: what is done stays done.
    Applied 1, failed 1, not ready 1, held back 1, not waited for 1 in 1m 04s
    ");
}

#[test]
fn a_record_that_was_lost_is_told_and_steers_no_terminal() {
    let (plan, mut outcome) = ended(vec![(step("site", Action::Resume), Fate::Applied)]);
    outcome.warnings = vec!["the platform has lost `a\x1b[2J` of encore".to_owned()];
    let run = (plan, outcome);
    insta::assert_snapshot!(told(&run, WIDE), @r"
      ~ instances.site  resumed in 11s

      warning: the platform has lost `a�[2J` of encore

    Applied 1 in 1m 04s
    ");
    let mut out = Vec::new();
    json::outcome(&mut out, &run.0, &run.1).unwrap();
    let json = text(out);
    assert!(
        json.contains(r#""warnings":["the platform has lost"#),
        "{json}"
    );
}

#[test]
fn programs_hear_what_a_resume_waits_for() {
    let waits = [
        Waiting::Resumed,
        Waiting::Shown,
        Waiting::Kept,
        Waiting::Belated,
    ];
    let mut out = Vec::new();
    for waiting in waits {
        let event = Event {
            at: at(1),
            address: Address::instance("site"),
            kind: EventKind::Waiting(waiting),
        };
        json::event(&mut out, &event).unwrap();
    }
    insta::assert_snapshot!(text(out), @r#"
    {"format":"osc-apply/event","version":1,"at":1.0,"address":"instances.site","event":"waiting","waiting":{"for":"resumed"}}
    {"format":"osc-apply/event","version":1,"at":1.0,"address":"instances.site","event":"waiting","waiting":{"for":"shown"}}
    {"format":"osc-apply/event","version":1,"at":1.0,"address":"instances.site","event":"waiting","waiting":{"for":"kept"}}
    {"format":"osc-apply/event","version":1,"at":1.0,"address":"instances.site","event":"waiting","waiting":{"for":"belated"}}
    "#);
}
