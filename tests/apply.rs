//! Carrying out plans against the sandbox in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

use std::sync::Arc;
use std::time::Duration;

use osc_apply::apply::{EventKind, Fate, Waiting};
use osc_apply::model::Address;
use osc_apply::osc::Class;
use osc_apply::plan::{Action, Consent, Hold};
use rig::{Rig, Run, Seen, Then, all_data};

const SECOND: Duration = Duration::from_secs(1);

fn applied(fate: &Fate) -> bool {
    matches!(fate, Fate::Applied)
}

fn skipped_because_of(run: &Run, key: &str, cause: &str) -> bool {
    matches!(run.fate(key), Fate::Skipped(of) if *of == Address::instance(cause))
}

/// When a request whose line contains this was first sent, and answered.
fn span(rig: &Rig, line: &str) -> (Duration, Duration) {
    let seen = rig.platform.first(line);
    (seen.from, seen.to.expect("an answer"))
}

// Order

const DIAMOND: &str = "
instances:
  base: { service: valkey-io-valkey }
  left: { service: encore, options: { s3Endpoint: '${instances.base.url}' } }
  right: { service: eyevinn-live-encoding, options: { InputUrl: '${instances.base.url}' } }
  top:
    service: eyevinn-qr-generator
    options: { GotoUrl: '${instances.left.url}', LogoUrl: '${instances.right.url}' }
  alone: { service: eyevinn-test-adserver }
";

