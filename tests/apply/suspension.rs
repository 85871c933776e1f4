use std::ops::Range;
use std::sync::Arc;

use osc_apply::apply::{EventKind, Fate};
use osc_apply::osc::Class;
use osc_apply::plan::Action;

use crate::rig::{Rig, Run, Suspending, Then, all_data, count};
use crate::{CACHE, COLLECTION, ITS_MEMBER, SECOND, applied, changed, skipped_because_of, span};

const RESUME: &str = "POST deploy /mysuspended/valkey-io-valkey/a/resume";
const DISCARD: &str = "DELETE deploy /mysuspended/valkey-io-valkey/a";
const LIST: &str = "GET deploy /mysuspended";
const ITS_READ: &str = "GET valkey-io-valkey /valkeyinstance/a";

const THREE: &str = "
instances:
  a: { service: valkey-io-valkey, options: { Password: onecanary } }
  b: { service: valkey-io-valkey, options: { Password: onecanary } }
  c: { service: valkey-io-valkey, options: { Password: onecanary } }
";

/// A cache that was up and is suspended, on a platform that misbehaves at some requests.
async fn suspended_and(faults: &[(&str, Range<usize>, Then)]) -> (Rig, Suspending) {
    let rig = Rig::new();
    rig.up(CACHE).await;
    for (line, turns, then) in faults {
        rig.platform.at(line, turns.clone(), then.clone());
    }
    let suspending = Suspending::on(&rig).suspend("a", "onecanary").await;
    (rig, suspending)
}

async fn suspended() -> (Rig, Suspending) {
    suspended_and(&[]).await
}

/// What was asked of the deploy manager about what is suspended, and for the instance itself.
fn asked(rig: &Rig) -> Vec<String> {
    let lines = rig.platform.lines_of_instances().into_iter();
    lines
        .filter(|line| line.contains(" deploy ") || line.contains("/valkeyinstance"))
        .collect()
}

fn assert_no_secret(run: &Run) {
    let all = format!("{:?} {:?}", run.outcome.results, run.events);
    assert!(!all.contains("canary"), "{all}");
}

fn assert_not_ready(run: &Run, start: &str) {
    let Fate::NotReady(failure) = run.fate("a") else {
        panic!("{:?}", run.fate("a"))
    };
    assert!(
        failure.sent && failure.message.starts_with(start),
        "{failure:?}"
    );
}

// Resume

