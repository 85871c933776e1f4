use osc_apply::apply::Fate;

use crate::rig::{Rig, Then};
use crate::{CACHE, ITS_MEMBER, SECOND, changed, skipped_because_of};

#[tokio::test(start_paused = true)]
async fn a_target_that_somebody_changed_after_the_plan_is_left_alone() {
    let rig = Rig::new();
    let yaml = format!(
        "{}\n",
        "instances:
  a: { service: valkey-io-valkey, options: { Password: onecanary } }
  b: { service: encore, depends_on: [instances.a], options: { s3Region: x } }"
    );
    rig.up(&yaml).await;
    let edited = yaml
        .replace("onecanary", "twocanary")
        .replace("s3Region: x", "s3Region: y");
    let plan = rig.plan(&edited).await;
    rig.platform.somebody_else(
        &format!("PATCH {ITS_MEMBER}"),
        r#"{"Password":"theircanary"}"#,
    );
    rig.platform.take_seen();
    let run = rig.apply_plan(plan).await;
    let Fate::Stale(why) = run.fate("a") else {
        panic!("{:?}", run.fate("a"))
    };
    assert_eq!(why, "somebody changed `Password` after the plan was made");
    assert!(skipped_because_of(&run, "b", "a"));
    assert_eq!(rig.platform.count("PATCH"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_has_appeared_or_gone_after_the_plan_is_left_alone() {
    let rig = Rig::new();
    let plan = rig.plan(CACHE).await;
    rig.up(CACHE).await;
    let run = rig.apply_plan(plan).await;
    assert!(matches!(run.fate("a"), Fate::Stale(_)));
    let plan = rig.plan(&changed()).await;
    rig.platform
        .somebody_else(&format!("DELETE {ITS_MEMBER}"), "");
    tokio::time::sleep(60 * SECOND).await;
    let run = rig.apply_plan(plan).await;
    assert!(matches!(run.fate("a"), Fate::Stale(_)));
}

#[tokio::test(start_paused = true)]
async fn a_target_that_one_answer_or_two_call_absent_is_not_gone() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    let plan = rig.plan(&changed()).await;
    let absent = Then::reason(404, "Instance not found");
    rig.platform
        .at("GET valkey-io-valkey /valkeyinstance/a", 0..2, absent);
    rig.apply_plan(plan).await.assert_good();
    assert!(!rig.plan(&changed()).await.has_changes());
}
