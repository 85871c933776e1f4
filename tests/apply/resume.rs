//! Suspended instances in the emulator itself, with all it knows of suspension (API notes 6.12).

use std::time::Duration;

use osc_apply::apply::{EventKind, Fate, Waiting};
use osc_apply::plan::{Action, Hold};
use osc_apply::sandbox::{Quirks, Rules};

use crate::rig::{Rig, Run, Then, count};
use crate::{CACHE, SECOND, changed};

const VALKEY: &str = "valkey-io-valkey";

const FOUR: &str = "
instances:
  a: { service: valkey-io-valkey, data: none }
  b: { service: valkey-io-valkey, data: none }
  c: { service: encore, data: none, options: { s3Endpoint: '${instances.a.url}' } }
  d: { service: eyevinn-test-adserver }
";

const ADSERVER: &str = "eyevinn-test-adserver";
/// The only one of its service, whose subscription ends and comes back with it.
const ALONE: &str = "instances: { d: { service: eyevinn-test-adserver } }";
const OPTION: &str = "
instances:
  d: { service: eyevinn-live-encoding, data: none, options: { InputUrl: 'https://one.example' } }
  e: { service: eyevinn-live-encoding, options: { InputUrl: 'https://e.example' } }
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

/// A run that was killed so long after `d` was resumed, and the workspace it left.
async fn killed_after_a_resume(yaml: &str, service: &str, after: Duration) -> Rig {
    let rig = Rig::new();
    rig.up(yaml).await;
    rig.platform.suspend(service, "d");
    tokio::time::timeout(30 * SECOND + after, rig.apply(yaml))
        .await
        .err()
        .expect("it is killed");
    let again = Rig::on(&rig.platform);
    rig.platform.take_seen();
    again
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_run_has_resumed_is_taken_once_it_shows() {
    for yaml in [FOUR, ALONE] {
        for seconds in (0..32).step_by(4) {
            let rig = killed_after_a_resume(yaml, ADSERVER, seconds * SECOND).await;
            let run = rig.apply(yaml).await;
            run.assert_good();
            let fate = run.fate("d");
            assert!(
                matches!(fate, Fate::AlreadySo | Fate::Kept),
                "{seconds} {fate:?}"
            );
            assert!(!rig.plan(yaml).await.has_changes());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_back_with_other_options_than_the_new_ones_is_left_alone() {
    let rig = killed_after_a_resume(OPTION, "eyevinn-live-encoding", 25 * SECOND).await;
    let edited = OPTION.replace("one.example", "two.example");
    let plan = rig.plan(&edited).await;
    assert_eq!(count(&plan, Action::Create), 1, "nobody shows it");
    let run = rig.apply_plan(plan).await;
    let Fate::Stale(why) = run.fate("d") else {
        panic!("{:?}", run.fate("d"))
    };
    assert!(
        why.ends_with("and has another value of `InputUrl`"),
        "{why}"
    );
    tokio::time::sleep(100 * SECOND).await;
    rig.apply(&edited).await.assert_good();
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_by_nobody_who_ever_shows_says_what_to_do() {
    let rig = Rig::new();
    let taken = Then::reason(409, "Name is already taken");
    rig.platform.always("POST valkey-io-valkey /", taken);
    let run = rig.apply(CACHE).await;
    let failure = run.failure("a");
    assert!(
        failure
            .message
            .ends_with("nothing of the name has shown since")
    );
    let hint = failure.hint.as_ref().unwrap();
    assert!(
        hint.contains("in a few minutes") && hint.contains("the console"),
        "{hint}"
    );
    assert!(!failure.sent);
    let took = run.outcome.took;
    assert!(took > 120 * SECOND && took < 140 * SECOND, "{took:?}");
    let waits = |kind: &&EventKind| matches!(kind, EventKind::Waiting(Waiting::Shown));
    assert!(run.kinds("a").iter().any(waits));
    assert_eq!(rig.platform.count("POST valkey-io-valkey /"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_interruption_ends_the_watch_for_a_name_that_is_taken() {
    let rig = Rig::new();
    let taken = Then::reason(409, "Name is already taken");
    rig.platform.always("POST valkey-io-valkey /", taken);
    let stop = rig.stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(20 * SECOND).await;
        stop.cancel();
    });
    let run = rig.apply(CACHE).await;
    assert!(matches!(run.fate("a"), Fate::NotBegun));
    assert!(run.outcome.took < 21 * SECOND);
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
