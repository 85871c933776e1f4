use osc_apply::model::Address;
use osc_apply::plan::{Action, Consent, Hold, OutputValue};

use crate::rig::{Rig, Stack, Suspending, Then, all_data};
use crate::{action, broken_lists, rendered, step};

const CACHES: &str = "
instances:
  a: { service: valkey-io-valkey, options: { Password: onecanary } }
  b: { service: valkey-io-valkey, options: { Password: twocanary } }
  page: { service: eyevinn-test-adserver }
";

const USED: &str = "
instances:
  a: { service: valkey-io-valkey, options: { Password: onecanary }, data: none }
  user: { service: encore, options: { s3Endpoint: '${instances.a.url}/x', s3Region: y } }
  next: { service: eyevinn-live-encoding, options: { InputUrl: 'redis://${instances.a.address}' } }
outputs:
  url: '${instances.a.url}'
  address: '${instances.a.address}'
";

async fn with_a_suspended(yaml: &str) -> Rig {
    let rig = Rig::new();
    rig.up(yaml).await;
    Suspending::on(&rig).suspend("a", "onecanary").await;
    rig
}

fn left(yaml: &str) -> String {
    yaml.replace("onecanary }", "onecanary }, suspended: leave")
}

fn discarding(key: &str) -> Consent {
    let mut consent = Consent::default();
    consent.discard.insert(format!("instances.{key}"));
    consent
}

// Never taken for absent