#[tokio::test(start_paused = true)]
async fn a_step_starts_when_what_it_needs_runs_and_waits_for_nothing_else() {
    let rig = Rig::new();
    let run = rig.apply(DIAMOND).await;
    run.assert_good();
    let base = span(&rig, "POST valkey-io-valkey");
    let left = span(&rig, "POST encore");
    let right = span(&rig, "POST eyevinn-live-encoding");
    let top = span(&rig, "POST eyevinn-qr-generator");
    let alone = span(&rig, "POST eyevinn-test-adserver");
    let healthy = 18 * SECOND;
    assert!(alone.0 < base.1, "independent instances start at once");
    assert!(left.0 >= base.1 + healthy && left.0 < base.1 + healthy + 2 * SECOND);
    assert!(right.0 < left.1 && left.0 < right.1, "siblings overlap");
    assert!(top.0 >= left.1.max(right.1) + healthy);
    assert!(!rig.plan(DIAMOND).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn at_most_four_changes_are_under_way_at_once_and_waits_do_not_count() {
    let rig = Rig::new();
    let keys = (0..12).map(|n| format!("  k{n}: {{ service: eyevinn-test-adserver }}\n"));
    let yaml = format!("instances:\n{}", keys.collect::<String>());
    let run = rig.apply(&yaml).await;
    run.assert_good();
    let seen = rig.platform.take_seen();
    let posts: Vec<&Seen> = seen
        .iter()
        .filter(|seen| seen.line.starts_with("POST eyevinn"))
        .collect();
    assert_eq!(posts.len(), 12);
    let under_way = |at: Duration| {
        let open = posts
            .iter()
            .filter(|it| it.from <= at && at < it.to.unwrap());
        open.count()
    };
    assert_eq!(posts.iter().map(|it| under_way(it.from)).max(), Some(4));
    // Three rounds of two seconds and one wait of twenty, not three waits.
    assert!(run.outcome.took < 28 * SECOND, "{:?}", run.outcome.took);
}

#[tokio::test(start_paused = true)]
async fn a_failed_change_stops_its_dependants_only_and_each_names_the_root() {
    let rig = Rig::new();
    rig.platform.always(
        "POST encore /encoreinstance",
        Then::reason(403, "Too many instances"),
    );
    let yaml = format!(
        "{DIAMOND}  further: {{ service: encore, name: f, depends_on: [instances.top] }}\n"
    );
    let run = rig.apply(&yaml).await;
    let failure = run.failure("left");
    assert_eq!(failure.class, Some(Class::Limit));
    assert!(failure.message.contains("Too many instances"));
    assert!(skipped_because_of(&run, "top", "left"));
    assert!(skipped_because_of(&run, "further", "left"));
    for key in ["base", "right", "alone"] {
        assert!(applied(run.fate(key)), "{key}");
    }
    assert_eq!(rig.platform.count("POST encore"), 1, "a refusal is final");
    rig.platform.behave();
    rig.apply(&yaml).await.assert_good();
    assert!(!rig.plan(&yaml).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_bug_in_one_step_does_not_lose_the_others() {
    let rig = Rig::new();
    rig.platform
        .always("POST encore /encoreinstance", Then::Panic);
    let run = rig.apply(DIAMOND).await;
    assert!(run.failure("left").message.contains("bug"));
    assert!(skipped_because_of(&run, "top", "left"));
    assert!(applied(run.fate("right")) && applied(run.fate("alone")));
}

// Requests

const CACHE: &str =
    "instances: { a: { service: valkey-io-valkey, options: { Password: onecanary } } }";
const COLLECTION: &str = "valkey-io-valkey /valkeyinstance";

fn changed() -> String {
    CACHE.replace("onecanary", "twocanary")
}

/// What was asked of the service, polls of health left out.
fn asked(rig: &Rig) -> Vec<String> {
    let lines = rig.platform.lines().into_iter();
    lines
        .filter(|line| line.contains("valkey") && !line.contains("/health/"))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_change_costs_a_read_the_change_and_a_read_back() {
    let rig = Rig::new();
    let plan = rig.plan(CACHE).await;
    rig.platform.take_seen();
    rig.apply_plan(plan).await.assert_good();
    let member = "GET valkey-io-valkey /valkeyinstance/a";
    let create = "POST valkey-io-valkey /valkeyinstance";
    assert_eq!(asked(&rig), [member, create, member]);
    let plan = rig.plan(&changed()).await;
    rig.platform.take_seen();
    rig.apply_plan(plan).await.assert_good();
    let update = "PATCH valkey-io-valkey /valkeyinstance/a";
    assert_eq!(asked(&rig), [member, update, member]);
}

// Readiness

#[tokio::test(start_paused = true)]
async fn accepted_is_enough_where_the_manifest_says_so() {
    let rig = Rig::new();
    let yaml = DIAMOND.replace(
        "base: { service: valkey-io-valkey }",
        "base: { service: valkey-io-valkey, ready: { level: accepted } }",
    );
    rig.apply(&yaml).await.assert_good();
    assert_eq!(rig.platform.count("valkey-io-valkey /health"), 0);
    let (base, left) = (span(&rig, "POST valkey"), span(&rig, "POST encore"));
    assert!(left.0 < base.1 + SECOND);
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_never_runs_is_not_ready_when_its_time_is_over() {
    let rig = Rig::new();
    rig.platform
        .always("/health/base", Then::health("starting"));
    let yaml = DIAMOND.replace(
        "base: { service: valkey-io-valkey }",
        "base: { service: valkey-io-valkey, ready: { timeout: 90s } }",
    );
    let run = rig.apply(&yaml).await;
    let Fate::NotReady(failure) = run.fate("base") else {
        panic!("{:?}", run.fate("base"))
    };
    assert_eq!(
        failure.message,
        "not healthy after 1m 30s; its last answer: starting"
    );
    assert!(skipped_because_of(&run, "left", "base"));
    let took = run.outcome.took;
    assert!(took > 90 * SECOND && took < 95 * SECOND, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_health_check_that_cannot_be_read_is_asked_again_until_the_time_is_over() {
    let rig = Rig::new();
    rig.platform.at("/health/a", 0..9, Then::html(502));
    rig.platform.at("/health/a", 9..12, Then::html(401));
    rig.apply(CACHE).await.assert_good();
    let rig = Rig::new();
    rig.platform.always("/health/a", Then::html(502));
    let run = rig.apply(CACHE).await;
    let message = &run.failure("a").message;
    assert!(message.contains("not healthy after 10m"), "{message}");
    assert!(message.contains("HTTP 502"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_fails_ends_the_wait_at_once_with_its_log_and_without_its_secrets() {
    let rig = Rig::new();
    rig.platform.at("/health/a", 2..99, Then::health("failed"));
    let log = (0..20)
        .map(|n| format!("line {n}: cannot use onecanary"))
        .collect::<Vec<_>>();
    rig.platform
        .always("/logs/a", Then::json(200, &format!("{log:?}")));
    let run = rig.apply(CACHE).await;
    let failure = run.failure("a");
    assert!(matches!(run.fate("a"), Fate::NotReady(_)));
    assert_eq!(failure.message, "its health is `failed`");
    assert_eq!(failure.log.len(), 8);
    assert_eq!(failure.log[7], "line 19: cannot use (sensitive)");
    assert!(run.outcome.took < 6 * SECOND);
    assert!(!format!("{:?}{:?}", run.outcome.results, run.events).contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn a_service_without_a_health_route_is_applied_unchecked() {
    let rig = Rig::new();
    let yaml = "instances: { a: { service: eyevinn-function-scenes } }";
    let run = rig.apply(yaml).await;
    assert!(matches!(run.fate("a"), Fate::AppliedUnchecked));
    let rig = Rig::new();
    rig.platform
        .always("/health/a", Then::reason(404, "no health"));
    let run = rig.apply(CACHE).await;
    assert!(matches!(run.fate("a"), Fate::AppliedUnchecked));
    assert!(run.outcome.took >= 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn after_an_update_running_counts_when_the_new_process_says_it() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    // The old process answers three times more.
    rig.platform.at("/health/a", 0..3, Then::health("running"));
    let run = rig.apply(&changed()).await;
    run.assert_good();
    assert!(run.outcome.took > 20 * SECOND, "{:?}", run.outcome.took);
    // One that says nothing else is believed after ten seconds, twice.
    rig.platform.always("/health/a", Then::health("running"));
    let run = rig.apply(CACHE).await;
    let took = run.outcome.took;
    assert!(took > 10 * SECOND && took < 14 * SECOND, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn an_update_may_mend_what_has_failed() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    rig.platform.at("/health/a", 0..3, Then::health("failed"));
    rig.apply(&changed()).await.assert_good();
}

#[tokio::test(start_paused = true)]
async fn unchanged_instances_are_waited_for_only_where_something_changed_needs_them() {
    let rig = Rig::new();
    rig.up(DIAMOND).await;
    let yaml = DIAMOND.replace(
        "LogoUrl: '${instances.right.url}'",
        "LogoUrl: '${instances.right.url}/x'",
    );
    let plan = rig.plan_with(&yaml, &all_data()).await;
    rig.platform.take_seen();
    rig.platform.always("/health/right", Then::health("failed"));
    let run = rig.apply_plan(plan).await;
    assert_eq!(rig.platform.count("/health/base"), 0);
    assert_eq!(rig.platform.count("/health/left"), 1);
    assert!(matches!(run.fate("right"), Fate::NotReady(_)));
    assert!(matches!(run.fate("left"), Fate::Kept));
    assert!(skipped_because_of(&run, "top", "right"));
    assert_eq!(rig.platform.count("DELETE"), 0);
}

// Ports

const WITH_PORTS: &str = "
instances:
  db: { service: valkey-io-valkey }
  user: { service: eyevinn-live-encoding, options: { InputUrl: 'redis://${instances.db.ports[0].ip}' } }
";

#[tokio::test(start_paused = true)]
async fn ports_may_appear_late_and_unreadable_ones_are_asked_for_again() {
    let rig = Rig::new();
    rig.platform.at("/ports/db", 0..9, Then::json(200, "[]"));
    rig.platform.at("/ports/db", 9..14, Then::html(502));
    let run = rig.apply(WITH_PORTS).await;
    run.assert_good();
    let waits = run.kinds("db");
    assert!(
        waits
            .iter()
            .any(|it| matches!(it, EventKind::Waiting(Waiting::Ports)))
    );
}

#[tokio::test(start_paused = true)]
async fn ports_that_never_appear_fail_who_needs_them_and_leave_the_internal_address() {
    let rig = Rig::new();
    rig.platform.always("/ports/db", Then::json(200, "[]"));
    let run = rig.apply(WITH_PORTS).await;
    assert!(applied(run.fate("db")));
    let message = &run.failure("user").message;
    assert!(message.contains("instances.db.ports[0].ip"), "{message}");
    let internal = WITH_PORTS.replace("${instances.db.ports[0].ip}", "${instances.db.address}");
    rig.apply(&internal).await.assert_good();
    let body = rig.platform.first("POST eyevinn-live-encoding").body;
    assert!(body.contains("redis://sandbox-db.valkey-io-valkey.svc.cluster.local:6379"));
}

#[tokio::test(start_paused = true)]
async fn ports_that_cannot_be_read_at_all_stop_the_dependants() {
    let rig = Rig::new();
    rig.platform.always("/ports/db", Then::html(502));
    let run = rig.apply(WITH_PORTS).await;
    assert!(matches!(run.fate("db"), Fate::NotReady(_)));
    assert!(skipped_because_of(&run, "user", "db"));
}

// Targets that have moved

const ITS_MEMBER: &str = "https://api-valkey-io-valkey.auto.prod-se.osaas.io/valkeyinstance/a";

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

// Creates

#[tokio::test(start_paused = true)]
async fn a_create_that_is_refused_fails_with_the_platforms_reason() {
    for (then, class) in [
        (Then::reason(409, "Name is already taken"), Class::Conflict),
        (Then::reason(403, "Limit reached"), Class::Limit),
        (Then::reason(400, "Bad value onecanary"), Class::Refused),
        (Then::reason(200, "No"), Class::Refused),
    ] {
        let rig = Rig::new();
        rig.platform.always(&format!("POST {COLLECTION}"), then);
        let run = rig.apply(CACHE).await;
        assert_eq!(run.failure("a").class, Some(class));
        assert!(!run.failure("a").message.contains("canary"));
        assert_eq!(rig.platform.count(&format!("POST {COLLECTION}")), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_behind_an_error_of_the_gateway_is_found_and_not_made_twice() {
    for then in [Then::lost(504), Then::lost(502), Then::lost(200)] {
        let rig = Rig::new();
        rig.platform.always(&format!("POST {COLLECTION}"), then);
        rig.apply(CACHE).await.assert_good();
        assert_eq!(rig.platform.count(&format!("POST {COLLECTION}")), 1);
        assert!(!rig.plan(CACHE).await.has_changes());
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_did_not_get_through_is_sent_again_a_limited_number_of_times() {
    let rig = Rig::new();
    rig.platform
        .at(&format!("POST {COLLECTION}"), 0..3, Then::html(504));
    rig.apply(CACHE).await.assert_good();
    for then in [Then::html(504), Then::Broken, Then::reason(500, "no")] {
        let rig = Rig::new();
        rig.platform.always(&format!("POST {COLLECTION}"), then);
        let run = rig.apply(CACHE).await;
        assert!(matches!(run.fate("a"), Fate::Failed(_)));
        assert!(run.failure("a").hint.as_ref().unwrap().contains("appear"));
        assert!(rig.platform.count(&format!("POST {COLLECTION}")) <= 20);
        assert!(run.outcome.took < 250 * SECOND, "{:?}", run.outcome.took);
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_instance_is_not_taken_for_an_unanswered_create() {
    let rig = Rig::new();
    rig.platform
        .at(&format!("POST {COLLECTION}"), 0..1, Then::html(504));
    let theirs = "POST https://api-valkey-io-valkey.auto.prod-se.osaas.io/valkeyinstance";
    let body = r#"{"name":"a","Password":"theirs"}"#.to_owned();
    // The second read by name, before the second attempt.
    let then = Then::SomebodyElse(vec![(theirs, body)]);
    rig.platform
        .at("GET valkey-io-valkey /valkeyinstance/a", 1..2, then);
    let run = rig.apply(CACHE).await;
    let message = &run.failure("a").message;
    assert!(message.contains("other options"), "{message}");
    assert_eq!(rig.platform.count(&format!("POST {COLLECTION}")), 1);
}

// Updates

#[tokio::test(start_paused = true)]
async fn a_value_that_the_platform_does_not_keep_is_a_failure() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    rig.platform
        .always("PATCH", Then::json(200, r#"{"name":"a"}"#));
    let run = rig.apply(&changed()).await;
    let message = &run.failure("a").message;
    assert_eq!(message, "the platform did not keep the value of `Password`");
}

#[tokio::test(start_paused = true)]
async fn an_update_behind_an_error_of_the_gateway_is_found_by_a_read() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    rig.platform.always("PATCH", Then::lost(504));
    rig.apply(&changed()).await.assert_good();
    rig.platform.behave();
    rig.platform.always("PATCH", Then::html(504));
    let run = rig.apply(CACHE).await;
    assert_eq!(run.failure("a").class, Some(Class::Transient));
    assert_eq!(rig.platform.count("PATCH"), 2);
}

#[tokio::test(start_paused = true)]
async fn an_update_that_the_service_turns_out_not_to_have_says_what_to_do() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    let route = r#"{"statusCode":404,"error":"Not Found","message":"Route PATCH:/x not found"}"#;
    rig.platform.always("PATCH", Then::json(404, route));
    let run = rig.apply(&changed()).await;
    assert_eq!(run.failure("a").class, Some(Class::Unsupported));
    assert!(run.failure("a").hint.as_ref().unwrap().contains("delete"));
}

#[tokio::test(start_paused = true)]
async fn an_update_clears_only_what_is_set() {
    let rig = Rig::new();
    let yaml = |options: &str| {
        format!("instances: {{ a: {{ service: eyevinn-live-encoding, options: {options} }} }}")
    };
    rig.up(&yaml("{ Ladder: abc, Framerate: '25' }")).await;
    let cleared = yaml("{ Ladder: null, Framerate: '30', RateControl: null }");
    rig.apply(&cleared).await.assert_good();
    let body = rig.platform.first("PATCH").body;
    assert_eq!(body, r#"{"Framerate":"30","Ladder":""}"#);
    assert!(!rig.plan(&cleared).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_read_back_that_misses_the_instance_for_a_moment_is_no_failure() {
    let rig = Rig::new();
    let read_back = "GET valkey-io-valkey /valkeyinstance/a";
    rig.platform
        .at(read_back, 1..3, Then::reason(404, "Instance not found"));
    rig.apply(CACHE).await.assert_good();
    rig.platform.behave();
    rig.platform
        .at(read_back, 1..99, Then::reason(404, "Instance not found"));
    let run = rig.apply(&changed()).await;
    assert!(run.failure("a").message.contains("not there any more"));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_turns_out_equal_changes_nothing_and_is_still_waited_for() {
    let rig = Rig::new();
    let yaml = "
instances:
  db: { service: linuxserver-docker-mariadb, options: { RootPassword: x } }
  user: { service: eyevinn-live-encoding, options: { InputUrl: 'http://${instances.db.ports[0].ip}' } }
  next: { service: encore, options: { s3Endpoint: '${instances.user.url}' } }
";
    rig.up(yaml).await;
    // Its ports are missing while planning, and the same as before afterwards.
    rig.platform.at("/ports/db", 0..1, Then::json(200, "[]"));
    let plan = rig
        .plan(&yaml.replace("${instances.user.url}", "${instances.user.url}/x"))
        .await;
    assert_eq!(plan.count(Action::Update), 1);
    assert_eq!(plan.count(Action::Replace), 1);
    rig.platform.take_seen();
    let run = rig.apply_plan(plan).await;
    assert!(matches!(run.fate("user"), Fate::AlreadySo));
    assert_eq!(rig.platform.count("PATCH"), 0);
    assert_eq!(rig.platform.count("/health/user"), 1);
    assert!(applied(run.fate("next")));
}

// Replacements and deletions

const PAGE: &str = "instances: { p: { service: eyevinn-qr-generator, options: { GotoUrl: 'https://a.example' } } }";

#[tokio::test(start_paused = true)]
async fn a_replacement_is_a_delete_a_wait_until_it_is_gone_and_a_create() {
    let rig = Rig::new();
    rig.up(PAGE).await;
    let run = rig.apply(&PAGE.replace("a.example", "b.example")).await;
    run.assert_good();
    let deleted = span(&rig, "DELETE");
    let created = span(&rig, "POST eyevinn-qr-generator");
    // Shown for twenty seconds more, then absent four times within fifteen.
    assert!(created.0 >= deleted.1 + 35 * SECOND);
    let accepted: Vec<_> = run
        .kinds("p")
        .into_iter()
        .filter(|kind| matches!(kind, EventKind::Accepted(_)))
        .collect();
    assert!(matches!(
        accepted.as_slice(),
        [
            EventKind::Accepted(Action::Delete),
            EventKind::Accepted(Action::Create)
        ]
    ));
}

#[tokio::test(start_paused = true)]
async fn a_replacement_whose_create_fails_says_that_the_old_instance_is_gone() {
    let rig = Rig::new();
    rig.up(PAGE).await;
    let edited = PAGE.replace("a.example", "b.example");
    rig.platform.always(
        "POST eyevinn-qr-generator",
        Then::reason(403, "Limit reached"),
    );
    let run = rig.apply(&edited).await;
    assert!(run.failure("p").deleted_not_recreated);
    rig.platform.behave();
    rig.platform.always("DELETE", Then::reason(403, "no"));
    rig.apply(&edited).await.assert_good();
    let run = rig.apply(PAGE).await;
    assert!(!run.failure("p").deleted_not_recreated);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_is_believed_after_four_answers_and_none_of_them_an_error() {
    let rig = Rig::new();
    rig.up(PAGE).await;
    let run = rig.destroy(PAGE).await;
    run.assert_good();
    let took = run.outcome.took;
    assert!(took > 44 * SECOND && took < 50 * SECOND, "{took:?}");

    for never in [
        Then::html(404),
        Then::html(401),
        Then::html(502),
        Then::Broken,
    ] {
        let rig = Rig::new();
        rig.up(PAGE).await;
        rig.platform.at(
            "GET eyevinn-qr-generator /qr-generatorinstance/p",
            1..999,
            never,
        );
        let run = rig.destroy(PAGE).await;
        let message = &run.failure("p").message;
        assert_eq!(message, "deleted, and still there after 5m");
    }
}

#[tokio::test(start_paused = true)]
async fn a_destroy_keeps_what_is_needed_by_something_that_could_not_be_deleted() {
    let rig = Rig::new();
    rig.up(DIAMOND).await;
    rig.platform
        .always("DELETE encore", Then::reason(500, "no"));
    let run = rig.destroy(DIAMOND).await;
    // An error of unknown meaning is followed up, and the instance stays.
    assert!(matches!(run.fate("left"), Fate::Failed(_)));
    assert!(skipped_because_of(&run, "base", "left"));
    for key in ["top", "right", "alone"] {
        assert!(applied(run.fate(key)), "{key}");
    }
    rig.platform.behave();
    let run = rig.destroy(DIAMOND).await;
    run.assert_good();
    assert!(
        rig.plan_destroy(DIAMOND, &Consent::default())
            .await
            .steps
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn a_destroy_does_not_delete_what_somebody_changed_meanwhile() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    let plan = rig.plan_destroy(CACHE, &all_data()).await;
    rig.platform
        .somebody_else(&format!("PATCH {ITS_MEMBER}"), r#"{"Password":"theirs"}"#);
    let run = rig.apply_plan(plan).await;
    assert!(matches!(run.fate("a"), Fate::Stale(_)));
    assert_eq!(rig.platform.count("DELETE"), 0);
}

// Ends

#[tokio::test(start_paused = true)]
async fn a_refused_token_starts_nothing_new() {
    let rig = Rig::new();
    let keys = (0..9).map(|n| format!("  k{n}: {{ service: eyevinn-test-adserver }}\n"));
    let yaml = format!("instances:\n{}", keys.collect::<String>());
    let collection = "POST eyevinn-test-adserver /test-adserverinstance";
    rig.platform
        .at(collection, 2..99, Then::reason(401, "Token expired"));
    let run = rig.apply(&yaml).await;
    assert!(run.outcome.signed_out());
    assert!(!run.outcome.interrupted);
    let fates: Vec<&Fate> = run.outcome.results.iter().map(|it| &it.fate).collect();
    let count = |is: fn(&Fate) -> bool| fates.iter().filter(|fate| is(fate)).count();
    assert_eq!(count(|fate| matches!(fate, Fate::Failed(_))), 2);
    assert_eq!(count(|fate| matches!(fate, Fate::NotBegun)), 5);
    assert_eq!(count(|fate| matches!(fate, Fate::Applied)), 3);
    rig.platform.behave();
    rig.apply(&yaml).await.assert_good();
}

fn interrupting(rig: &Rig) -> Then {
    let stop = rig.stop.clone();
    Then::Do(Arc::new(move || stop.cancel()))
}

#[tokio::test(start_paused = true)]
async fn an_interruption_finishes_the_calls_in_flight_and_starts_nothing_new() {
    let rig = Rig::new();
    let keys = (0..9).map(|n| format!("  k{n}: {{ service: eyevinn-test-adserver }}\n"));
    let yaml = format!(
        "instances:\n{}  after: {{ service: encore, depends_on: [instances.k0] }}\n",
        keys.collect::<String>()
    );
    let collection = "POST eyevinn-test-adserver /test-adserverinstance";
    rig.platform.at(collection, 1..2, interrupting(&rig));
    let run = rig.apply(&yaml).await;
    assert!(run.outcome.interrupted);
    let posts = rig.platform.count(collection);
    assert!((2..=4).contains(&posts), "{posts}");
    let count =
        |is: fn(&Fate) -> bool| run.outcome.results.iter().filter(|it| is(&it.fate)).count();
    assert_eq!(count(|fate| matches!(fate, Fate::NotAwaited)), posts);
    assert_eq!(count(|fate| matches!(fate, Fate::NotBegun)), 10 - posts);
    assert!(run.outcome.took < 4 * SECOND, "{:?}", run.outcome.took);
    let again = Rig::on(&rig.platform);
    again.platform.behave();
    again.apply(&yaml).await.assert_good();
    assert!(!again.plan(&yaml).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn an_interruption_ends_every_wait_and_running_again_converges() {
    // In a wait for health, for ports, for absence; before the create of a replacement.
    for (line, turn) in [
        ("/health/db", 3),
        ("/ports/db", 1),
        ("GET eyevinn-qr-generator /qr", 4),
    ] {
        let rig = Rig::new();
        let yaml = format!(
            "{WITH_PORTS}  p: {{ service: eyevinn-qr-generator, options: {{ GotoUrl: 'https://a.example' }} }}\n"
        );
        rig.up("instances: { p: { service: eyevinn-qr-generator, options: { GotoUrl: 'https://b.example' } } }").await;
        rig.platform.at(line, turn..turn + 1, interrupting(&rig));
        let run = rig.apply(&yaml).await;
        assert!(run.outcome.interrupted, "{line}");
        if line.contains("qr") {
            assert!(run.failure("p").deleted_not_recreated);
        }
        tokio::time::sleep(60 * SECOND).await;
        let again = Rig::on(&rig.platform);
        again.platform.behave();
        again.apply(&yaml).await.assert_good();
        assert!(!again.plan(&yaml).await.has_changes(), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn unchanged_and_held_steps_keep_their_fate_when_interrupted() {
    let rig = Rig::new();
    rig.up(DIAMOND).await;
    let edited = DIAMOND
        .replace(
            "service: valkey-io-valkey",
            "service: valkey-io-valkey, options: { Password: x }",
        )
        .replace("'${instances.left.url}'", "'${instances.left.url}/x'")
        .replace(
            "service: eyevinn-qr-generator",
            "service: eyevinn-qr-generator\n    protect: true",
        );
    let plan = rig.plan(&edited).await;
    rig.stop.cancel();
    let run = rig.apply_plan(plan).await;
    assert!(matches!(run.fate("base"), Fate::NotBegun));
    assert!(matches!(run.fate("top"), Fate::Held(Hold::Protected)));
    assert!(matches!(run.fate("right"), Fate::Kept));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_refused_stops_who_needs_it() {
    let rig = Rig::new();
    rig.platform
        .always("POST catalog /mysubscriptions", Then::reason(403, "no"));
    let run = rig.apply(CACHE).await;
    let cause = Address::subscriptions();
    assert!(matches!(run.fate("a"), Fate::Skipped(of) if *of == cause));
    assert_eq!(rig.platform.count("GET catalog"), 1);
}