#[tokio::test(start_paused = true)]
async fn a_resume_reads_again_sends_one_request_and_waits_until_it_is_ready() {
    let (rig, _) = suspended().await;
    let plan = rig.plan_with(CACHE, &all_data()).await;
    rig.platform.take_seen();
    let run = rig.apply_plan(plan).await;
    assert!(applied(run.fate("a")), "{:?}", run.fate("a"));
    assert_eq!(asked(&rig), [LIST, ITS_READ, RESUME, ITS_READ, ITS_READ]);
    assert!(rig.platform.count("/health/a") > 0);
    assert!(run.outcome.took < 60 * SECOND, "{:?}", run.outcome.took);
    assert!(!rig.plan(CACHE).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn neither_a_401_of_the_gateway_nor_a_404_after_a_resume_is_absence() {
    // The first read is the one before the resume; 401 is asked about four times each.
    let (rig, _) = suspended_and(&[
        (ITS_READ, 1..33, Then::html(401)),
        (ITS_READ, 33..40, Then::reason(404, "Instance not found")),
    ])
    .await;
    let run = rig.apply(CACHE).await;
    assert!(applied(run.fate("a")), "{:?}", run.fate("a"));
    assert_eq!(rig.platform.count(&format!("POST {COLLECTION}")), 0);
    assert_eq!(rig.platform.count(RESUME), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_resumed_and_never_shown_is_resumed_and_not_ready() {
    let then = Then::reason(404, "Instance not found");
    let (rig, _) = suspended_and(&[(ITS_READ, 1..9999, then)]).await;
    let run = rig.apply(CACHE).await;
    assert_not_ready(&run, "resumed, but its service does not show it");
    assert!(run.outcome.took < 300 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_resume_behind_an_error_of_the_gateway_is_followed_up_and_not_sent_again() {
    for stays in [false, true] {
        let (rig, suspending) = suspended().await;
        suspending.manager().unanswered = true;
        // Given up, it runs and is still listed.
        suspending.manager().stays = stays;
        let run = rig.apply(CACHE).await;
        assert!(applied(run.fate("a")), "{:?}", run.fate("a"));
        assert_eq!(rig.platform.count(RESUME), 1);
        let longest = if stays { 360 } else { 60 };
        assert!(run.outcome.took < longest * SECOND);
        assert!(!rig.plan(CACHE).await.has_changes());
    }
}

#[tokio::test(start_paused = true)]
async fn a_resume_that_comes_to_nothing_ends_and_says_that_it_may_still_come() {
    for then in [
        Then::html(504),
        Then::Broken,
        Then::reason(500, "no onecanary"),
    ] {
        let (rig, _) = suspended_and(&[(RESUME, 0..99, then)]).await;
        let run = rig.apply(CACHE).await;
        let failure = run.failure("a");
        assert!(failure.sent && failure.hint.as_ref().unwrap().contains("may still"));
        assert_eq!(rig.platform.count(RESUME), 1);
        assert!(run.outcome.took < 360 * SECOND, "{:?}", run.outcome.took);
        assert_no_secret(&run);
    }
}

#[tokio::test(start_paused = true)]
async fn a_resume_that_is_refused_changes_nothing() {
    for (then, class) in [
        (Then::reason(403, "Not now"), Class::Refused),
        (Then::reason(402, "No tokens left"), Class::Limit),
        (Then::reason(401, "expired"), Class::SignedOut),
    ] {
        let (rig, _) = suspended_and(&[(RESUME, 0..99, then)]).await;
        let run = rig.apply(CACHE).await;
        assert_eq!(run.failure("a").class, Some(class));
        assert!(!run.failure("a").sent);
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_of_a_service_without_subscription_comes_back_with_it() {
    let none = Then::json(200, "[]");
    for (turns, good) in [(0..4, true), (0..99, false)] {
        let faults = [("GET catalog /mysubscriptions", turns, none.clone())];
        let (rig, _) = suspended_and(&faults).await;
        let run = rig.apply(CACHE).await;
        assert_eq!(rig.platform.count("POST catalog"), 0);
        match good {
            true => assert!(applied(run.fate("a")), "{:?}", run.fate("a")),
            false => assert_not_ready(&run, "resumed, but the subscription"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn dependants_get_the_address_that_is_new_after_a_resume() {
    let yaml = "
instances:
  a: { service: valkey-io-valkey, options: { Password: onecanary } }
  user: { service: eyevinn-live-encoding, options: { InputUrl: 'redis://${instances.a.address}' } }
";
    let rig = Rig::new();
    rig.up(yaml).await;
    let ports = r#"[{"externalIp":"203.0.113.77","externalPort":10999,"internalPort":6379}]"#;
    rig.platform.always("/ports/a", Then::json(200, ports));
    Suspending::on(&rig).suspend("a", "onecanary").await;
    let run = rig.apply(yaml).await;
    run.assert_good();
    assert!(
        rig.platform
            .first("PATCH")
            .body
            .contains("203.0.113.77:10999")
    );
    assert!(span(&rig, RESUME).1 < span(&rig, "PATCH").0);
    assert!(!rig.plan(yaml).await.has_changes());
}

// Update after a resume

fn replayed() -> Then {
    let body = r#"{"Password":"onecanary"}"#.to_owned();
    Then::SomebodyElse(vec![(
        Box::leak(format!("PATCH {ITS_MEMBER}").into_boxed_str()),
        body,
    )])
}

#[tokio::test(start_paused = true)]
async fn an_update_after_a_resume_is_watched_until_nothing_can_undo_it() {
    // In the middle, and at the very end of the time in which the platform writes.
    for turn in [5, 18] {
        let (rig, _) = suspended_and(&[(ITS_READ, turn..turn + 1, replayed())]).await;
        let run = rig.apply(&changed()).await;
        assert!(applied(run.fate("a")), "{:?}", run.fate("a"));
        assert_eq!(rig.platform.count("PATCH"), 2);
        let window = 90 * SECOND;
        assert!(run.outcome.took > window && run.outcome.took < 2 * window);
        assert!(!rig.plan(&changed()).await.has_changes());
        let waits = |kind: &&EventKind| format!("{kind:?}").contains("Kept");
        assert!(run.kinds("a").iter().any(waits));
        assert_no_secret(&run);
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_that_is_undone_again_and_again_is_sent_three_times_and_then_reported() {
    let (rig, _) = suspended_and(&[(ITS_READ, 3..999, replayed())]).await;
    let run = rig.apply(&changed()).await;
    assert_not_ready(
        &run,
        "resumed, but the platform does not keep the value of `Password`",
    );
    assert_eq!(rig.platform.count("PATCH"), 3);
    assert_no_secret(&run);
}

#[tokio::test(start_paused = true)]
async fn what_comes_back_different_and_cannot_be_updated_is_reported() {
    let document = r#"{"name":"a","url":"https://x.example","Password":"onecanary"}"#;
    let (rig, _) = suspended_and(&[(ITS_READ, 1..999, Then::json(200, document))]).await;
    let run = rig.apply(&changed()).await;
    let failure = run.failure("a");
    assert!(
        failure.message.contains("no update in place"),
        "{failure:?}"
    );
    assert!(failure.sent && failure.hint.as_ref().unwrap().contains("replaced"));
    assert_eq!(rig.platform.count("PATCH"), 0);
}

// One at a time

#[tokio::test(start_paused = true)]
async fn calls_that_change_suspended_records_never_overlap() {
    let rig = Rig::new();
    let with_more = format!("{THREE}  d: {{ service: valkey-io-valkey }}\n");
    rig.up(&format!("{THREE}  e: {{ service: valkey-io-valkey }}\n"))
        .await;
    let suspending = Suspending::on(&rig).suspend("a", "onecanary").await;
    let suspending = suspending.suspend("b", "onecanary").await;
    suspending.manager().unanswered = true;
    rig.platform.take_seen();
    rig.apply(&with_more).await.assert_good();
    let seen = rig.platform.take_seen();
    let is_call =
        |line: &str| line.starts_with("POST deploy") || line == format!("POST {COLLECTION}");
    let calls: Vec<_> = seen.iter().filter(|it| is_call(&it.line)).collect();
    assert_eq!(calls.len(), 3);
    for pair in calls.windows(2) {
        assert!(pair[0].to.unwrap() < pair[1].from);
        // An unanswered one is over when its record was not listed four times in 15 seconds.
        let unanswered = pair[0].line.ends_with("/resume");
        assert!(!unanswered || pair[1].from - pair[0].to.unwrap() > 14 * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_another_call_has_lost_is_told() {
    for yaml in [
        THREE,
        &format!("{THREE}  d: {{ service: valkey-io-valkey }}\n"),
    ] {
        let rig = Rig::new();
        rig.up(THREE).await;
        let suspending = Suspending::on(&rig).suspend("a", "onecanary").await;
        let suspending = suspending.record("other", "onecanary");
        suspending.manager().loses = Some("other");
        let run = rig.apply(yaml).await;
        run.assert_good();
        let [warning] = run.outcome.warnings.as_slice() else {
            panic!("{:?}", run.outcome.warnings)
        };
        let start = "`other` of valkey-io-valkey was suspended before the call for instances.a";
        assert!(warning.starts_with(start), "{warning}");
    }
}

#[tokio::test(start_paused = true)]
async fn records_that_are_there_or_cannot_be_read_are_not_called_lost() {
    let flaky = r#"[{"serviceId":"valkey-io-valkey","instanceName":"a"}]"#;
    for (turns, then, warnings) in [
        (99..99, Then::html(502), 0),
        (2..99, Then::html(502), 1),
        // The plan and the step have read it; then it is missing once.
        (2..3, Then::json(200, flaky), 0),
    ] {
        let (rig, suspending) = suspended_and(&[(LIST, turns, then)]).await;
        let _suspending = suspending.record("other", "onecanary");
        let run = rig.apply(CACHE).await;
        run.assert_good();
        assert_eq!(
            run.outcome.warnings.len(),
            warnings,
            "{:?}",
            run.outcome.warnings
        );
        assert!(!run.outcome.warnings.iter().any(|it| it.contains("lost")));
    }
}

#[tokio::test(start_paused = true)]
async fn deletions_wait_for_each_other_where_something_is_suspended() {
    let rig = Rig::new();
    rig.up(THREE).await;
    Suspending::on(&rig).record("other", "onecanary");
    rig.platform.take_seen();
    rig.destroy(THREE).await.assert_good();
    let seen = rig.platform.take_seen();
    let deletes: Vec<_> = seen
        .iter()
        .filter(|it| it.line.starts_with("DELETE") && !it.is_bookkeeping())
        .collect();
    assert_eq!(deletes.len(), 3);
    for pair in deletes.windows(2) {
        assert!(pair[0].to.unwrap() < pair[1].from);
    }
    // Once for the plan, and after each deletion.
    assert_eq!(seen.iter().filter(|it| it.line == LIST).count(), 4);
}

#[tokio::test(start_paused = true)]
async fn without_anything_suspended_creates_go_side_by_side() {
    let rig = Rig::new();
    let run = rig.apply(THREE).await;
    run.assert_good();
    assert_eq!(rig.platform.count(LIST), 1);
    let seen = rig.platform.take_seen();
    let create = format!("POST {COLLECTION}");
    let creates: Vec<_> = seen.iter().filter(|it| it.line == create).collect();
    assert!(creates[0].to.unwrap() > creates[2].from);
}

// Moved since the plan

#[tokio::test(start_paused = true)]
async fn what_somebody_else_has_resumed_is_taken_as_it_is_or_left_alone() {
    for (yaml, already_so) in [(CACHE.to_owned(), true), (changed(), false)] {
        let (rig, suspending) = suspended().await;
        let plan = rig.plan_with(&yaml, &all_data()).await;
        suspending.resume("a");
        let run = rig.apply_plan(plan).await;
        match run.fate("a") {
            Fate::AlreadySo => assert!(already_so),
            Fate::Stale(why) => assert!(!already_so && why.ends_with("and runs now")),
            other => panic!("{other:?}"),
        }
        assert_eq!(rig.platform.count(RESUME), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_has_gone_or_changed_after_the_plan_stops_the_step() {
    let (rig, suspending) = suspended().await;
    let plan = rig.plan_with(CACHE, &all_data()).await;
    suspending.manager().records[0]["parameters"]["Password"] = "theircanary".into();
    let run = rig.apply_plan(plan).await;
    let Fate::Stale(why) = run.fate("a") else {
        panic!("{:?}", run.fate("a"))
    };
    assert_eq!(why, "somebody changed `Password` after the plan was made");
    let plan = rig.plan_with(CACHE, &all_data()).await;
    suspending.manager().records.clear();
    assert!(matches!(
        rig.apply_plan(plan).await.fate("a"),
        Fate::Stale(_)
    ));
    assert_eq!(rig.platform.count(RESUME), 0);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_again_stops_the_step_before_anything_is_sent() {
    let (rig, _) = suspended_and(&[(LIST, 1..99, Then::html(502))]).await;
    let run = rig.apply(CACHE).await;
    assert_eq!(run.failure("a").class, Some(Class::Transient));
    assert!(!run.failure("a").sent);
    assert_eq!(rig.platform.count(RESUME), 0);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_was_suspended_after_the_plan_is_not_a_bare_conflict() {
    let rig = Rig::new();
    let plan = rig.plan(CACHE).await;
    let taken = Then::reason(409, "Name is already taken");
    rig.platform.always(&format!("POST {COLLECTION}"), taken);
    Suspending::on(&rig).record("a", "onecanary");
    let run = rig.apply_plan(plan).await;
    let failure = run.failure("a");
    let end = "is suspended since 2026-11-01T10:00:00Z (idle)";
    assert!(failure.message.ends_with(end), "{failure:?}");
    assert!(failure.hint.as_ref().unwrap().contains("it is resumed"));
    assert_eq!(
        rig.platform.count(ITS_READ),
        1,
        "nobody waits for it to show"
    );
    assert_eq!(failure.class, Some(Class::Conflict));
}

// Destroy

#[tokio::test(start_paused = true)]
async fn a_destroy_removes_the_record_with_one_request_whatever_the_answer() {
    for unanswered in [false, true] {
        let (rig, suspending) = suspended().await;
        suspending.manager().unanswered = unanswered;
        let run = rig.destroy(CACHE).await;
        assert!(applied(run.fate("a")), "{:?}", run.fate("a"));
        assert_eq!(rig.platform.count(DISCARD), 1);
        assert!(rig.plan_destroy(CACHE, &all_data()).await.steps.is_empty());
        let plan = rig.plan(CACHE).await;
        assert_eq!(count(&plan, Action::Create), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_whose_removal_is_not_answered_and_does_not_happen_is_reported() {
    let (rig, _) = suspended_and(&[(DISCARD, 0..99, Then::html(504))]).await;
    let run = rig.destroy(CACHE).await;
    assert_eq!(run.failure("a").class, Some(Class::Transient));
    assert!(run.failure("a").sent);
    assert_eq!(rig.platform.count(DISCARD), 1);
    assert!(run.outcome.took < 360 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn what_was_resumed_after_a_plan_to_destroy_is_not_deleted() {
    let (rig, suspending) = suspended().await;
    let plan = rig.plan_destroy(CACHE, &all_data()).await;
    suspending.resume("a");
    let run = rig.apply_plan(plan).await;
    assert!(matches!(run.fate("a"), Fate::Stale(_)));
    assert_eq!(rig.platform.count_of_instances("DELETE"), 0);
}

// Interruption

fn interrupting(rig: &Rig) -> Then {
    let stop = rig.stop.clone();
    Then::Do(Arc::new(move || stop.cancel()))
}

#[tokio::test(start_paused = true)]
async fn an_interruption_ends_a_resume_at_every_point_and_running_again_converges() {
    let yaml = &changed();
    // What is asked when it comes, how often before, and whether anything was resumed by then.
    for (line, turn, resumed) in [
        (LIST, 1, false),
        (ITS_READ, 0, false),
        (ITS_READ, 1, true),
        (ITS_READ, 4, true),
        ("PATCH", 0, true),
        ("/health/a", 1, true),
    ] {
        let rig = Rig::new();
        rig.up(CACHE).await;
        let dependant = format!("{yaml}\n").replace(
            "} } }",
            "} }, b: { service: encore, depends_on: [instances.a] } }",
        );
        let stop = interrupting(&rig);
        rig.platform.at(line, turn..turn + 1, stop);
        let _suspending = Suspending::on(&rig).suspend("a", "onecanary").await;
        let run = rig.apply(&dependant).await;
        assert!(run.outcome.interrupted, "{line} {turn}");
        assert!(!skipped_because_of(&run, "b", "a"));
        let fate = run.fate("a");
        match resumed {
            true => assert!(matches!(fate, Fate::NotAwaited), "{line} {turn} {fate:?}"),
            false => assert!(matches!(fate, Fate::NotBegun), "{line} {turn} {fate:?}"),
        }
        assert_eq!(rig.platform.count(RESUME), usize::from(resumed));
        assert!(run.outcome.took < 120 * SECOND);
        let again = Rig::on(&rig.platform);
        again.apply(&dependant).await.assert_good();
        assert!(!again.plan(&dependant).await.has_changes());
    }
}

#[tokio::test(start_paused = true)]
async fn an_interruption_lets_the_resume_in_flight_finish_and_starts_no_second_one() {
    let rig = Rig::new();
    rig.up(THREE).await;
    let suspending = Suspending::on(&rig).suspend("a", "onecanary").await;
    let suspending = suspending.suspend("b", "onecanary").await;
    rig.platform.behave();
    let (stop, manager) = (rig.stop.clone(), suspending.clone());
    let resume = move || {
        stop.cancel();
        manager.resume("a")
    };
    rig.platform.always(RESUME, Then::Call(Arc::new(resume)));
    suspending.list();
    let run = rig.apply(THREE).await;
    assert!(matches!(run.fate("a"), Fate::NotAwaited));
    assert!(matches!(run.fate("b"), Fate::NotBegun));
    assert_eq!(rig.platform.count("POST deploy"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_interruption_of_a_resume_without_answer_says_that_it_may_still_come() {
    let (rig, _) = suspended_and(&[(RESUME, 0..1, Then::html(504))]).await;
    let stop = rig.stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(30 * SECOND).await;
        stop.cancel();
    });
    let run = rig.apply(CACHE).await;
    assert!(run.outcome.interrupted);
    let failure = run.failure("a");
    assert!(failure.sent && failure.hint.as_ref().unwrap().contains("may still"));
}