#[tokio::test(start_paused = true)]
async fn what_may_be_suspended_is_unknown_and_nothing_of_it_is_created() {
    let rig = Rig::new();
    rig.up(&CACHES.replace("  a:", "  other:")).await;
    let mut broken = broken_lists();
    // There, a page that says 401 is about the token.
    broken.remove(1);
    broken.push(Then::json(200, r#"[{"serviceId":"valkey-io-valkey"}]"#));
    for broken in broken {
        rig.platform.behave();
        rig.platform.always("GET deploy /mysuspended", broken);
        let plan = rig.plan_with(CACHES, &all_data()).await;
        assert_eq!(
            action(&plan, "a"),
            (Action::Unknown, Some(Hold::Unreadable))
        );
        let reason = &step(&plan, "a").explanation.reason;
        assert!(reason.contains("reading suspended instances"), "{reason}");
        assert_eq!(action(&plan, "b"), (Action::Keep, None));
        assert!(!plan.has_changes());
        let new = "instances: { new: { service: encore } }";
        let plan = rig.plan(new).await;
        assert_eq!(action(&plan, "new").0, Action::Unknown, "not subscribed to");
        let plan = rig.plan_destroy(CACHES, &all_data()).await;
        assert_eq!(action(&plan, "a").0, Action::Unknown);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_there_ends_the_reading() {
    let rig = Rig::new();
    let line = "GET deploy /mysuspended";
    rig.platform.always(line, Then::reason(401, "expired"));
    assert!(rig.live(&Stack::of(CACHES)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_suspended_instance_is_resumed_also_when_its_service_is_not_subscribed_to() {
    for unsubscribed in [false, true] {
        let rig = Rig::new();
        if unsubscribed {
            let line = "GET catalog /mysubscriptions";
            rig.platform.at(line, 0..1, Then::json(200, "[]"));
        }
        rig.platform
            .set_tags("valkey-io-valkey", "a", &["osc-apply:test"]);
        Suspending::on(&rig).record("a", "onecanary");
        let plan = rig.plan_with(CACHES, &discarding("a")).await;
        assert_eq!(action(&plan, "a"), (Action::Resume, None));
        assert_eq!(action(&plan, "b"), (Action::Create, None));
        assert!(step(&plan, "a").needs.is_empty());
        assert_eq!(step(&plan, "b").needs, [Address::subscriptions()]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_runs_and_is_listed_as_suspended_is_present_and_says_so() {
    let rig = Rig::new();
    rig.up(CACHES).await;
    Suspending::on(&rig).record("a", "onecanary");
    let plan = rig.plan(CACHES).await;
    assert_eq!(action(&plan, "a"), (Action::Keep, None));
    let note = step(&plan, "a").explanation.note.as_ref().unwrap();
    assert!(note.contains("listed as suspended"), "{note}");
    assert!(!plan.has_changes());
}

// Resume, or not

#[tokio::test(start_paused = true)]
async fn data_that_is_gone_is_said_and_consented_to_before_a_resume() {
    let rig = with_a_suspended(CACHES).await;
    let plan = rig.plan(CACHES).await;
    assert_eq!(action(&plan, "a"), (Action::Resume, Some(Hold::LosesData)));
    let reason = &step(&plan, "a").explanation.reason;
    assert_eq!(reason, "suspended since 2026-11-01T10:00:00Z (idle)");
    let plan = rig.plan_with(CACHES, &discarding("a")).await;
    assert_eq!(action(&plan, "a"), (Action::Resume, None));
    let plan = rig
        .plan(&CACHES.replace("onecanary }", "onecanary }, data: none"))
        .await;
    assert_eq!(action(&plan, "a"), (Action::Resume, None));
    assert!(plan.has_changes());
}

#[tokio::test(start_paused = true)]
async fn protection_does_not_forbid_a_resume() {
    let rig = with_a_suspended(CACHES).await;
    let yaml = CACHES.replace("onecanary }", "onecanary }, protect: true, data: none");
    let plan = rig.plan(&yaml).await;
    assert_eq!(action(&plan, "a"), (Action::Resume, None));
    let plan = rig.plan_destroy(&yaml, &all_data()).await;
    assert_eq!(action(&plan, "a"), (Action::Delete, Some(Hold::Protected)));
}

#[tokio::test(start_paused = true)]
async fn options_that_differ_from_the_kept_ones_are_shown_without_secrets() {
    let rig = with_a_suspended(CACHES).await;
    let yaml = CACHES.replace("onecanary", "newcanary");
    let plan = rig.plan_with(&yaml, &discarding("a")).await;
    let explanation = &step(&plan, "a").explanation;
    assert_eq!(explanation.fields[0].option, "Password");
    let note = explanation.note.as_ref().unwrap();
    assert!(note.contains("updated"), "{note}");
    assert!(!rendered(&plan).contains("canary"));
    let live = rig.live(&Stack::of(CACHES)).await.unwrap();
    assert!(!format!("{live:?}").contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn dependants_keep_the_url_of_what_is_resumed_and_learn_its_address_afterwards() {
    let rig = with_a_suspended(USED).await;
    let plan = rig.plan(USED).await;
    assert_eq!(action(&plan, "a"), (Action::Resume, None));
    assert_eq!(action(&plan, "user"), (Action::Keep, None));
    assert_eq!(action(&plan, "next"), (Action::Update, None));
    assert!(matches!(plan.outputs[0].value, OutputValue::Known(_)));
    assert!(matches!(plan.outputs[1].value, OutputValue::Unknown));
    let moved = USED.replace(".url}/x", ".url}/z");
    assert_eq!(action(&rig.plan(&moved).await, "user").0, Action::Replace);
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_left_is_shown_and_only_its_changed_dependants_are_held() {
    let rig = with_a_suspended(USED).await;
    let plan = rig.plan(&left(USED)).await;
    let is_left = (Action::Resume, Some(Hold::LeftSuspended));
    assert_eq!(action(&plan, "a"), is_left);
    assert_eq!(action(&plan, "user"), (Action::Keep, None));
    assert_eq!(action(&plan, "next"), (Action::Keep, None));
    assert!(!plan.has_changes());
    let plan = rig.plan(&left(USED).replace(": y", ": z")).await;
    let held = Some(Hold::Needs(Address::instance("a")));
    assert_eq!(action(&plan, "user"), (Action::Replace, held));
    assert_eq!(action(&plan, "next"), (Action::Keep, None));
    let absent = Rig::new();
    absent
        .up("instances: { a: { service: valkey-io-valkey } }")
        .await;
    Suspending::on(&absent).suspend("a", "onecanary").await;
    let plan = absent.plan(&left(USED)).await;
    let held = Some(Hold::Needs(Address::instance("a")));
    assert_eq!(action(&plan, "next"), (Action::Create, held));
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_left_while_suspended_is_planned_as_ever_otherwise() {
    let rig = Rig::new();
    let yaml = left(USED);
    assert_eq!(action(&rig.plan(&yaml).await, "a"), (Action::Create, None));
    rig.up(&yaml).await;
    assert!(!rig.plan(&yaml).await.has_changes());
}

// Destroy

#[tokio::test(start_paused = true)]
async fn a_destroy_removes_the_record_of_what_is_suspended_with_consent() {
    let rig = with_a_suspended(CACHES).await;
    let plan = rig.plan_destroy(CACHES, &Consent::default()).await;
    assert_eq!(action(&plan, "a"), (Action::Delete, Some(Hold::LosesData)));
    let plan = rig.plan_destroy(&left(CACHES), &discarding("a")).await;
    assert_eq!(action(&plan, "a"), (Action::Delete, None));
    let reason = &step(&plan, "a").explanation.reason;
    assert!(reason.ends_with("it is suspended since 2026-11-01T10:00:00Z (idle)"));
}
