//! The OSC plan of the workspace, which a plan shows and never needs.

use std::time::Duration;

use osc_apply::plan::Plan;
use osc_apply::report::{self, Look};
use osc_apply::sandbox::Cut;

use super::rig::{Rig, Stack, Taken, Then, all_data};

const CACHE: &str = "
instances:
  cache: { service: valkey-io-valkey }
";

fn first_line(plan: &Plan) -> String {
    let look = Look {
        color: false,
        width: 100,
    };
    let mut out = Vec::new();
    report::plan(&mut out, plan, &Stack::of(CACHE).sources, look).unwrap();
    let text = String::from_utf8(out).unwrap();
    text.lines().next().unwrap().to_owned()
}

/// Answers of a money host with which nothing can be done, and connections without one.
fn useless() -> Vec<Then> {
    vec![
        Then::html(500),
        Then::html(503),
        Then::reason(401, "Unauthorized"),
        Then::json(
            500,
            r#"{"code":"FST_ERR_FAILED_ERROR_SERIALIZATION","message":"Bearer expired"}"#,
        ),
        Then::reason(404, "no plan"),
        Then::json(200, r#"{"plan":"FREE"}"#),
        Then::json(200, r#"{"name":null}"#),
        Then::json(200, "[]"),
        Then::Garbled,
        Then::Broken,
        Then::Cut(Cut::Refused, Taken::No),
        Then::Cut(Cut::Untrusted, Taken::No),
        Then::Busy(Some(30)),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_plan_and_a_destroy_begin_with_workspace_environment_and_osc_plan() {
    let rig = Rig::new();
    assert_eq!(
        first_line(&rig.plan(CACHE).await),
        "Plan for stack test in workspace sandbox (prod, FREE plan): 1 to subscribe, 1 to create"
    );
    rig.up(CACHE).await;
    let destroy = rig.plan_destroy(CACHE, &all_data()).await;
    assert_eq!(
        first_line(&destroy),
        "Plan to destroy stack test in workspace sandbox (prod, FREE plan): 1 to delete"
    );
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_cannot_be_read_is_left_out_and_asked_for_once() {
    for (number, useless) in useless().into_iter().enumerate() {
        let rig = Rig::new();
        rig.platform.always("GET money", useless);
        let plan = rig.plan(CACHE).await;
        assert_eq!(plan.tenant_plan, None, "{number}");
        assert_eq!(
            first_line(&plan),
            "Plan for stack test in workspace sandbox (prod): 1 to subscribe, 1 to create"
        );
        assert_eq!(rig.platform.count("GET money"), 1, "{number}");
    }
}

/// How long a plan of a stack that is up takes.
async fn takes(money: Option<Then>) -> (Plan, Duration) {
    let rig = Rig::new();
    rig.up(CACHE).await;
    if let Some(then) = money {
        rig.platform.always("GET money", then);
    }
    let fresh = Rig::on(&rig.platform);
    let began = rig.platform.age();
    let plan = fresh.plan(CACHE).await;
    (plan, rig.platform.age() - began)
}

#[tokio::test(start_paused = true)]
async fn the_osc_plan_costs_no_time_and_a_money_host_that_hangs_at_most_a_second() {
    let (plan, usual) = takes(None).await;
    assert_eq!(plan.tenant_plan.as_deref(), Some("FREE"));
    // Three requests one after another: subscriptions, a token, a list.
    assert_eq!(usual, Duration::from_millis(60));
    let (plan, failing) = takes(Some(Then::html(503))).await;
    assert_eq!((plan.tenant_plan, failing), (None, usual));
    for hanging in [
        Then::Cut(Cut::Silent, Taken::No),
        Then::Slow(Duration::from_secs(80)),
    ] {
        let (plan, hanging) = takes(Some(hanging)).await;
        assert_eq!(plan.tenant_plan, None);
        assert_eq!(hanging, usual + Duration::from_secs(1));
    }
    let (plan, late) = takes(Some(Then::Slow(Duration::from_millis(500)))).await;
    assert_eq!(plan.tenant_plan.as_deref(), Some("FREE"));
    assert_eq!(late, Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn a_reading_that_fails_does_not_wait_for_the_osc_plan() {
    let rig = Rig::new();
    rig.platform
        .always("GET money", Then::Cut(Cut::Silent, Taken::No));
    rig.platform
        .always("GET catalog", Then::reason(401, "Unauthorized"));
    let began = rig.platform.age();
    let stack = Stack::of(CACHE);
    assert!(rig.live(&stack).await.is_err());
    assert!(rig.platform.age() - began < Duration::from_millis(100));
}
