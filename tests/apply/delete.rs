use std::sync::Arc;

use osc_apply::apply::{EventKind, Fate};
use osc_apply::plan::{Action, Consent, OutputValue};

use crate::rig::{Rig, Then, all_data};
use crate::{CACHE, DIAMOND, ITS_MEMBER, SECOND, applied, skipped_because_of, span};

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
    let edited = PAGE.replace("a.example", "b.example") + "\noutputs: { u: '${instances.p.url}' }";
    rig.platform.always(
        "POST eyevinn-qr-generator",
        Then::reason(403, "Limit reached"),
    );
    let run = rig.apply(&edited).await;
    assert!(run.failure("p").deleted_not_recreated);
    let outputs = run.plan.outputs_with(&run.outcome.scope);
    assert_eq!(outputs[0].1, OutputValue::Unknown, "nothing is there");
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
async fn a_refused_delete_is_not_called_deleted_when_the_wait_is_interrupted() {
    let rig = Rig::new();
    rig.up(PAGE).await;
    rig.platform.always("DELETE", Then::reason(500, "kaboom"));
    let stop = rig.stop.clone();
    let line = "GET eyevinn-qr-generator /qr-generatorinstance/p";
    let interrupt = Then::Do(Arc::new(move || stop.cancel()));
    rig.platform.at(line, 1..2, interrupt);
    let run = rig.destroy(PAGE).await;
    assert!(run.outcome.interrupted);
    assert!(run.failure("p").message.contains("kaboom"));
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
    assert_eq!(rig.platform.count_of_instances("DELETE"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_replacement_is_called_not_recreated_only_where_that_is_certain() {
    let other = r#"{"name":"other","url":"https://x.example"}"#;
    for (then, words) in [
        (Then::json(200, other), "named it `other`"),
        (Then::html(504), "HTTP 504"),
    ] {
        let rig = Rig::new();
        rig.up(PAGE).await;
        rig.platform.always("POST eyevinn-qr-generator", then);
        let run = rig.apply(&PAGE.replace("a.example", "b.example")).await;
        let failure = run.failure("p");
        assert!(failure.sent && !failure.deleted_not_recreated);
        let start = "the old instance is deleted; ";
        assert!(failure.message.starts_with(start), "{failure:?}");
        assert!(failure.message.contains(words), "{failure:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_replacement_stopped_by_a_token_refused_elsewhere_was_not_interrupted() {
    let rig = Rig::new();
    rig.up(PAGE).await;
    let edited = PAGE.replace("a.example", "b.example").replace(
        "instances: {",
        "instances: { a: { service: eyevinn-test-adserver },",
    );
    rig.platform
        .always("POST eyevinn-test-adserver", Then::reason(401, "expired"));
    let run = rig.apply(&edited).await;
    assert!(run.outcome.signed_out());
    let failure = run.failure("p");
    assert!(failure.deleted_not_recreated);
    assert!(failure.message.contains("token"), "{failure:?}");
}
