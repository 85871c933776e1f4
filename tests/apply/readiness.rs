use osc_apply::apply::{EventKind, Fate};
use osc_apply::plan::Action;

use crate::rig::{Rig, Then, all_data};
use crate::{CACHE, DIAMOND, HEALTHY, ITS_MEMBER, SECOND, changed, skipped_because_of, span};

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
        "base: { service: valkey-io-valkey, ready: { level: healthy, timeout: 90s } }",
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
    rig.apply(HEALTHY).await.assert_good();
    let rig = Rig::new();
    rig.platform.always("/health/a", Then::html(502));
    let run = rig.apply(HEALTHY).await;
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
    let hint = failure.hint.as_ref().unwrap();
    assert!(hint.contains("`osc-apply logs instances.a`"), "{hint}");
    assert_eq!(failure.log.len(), 8);
    assert_eq!(failure.log[7], "line 19: cannot use (sensitive)");
    assert!(run.outcome.took < 8 * SECOND);
    assert!(!format!("{:?}{:?}", run.outcome.results, run.events).contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn a_service_without_a_health_route_is_applied_unchecked() {
    let rig = Rig::new();
    let yaml = "instances: { a: { service: eyevinn-function-scenes } }";
    let run = rig.apply(yaml).await;
    assert!(matches!(run.fate("a"), Fate::AppliedUnchecked(_)));
    let rig = Rig::new();
    rig.platform
        .always("/health/a", Then::reason(404, "no health"));
    let run = rig.apply(HEALTHY).await;
    assert!(run.failure("a").message.contains("no health check"));
    assert!(run.outcome.took >= 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn after_an_update_running_counts_when_the_new_process_says_it() {
    let rig = Rig::new();
    rig.up(HEALTHY).await;
    // The old process answers three times more.
    rig.platform.at("/health/a", 0..3, Then::health("running"));
    let run = rig.apply(&HEALTHY.replace("one", "two")).await;
    run.assert_good();
    assert!(run.outcome.took > 20 * SECOND, "{:?}", run.outcome.took);
    // One that says nothing else is believed after ten seconds, twice.
    rig.platform.always("/health/a", Then::health("running"));
    let run = rig.apply(HEALTHY).await;
    let took = run.outcome.took;
    // Taking the lease takes two.
    assert!(took > 12 * SECOND && took < 16 * SECOND, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn an_update_may_mend_what_has_failed() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    rig.platform.at("/health/a", 0..3, Then::health("failed"));
    rig.apply(&changed()).await.assert_good();
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_instance_that_has_failed_stops_who_changes_and_needs_it() {
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
    assert!(matches!(run.fate("right"), Fate::NotReady(_)));
    assert!(matches!(run.fate("left"), Fate::Kept));
    assert!(skipped_because_of(&run, "top", "right"));
    assert_eq!(rig.platform.count_of_instances("DELETE"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_look_at_what_is_unchanged_and_ready_is_one_poll_and_nothing_to_tell() {
    let rig = Rig::new();
    rig.up(DIAMOND).await;
    let plan = rig.plan(DIAMOND).await;
    rig.platform.take_seen();
    let run = rig.apply_plan(plan).await;
    run.assert_good();
    for name in ["base", "left", "right", "top", "alone"] {
        assert_eq!(rig.platform.count(&format!("/health/{name}")), 1, "{name}");
    }
    let others = rig.platform.lines();
    let others: Vec<_> = others
        .iter()
        .filter(|it| !it.contains("/health/"))
        .collect();
    // One that is spoken to at its port, which may have moved, and one at its URL.
    let probes = [
        "GET valkey-io-valkey /ports/base",
        "GET sandbox-left /actuator/health",
    ];
    assert_eq!(others, probes);
    assert!(run.events.is_empty(), "{:?}", run.events);
    assert!(run.outcome.took < SECOND);
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_instance_that_is_not_ready_is_waited_for_although_nobody_needs_it() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    rig.platform.at("/health/a", 0..9, Then::health("starting"));
    let run = rig.apply(CACHE).await;
    assert!(matches!(run.fate("a"), Fate::Kept));
    assert!(run.outcome.took > 6 * SECOND, "{:?}", run.outcome.took);
    let told = run.kinds("a");
    assert!(matches!(told[0], EventKind::Started(Action::Keep)));
    assert!(matches!(told[1], EventKind::Waiting(_)));
    assert!(matches!(told.last(), Some(EventKind::Finished(Fate::Kept))));
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_instance_that_does_not_come_is_not_ready_within_its_limit() {
    let yaml = HEALTHY.replace("healthy }", "healthy, timeout: 70s }");
    for (status, message, most) in [
        ("failed", "its health is `failed`", 2),
        (
            "starting",
            "not healthy after 1m 10s; its last answer: starting",
            75,
        ),
    ] {
        let rig = Rig::new();
        rig.up(&yaml).await;
        rig.platform.always("/health/a", Then::health(status));
        let run = rig.apply(&yaml).await;
        assert!(matches!(run.fate("a"), Fate::NotReady(_)));
        assert_eq!(run.failure("a").message, message);
        assert!(!run.failure("a").sent, "nothing was changed");
        assert!(run.outcome.took < most * SECOND, "{:?}", run.outcome.took);
        assert!(matches!(
            run.kinds("a")[0],
            EventKind::Started(Action::Keep)
        ));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_held_back_is_not_waited_for() {
    let rig = Rig::new();
    rig.up(DIAMOND).await;
    let yaml = DIAMOND.replace("left.url}'", "left.url}/x'").replace(
        "service: eyevinn-qr-generator",
        "service: eyevinn-qr-generator\n    protect: true",
    );
    rig.platform.always("/health/top", Then::health("starting"));
    let plan = rig.plan(&yaml).await;
    let run = rig.apply_plan(plan).await;
    assert!(matches!(run.fate("top"), Fate::Held(_)));
    assert_eq!(rig.platform.count("/health/top"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_does_not_prolong_the_wait() {
    let rig = Rig::new();
    rig.platform.always("/health/a", Then::Broken);
    let yaml = HEALTHY.replace("healthy }", "healthy, timeout: 70s }");
    let run = rig.apply(&yaml).await;
    let message = &run.failure("a").message;
    assert!(message.contains("not healthy after 1m 10s"), "{message}");
    assert!(run.outcome.took < 85 * SECOND, "{:?}", run.outcome.took);
}

#[tokio::test(start_paused = true)]
async fn one_not_found_of_a_health_that_has_answered_is_no_missing_health_route() {
    let rig = Rig::new();
    rig.platform
        .at("/health/a", 0..61, Then::health("starting"));
    let absent = Then::reason(404, "Instance not found");
    rig.platform.at("/health/a", 61..62, absent);
    let run = rig.apply(CACHE).await;
    assert!(matches!(run.fate("a"), Fate::Applied));
}

#[tokio::test(start_paused = true)]
async fn a_service_token_that_cannot_be_asked_for_is_no_missing_health_route() {
    let rig = Rig::new();
    let missing = r#"{"message":"Route POST:/servicetoken not found"}"#;
    rig.platform.at("/health/a", 0..1, Then::html(401));
    rig.platform
        .at("POST token", 1..2, Then::json(404, missing));
    let run = rig.apply(CACHE).await;
    assert!(matches!(run.fate("a"), Fate::Applied));
    assert!(run.outcome.took > 20 * SECOND, "{:?}", run.outcome.took);
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_is_gone_does_not_let_its_dependants_start() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    let user = "b: { service: eyevinn-live-encoding, depends_on: [instances.a] }";
    let yaml = CACHE.replace("} } }", &format!("}} }}, {user} }}"));
    let plan = rig.plan(&yaml).await;
    rig.platform
        .somebody_else(&format!("DELETE {ITS_MEMBER}"), "");
    tokio::time::sleep(60 * SECOND).await;
    let run = rig.apply_plan(plan).await;
    let message = &run.failure("a").message;
    assert!(message.contains("not there any more"), "{message}");
    assert!(skipped_because_of(&run, "b", "a"));
}
