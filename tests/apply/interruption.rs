use std::sync::Arc;

use osc_apply::apply::{EventKind, Fate};
use osc_apply::model::Address;
use osc_apply::plan::Hold;

use crate::rig::{Rig, Then};
use crate::{CACHE, DIAMOND, SECOND, WITH_PORTS};

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
    assert!(run.outcome.took < 6 * SECOND, "{:?}", run.outcome.took);
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

#[tokio::test(start_paused = true)]
async fn an_interruption_does_not_wait_for_an_answer_within_a_wait() {
    for line in [
        "/health/db",
        "/ports/db",
        "GET valkey-io-valkey /valkeyinstance/db",
    ] {
        let rig = Rig::new();
        rig.platform.at(line, 1..99, Then::Broken);
        let plan = rig.plan(WITH_PORTS).await;
        let stop = rig.stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(40 * SECOND).await;
            stop.cancel();
        });
        let run = rig.apply_plan(plan).await;
        assert!(matches!(run.fate("db"), Fate::NotAwaited), "{line}");
        assert!(run.outcome.took < 41 * SECOND, "{:?}", run.outcome.took);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_instance_is_not_called_ready_when_the_look_was_interrupted() {
    let rig = Rig::new();
    rig.up(DIAMOND).await;
    let edited = DIAMOND.replace("'${instances.right.url}'", "'${instances.right.url}/x'");
    let plan = rig.plan_with(&edited, &crate::rig::all_data()).await;
    rig.platform
        .always("/health/right", Then::health("starting"));
    rig.platform.at("/health/right", 1..2, interrupting(&rig));
    let stop = rig.stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(5 * SECOND).await;
        stop.cancel();
    });
    let run = rig.apply_plan(plan).await;
    assert!(matches!(run.fate("right"), Fate::Kept));
    let told = run.kinds("right");
    let over = told
        .iter()
        .any(|it| matches!(it, EventKind::Finished(Fate::NotBegun)));
    assert!(over, "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_behind_an_error_of_the_gateway_is_followed_up() {
    const POST: &str = "POST catalog /mysubscriptions";
    for (then, posts) in [(Then::lost(504), 1), (Then::html(504), 2)] {
        let rig = Rig::new();
        rig.platform.at(POST, 0..1, then);
        rig.apply(CACHE).await.assert_good();
        assert_eq!(rig.platform.count(POST), posts);
    }
    let rig = Rig::new();
    rig.platform.always(POST, Then::html(504));
    let run = rig.apply(CACHE).await;
    let failure = run.outcome.results[0].fate.failure().unwrap();
    assert!(failure.sent && run.outcome.took < 70 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_not_listed_yet_is_waited_for() {
    let rig = Rig::new();
    let line = "GET catalog /mysubscriptions";
    rig.platform.at(line, 1..5, Then::json(200, "[]"));
    rig.apply(CACHE).await.assert_good();
    let rig = Rig::new();
    rig.platform.always(line, Then::json(200, "[]"));
    let run = rig.apply(CACHE).await;
    assert!(matches!(run.outcome.results[0].fate, Fate::NotReady(_)));
    assert_eq!(rig.platform.count("POST catalog /mysubscriptions"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_interruption_ends_the_wait_for_a_subscription() {
    let rig = Rig::new();
    rig.platform.at("POST catalog", 0..1, interrupting(&rig));
    let run = rig.apply(CACHE).await;
    assert!(matches!(run.outcome.results[0].fate, Fate::NotAwaited));
    assert!(matches!(run.fate("a"), Fate::NotBegun));
}

#[tokio::test(start_paused = true)]
async fn an_interruption_after_an_unanswered_deletion_does_not_call_it_deleted() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    rig.platform.always("DELETE", Then::html(504));
    // The second read by name is the first after the deletion.
    let line = "GET valkey-io-valkey /valkeyinstance/a";
    rig.platform.at(line, 1..2, interrupting(&rig));
    let run = rig.destroy(CACHE).await;
    let failure = run.failure("a");
    let hint = failure.hint.as_deref().unwrap();
    assert!(
        failure.sent && hint.contains("may or may not"),
        "{failure:?}"
    );
}
