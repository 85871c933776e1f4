//! From `running` on: what an instance's own endpoint says.

use osc_apply::apply::{EventKind, Fate, Waiting};
use osc_apply::model::Level;

use crate::rig::{Rig, Run, Then};
use crate::{SECOND, skipped_because_of, span};

/// Asked over HTTP whether it is usable.
const STORE: &str = "instances: { a: { service: eyevinn-app-config-svc, \
                     options: { RedisUrl: 'redis://h:1' } } }";

/// Asked only whether its page can be reached.
const PAGE: &str = "instances: { a: { service: wordpress-wordpress, options: { DbHost: 'h:1', \
                    DbName: n, DbUser: u, DbPassword: pw } } }";

fn asking(yaml: &str, ready: &str) -> String {
    yaml.replace("svc,", &format!("svc, ready: {ready},"))
}

/// The answers told while it was waited for, in order.
fn told(run: &Run) -> Vec<(Level, String)> {
    let waits = run.events.iter().filter_map(|event| match &event.kind {
        EventKind::Waiting(Waiting::Ready { reached, last, .. }) => {
            Some((*reached, last.clone().unwrap_or_default()))
        }
        _ => None,
    });
    waits.collect()
}

#[tokio::test(start_paused = true)]
async fn a_young_endpoint_is_waited_for_until_its_application_answers() {
    let rig = Rig::new();
    let run = rig.apply(STORE).await;
    run.assert_good();
    let answers = told(&run);
    let told = |level: Level, words: &str| {
        let found = answers
            .iter()
            .position(|(at, last)| *at == level && last.contains(words));
        found.unwrap_or_else(|| panic!("{words}: {answers:?}"))
    };
    let order = [
        told(Level::Accepted, "starting"),
        told(Level::Healthy, "connection refused"),
        told(Level::Healthy, "its certificate is not valid yet"),
        told(Level::Healthy, "401: the access rules"),
    ];
    assert!(order.is_sorted(), "{answers:?}");
    let took = run.outcome.took;
    assert!(took > 42 * SECOND && took < 48 * SECOND, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_dependant_starts_when_what_it_needs_can_be_used() {
    let rig = Rig::new();
    let yaml = "instances:\n  a: { service: eyevinn-app-config-svc, options: { RedisUrl: 'redis://h:1' } }\n  \
                b: { service: eyevinn-test-adserver, depends_on: [instances.a] }";
    rig.apply(yaml).await.assert_good();
    assert!(span(&rig, "POST eyevinn-test-adserver").0 > 42 * SECOND);
    let rig = Rig::new();
    rig.apply(&asking(yaml, "{ level: healthy }"))
        .await
        .assert_good();
    let sent = span(&rig, "POST eyevinn-test-adserver").0;
    assert!(sent > 20 * SECOND && sent < 25 * SECOND, "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn what_nothing_here_can_connect_to_counts_as_healthy_after_a_minute_and_says_so() {
    let rig = Rig::new();
    rig.platform.unreachable("a");
    let run = rig.apply(STORE).await;
    let Fate::AppliedUnchecked(short) = run.fate("a") else {
        panic!("{:?}", run.fate("a"))
    };
    assert_eq!(
        (short.reached, short.wanted),
        (Level::Healthy, Level::Usable)
    );
    assert!(short.why.contains("connection refused"), "{}", short.why);
    let took = run.outcome.took;
    assert!(took > 80 * SECOND && took < 92 * SECOND, "{took:?}");
    let is_told = |event: &&osc_apply::apply::Event| matches!(event.kind, EventKind::NotChecked(_));
    assert_eq!(run.events.iter().filter(is_told).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_level_that_the_manifest_names_is_not_given_up() {
    let rig = Rig::new();
    rig.platform.unreachable("a");
    let yaml = asking(STORE, "{ level: usable, timeout: 3m }");
    let run = rig.apply(&yaml).await;
    let message = &run.failure("a").message;
    assert!(
        message.starts_with("not usable after 3m, only healthy; its last answer: "),
        "{message}"
    );
    assert!(matches!(run.fate("a"), Fate::NotReady(failure) if failure.sent));
    assert!(!run.failure("a").log.is_empty(), "its log tells more");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_answer_is_waited_for_to_the_end_also_where_nobody_named_a_level() {
    let rig = Rig::new();
    rig.platform.always("sandbox-a /", Then::html(503));
    let run = rig.apply(&asking(STORE, "{ timeout: 2m }")).await;
    let message = &run.failure("a").message;
    assert!(
        message.contains("not usable after 2m, only healthy"),
        "{message}"
    );
    assert!(message.contains("503"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_fails_while_its_endpoint_is_asked_ends_the_wait_with_its_log() {
    let rig = Rig::new();
    // Running for a few answers, and then no more.
    rig.platform
        .at("/health/a", 25..9999, Then::health("failed"));
    let run = rig.apply(STORE).await;
    assert_eq!(run.failure("a").message, "its health is `failed`");
    assert!(!run.failure("a").log.is_empty());
    assert!(run.outcome.took < 42 * SECOND, "{:?}", run.outcome.took);
}

#[tokio::test(start_paused = true)]
async fn a_page_is_reached_behind_the_auth_wall_with_the_services_token() {
    let rig = Rig::new();
    let run = rig.apply(PAGE).await;
    run.assert_good();
    assert!(run.outcome.took >= 28 * SECOND, "{:?}", run.outcome.took);
    assert!(rig.platform.count("sandbox-a /") > 0);
}

#[tokio::test(start_paused = true)]
async fn a_service_without_a_health_check_is_asked_at_its_endpoint_all_the_same() {
    let rig = Rig::new();
    rig.platform
        .always("/health/a", Then::reason(404, "no health"));
    let run = rig.apply(STORE).await;
    assert!(
        matches!(run.fate("a"), Fate::Applied),
        "{:?}",
        run.fate("a")
    );
}

#[tokio::test(start_paused = true)]
async fn a_level_that_cannot_be_told_and_is_asked_for_is_a_failure_with_a_way_out() {
    let rig = Rig::new();
    let yaml = "instances: { a: { service: eyevinn-function-scenes, ready: { level: healthy } } }";
    let run = rig.apply(yaml).await;
    let failure = run.failure("a");
    assert_eq!(
        failure.message,
        "cannot be told to be healthy: the platform has no health check for it"
    );
    assert!(failure.hint.as_ref().unwrap().contains("level: accepted"));
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_instance_is_waited_for_at_its_level_before_a_changed_dependant() {
    let rig = Rig::new();
    let yaml = "instances:\n  a: { service: eyevinn-app-config-svc, options: { RedisUrl: 'redis://h:1' } }\n  \
                b: { service: eyevinn-live-encoding, options: { InputUrl: '${instances.a.url}' } }";
    rig.up(yaml).await;
    let changed = yaml.replace("a.url}", "a.url}/x");
    rig.platform.always("sandbox-a /", Then::html(502));
    let run = rig.apply(&asking(&changed, "{ timeout: 90s }")).await;
    assert!(matches!(run.fate("a"), Fate::NotReady(failure) if !failure.sent));
    assert!(skipped_because_of(&run, "b", "a"));
    assert_eq!(rig.platform.count("PATCH"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_interruption_ends_the_wait_at_an_endpoint() {
    let rig = Rig::new();
    rig.platform.unreachable("a");
    let stop = rig.stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(40 * SECOND).await;
        stop.cancel();
    });
    let run = rig.apply(STORE).await;
    assert!(matches!(run.fate("a"), Fate::NotAwaited));
    assert!(run.outcome.took < 41 * SECOND, "{:?}", run.outcome.took);
}

#[tokio::test(start_paused = true)]
async fn a_health_poll_is_one_request_and_polls_are_one_to_five_seconds_apart() {
    let rig = Rig::new();
    rig.platform
        .at("/health/a", 0..60, Then::health("starting"));
    rig.apply(&asking(STORE, "{ level: healthy }"))
        .await
        .assert_good();
    let mut seen = rig.platform.take_seen();
    // The lease is renewed each minute.
    seen.retain(|it| !it.is_bookkeeping());
    let polls: Vec<_> = seen
        .iter()
        .filter(|it| it.line.contains("/health/a"))
        .collect();
    assert_eq!(polls.len(), 61);
    let gaps = polls.windows(2).map(|two| two[1].from - two[0].from);
    let gaps: Vec<_> = gaps.map(|gap| gap.as_secs_f64()).collect();
    assert!(gaps.iter().all(|gap| (0.8..5.1).contains(gap)), "{gaps:?}");
    assert!(gaps[0] < 1.1 && *gaps.last().unwrap() > 3.0, "{gaps:?}");
    let first = seen
        .iter()
        .position(|it| it.line.contains("/health/a"))
        .unwrap();
    let during = &seen[first..first + 61];
    assert!(
        during.iter().all(|it| it.line.contains("/health/a")),
        "nothing between the polls"
    );
}
