use osc_apply::apply::Fate;
use osc_apply::osc::Class;

use crate::rig::{Rig, Then};
use crate::{CACHE, COLLECTION, SECOND};

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

#[tokio::test(start_paused = true)]
async fn an_instance_that_the_platform_named_otherwise_is_reported_with_its_name() {
    let rig = Rig::new();
    let document = r#"{"name":"other","url":"https://x.example"}"#;
    rig.platform
        .always(&format!("POST {COLLECTION}"), Then::json(200, document));
    let run = rig.apply(CACHE).await;
    assert_eq!(
        run.failure("a").message,
        "the platform named it `other` instead"
    );
}
