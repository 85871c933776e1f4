//! Suspended instances in the emulator itself, with all it knows of suspension (API notes 6.12).

use osc_apply::plan::{Action, Hold};
use osc_apply::sandbox::{Quirks, Rules};

use crate::rig::{Rig, Run};
use crate::{CACHE, SECOND, changed};

const VALKEY: &str = "valkey-io-valkey";

const FOUR: &str = "
instances:
  a: { service: valkey-io-valkey, data: none }
  b: { service: valkey-io-valkey, data: none }
  c: { service: encore, data: none, options: { s3Endpoint: '${instances.a.url}' } }
  d: { service: eyevinn-test-adserver }
";

fn resumed(run: &Run) -> Vec<&str> {
    let steps = run.plan.steps.iter();
    let resumes = steps.filter(|step| step.action == Action::Resume);
    resumes.map(|step| step.address.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_suspended_instance_is_resumed_and_the_next_plan_is_empty() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    rig.platform.suspend(VALKEY, "a");
    let plan = rig.plan(CACHE).await;
    assert_eq!(
        plan.steps[0].held,
        Some(Hold::LosesData),
        "its data is gone"
    );
    let run = rig.apply(CACHE).await;
    run.assert_good();
    assert_eq!(resumed(&run), ["instances.a"]);
    assert_eq!(rig.platform.count("POST valkey"), 0, "nothing is made");
    assert!(!rig.plan(CACHE).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_change_after_a_resume_outlives_the_replay_of_the_old_options() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    rig.platform.suspend(VALKEY, "a");
    let run = rig.apply(&changed()).await;
    run.assert_good();
    assert!(run.outcome.took > 90 * SECOND, "{:?}", run.outcome.took);
    assert!(rig.platform.count("PATCH") >= 2, "the first was undone");
    tokio::time::sleep(300 * SECOND).await;
    assert!(!rig.plan(&changed()).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn many_are_resumed_without_losing_one_where_overlapping_calls_do() {
    let rig = Rig::with(Rules {
        quirks: Quirks {
            overlaps_lose_records: true,
            ..Quirks::default()
        },
        ..Rules::default()
    });
    rig.up(FOUR).await;
    for (service, name) in [
        (VALKEY, "a"),
        (VALKEY, "b"),
        ("encore", "c"),
        ("eyevinn-test-adserver", "d"),
    ] {
        rig.platform.suspend(service, name);
    }
    let run = rig.apply(FOUR).await;
    run.assert_good();
    assert_eq!(resumed(&run).len(), 4);
    assert_eq!(rig.platform.count("/resume"), 4);
    assert!(!rig.plan(FOUR).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_record_that_stays_does_not_hide_the_instance_that_runs() {
    let rig = Rig::with(Rules {
        quirks: Quirks {
            resume_leaves_record: true,
            ..Quirks::default()
        },
        ..Rules::default()
    });
    rig.up(FOUR).await;
    rig.platform.suspend("eyevinn-test-adserver", "d");
    rig.apply(FOUR).await.assert_good();
    assert!(!rig.plan(FOUR).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn what_is_left_suspended_is_not_touched() {
    let rig = Rig::new();
    rig.up(FOUR).await;
    rig.platform.suspend("eyevinn-test-adserver", "d");
    let yaml = FOUR.replace("adserver }", "adserver, suspended: leave }");
    rig.platform.take_seen();
    let plan = rig.plan(&yaml).await;
    assert!(!plan.has_changes());
    rig.apply_plan(plan).await;
    assert_eq!(rig.platform.count("/resume"), 0);
    assert_eq!(rig.platform.count("POST eyevinn"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_destroy_removes_what_is_suspended_and_frees_its_name() {
    let rig = Rig::new();
    rig.up(FOUR).await;
    rig.platform.suspend(VALKEY, "b");
    rig.destroy(FOUR).await.assert_good();
    rig.up(FOUR).await;
}
