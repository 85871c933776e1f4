use osc_apply::apply::Fate;
use osc_apply::osc::Class;

use crate::rig::{Rig, Then};
use crate::{CACHE, COLLECTION, SECOND};

const ITS_READ: &str = "GET valkey-io-valkey /valkeyinstance/a";

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
        assert!(
            run.failure("a").hint.is_some(),
            "what to do about {class:?}"
        );
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

#[tokio::test(start_paused = true)]
async fn a_failed_read_does_not_end_the_following_up_of_an_unanswered_create() {
    let rig = Rig::new();
    rig.platform
        .at(&format!("POST {COLLECTION}"), 0..1, Then::lost(504));
    rig.platform.at(ITS_READ, 1..9, Then::html(502));
    rig.apply(CACHE).await.assert_good();
    assert_eq!(rig.platform.count(&format!("POST {COLLECTION}")), 1);
}

#[tokio::test(start_paused = true)]
async fn what_ends_the_following_up_never_hides_that_something_may_appear() {
    for (line, then, class) in [
        (ITS_READ, Then::reason(401, "expired"), Class::SignedOut),
        (
            "POST valkey-io-valkey",
            Then::reason(403, "Limit"),
            Class::Limit,
        ),
    ] {
        let rig = Rig::new();
        rig.platform
            .at(&format!("POST {COLLECTION}"), 0..1, Then::html(504));
        rig.platform.at(line, 1..99, then);
        let run = rig.apply(CACHE).await;
        let failure = run.failure("a");
        assert_eq!(failure.class, Some(class));
        assert!(failure.sent);
        assert!(failure.message.contains("may still appear"), "{failure:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_create_that_may_have_been_taken_counts_as_sent() {
    for (then, sent) in [
        (Then::reason(403, "Limit reached"), false),
        (Then::reason(429, "busy"), false),
        (Then::html(504), true),
        (Then::Broken, true),
    ] {
        let rig = Rig::new();
        rig.platform.always(&format!("POST {COLLECTION}"), then);
        assert_eq!(rig.apply(CACHE).await.failure("a").sent, sent);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_created_and_cannot_be_read_back_is_created() {
    let rig = Rig::new();
    rig.platform.at(ITS_READ, 1..9999, Then::html(502));
    let run = rig.apply(CACHE).await;
    let Fate::NotReady(failure) = run.fate("a") else {
        panic!("{:?}", run.fate("a"))
    };
    let start = "created, but it cannot be read back: ";
    assert!(failure.message.starts_with(start), "{failure:?}");
    assert!(failure.sent);
    // As long as the step may take at all.
    let took = run.outcome.took;
    assert!(took > 600 * SECOND && took < 640 * SECOND, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_read_back_is_repeated_for_minutes() {
    for then in [Then::html(503), Then::html(401)] {
        let rig = Rig::new();
        rig.platform.at(ITS_READ, 1..80, then);
        let run = rig.apply(CACHE).await;
        assert!(matches!(run.fate("a"), Fate::Applied));
        assert!(run.outcome.took > 60 * SECOND, "{:?}", run.outcome.took);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_before_it_is_created_is_asked_about_for_two_minutes() {
    for (turns, good) in [(0..20, true), (0..9999, false)] {
        let rig = Rig::new();
        rig.platform.at(ITS_READ, turns, Then::html(401));
        let run = rig.apply(CACHE).await;
        match good {
            true => assert!(matches!(run.fate("a"), Fate::Applied)),
            false => {
                assert!(!run.failure("a").sent);
                assert_eq!(rig.platform.count(&format!("POST {COLLECTION}")), 0);
                let took = run.outcome.took;
                assert!(took > 120 * SECOND && took < 150 * SECOND, "{took:?}");
            }
        }
    }
}
