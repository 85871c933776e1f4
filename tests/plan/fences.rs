//! What speaks against deleting anything in a run, and what then goes on all the same.

use osc_apply::plan::{Action, Consent, Fence, Hold, Plan};

use super::action;
use super::rig::{Rig, Then, all_data, count};

/// Of everything some: what is changed in place, made again, and not declared any longer.
const BEFORE: &str = "
instances:
  changed: { service: minio-minio, options: { RootUser: one } }
  again: { service: eyevinn-qr-generator, options: { GotoUrl: 'https://a.example' } }
  k1: { service: eyevinn-test-adserver }
  k2: { service: eyevinn-test-adserver }
  k3: { service: eyevinn-test-adserver }
  k4: { service: eyevinn-test-adserver }
  k5: { service: eyevinn-test-adserver }
  old: { service: jgraph-drawio }
";
const OLD: &str = "jgraph-drawio/old";

/// The same with something to change, make, make again and delete: 2 of 8 go.
fn after() -> String {
    let new = "  new: { service: eyevinn-live-encoding, options: { InputUrl: x } }";
    BEFORE
        .replace("RootUser: one", "RootUser: two")
        .replace("a.example", "b.example")
        .replace("  old: { service: jgraph-drawio }", new)
}

async fn up() -> Rig {
    let rig = Rig::new();
    rig.up(BEFORE).await;
    rig
}

fn held<'p>(plan: &'p Plan, address: &str) -> &'p Option<Hold> {
    let mut steps = plan.steps.iter();
    let found = steps.find(|step| step.address.as_str() == address);
    &found
        .unwrap_or_else(|| panic!("nothing for {address}"))
        .held
}

/// Nothing is deleted for this reason, and whatever is changed in place or made is.
fn assert_fenced(plan: &Plan, is: impl Fn(&Fence) -> bool) {
    assert_eq!(
        count(plan, Action::Delete) + count(plan, Action::Replace),
        0
    );
    for address in ["instances.again", OLD] {
        let held = held(plan, address);
        let fenced = matches!(held, Some(Hold::Fenced(fence)) if is(fence));
        assert!(fenced, "{address}: {held:?}");
    }
    assert_eq!(action(plan, "changed"), (Action::Update, None));
    assert_eq!(action(plan, "new"), (Action::Create, None));
}

fn assert_open(plan: &Plan) {
    assert_eq!(count(plan, Action::Delete), 1);
    assert_eq!(action(plan, "again"), (Action::Replace, None));
}

#[tokio::test(start_paused = true)]
async fn a_quarter_of_a_stack_may_go_and_not_more_than_that() {
    let rig = up().await;
    assert_open(&rig.plan(&after()).await);
    let more = after().replace("  k5: { service: eyevinn-test-adserver }\n", "");
    let fence = |fence: &Fence| {
        matches!(
            fence,
            Fence::TooMany {
                deletes: 3,
                owned: 8
            }
        )
    };
    for deletes in [None, Some(2), Some(4)] {
        let consent = Consent {
            deletes,
            ..all_data()
        };
        let plan = rig.plan_with(&more, &consent).await;
        assert_fenced(&plan, fence);
        assert!(matches!(
            held(&plan, "eyevinn-test-adserver/k5"),
            Some(Hold::Fenced(_))
        ));
    }
    let consent = Consent {
        deletes: Some(3),
        ..Consent::default()
    };
    let plan = rig.plan_with(&more, &consent).await;
    assert_eq!(count(&plan, Action::Delete), 2);
    assert_eq!(action(&plan, "again"), (Action::Replace, None));
}

#[tokio::test(start_paused = true)]
async fn of_a_small_stack_one_may_go() {
    let rig = Rig::new();
    let both = "instances: { a: { service: encore }, b: { service: jgraph-drawio } }";
    rig.up(both).await;
    let plan = rig
        .plan_with("instances: { a: { service: encore } }", &all_data())
        .await;
    assert_eq!(count(&plan, Action::Delete), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stack_of_which_nothing_is_declared_any_longer_stays() {
    let rig = up().await;
    let other = "instances: { other: { service: eyevinn-test-adserver } }";
    let plan = rig.plan_with(other, &all_data()).await;
    let none_left = Some(Hold::Fenced(Fence::NoneLeft { deletes: 8 }));
    assert_eq!(*held(&plan, OLD), none_left);
    assert_eq!(action(&plan, "other"), (Action::Create, None));
    let consent = Consent {
        deletes: Some(8),
        ..all_data()
    };
    let plan = rig.plan_with(other, &consent).await;
    assert_eq!(count(&plan, Action::Delete), 8);
}

#[tokio::test(start_paused = true)]
async fn an_empty_manifest_deletes_nothing_unless_that_is_meant() {
    let rig = up().await;
    let empty = "instances: {}";
    let consent = |empty, deletes| Consent {
        empty,
        deletes,
        ..all_data()
    };
    let plan = rig.plan_with(empty, &consent(false, Some(8))).await;
    assert_eq!(*held(&plan, OLD), Some(Hold::Fenced(Fence::EmptyManifest)));
    assert!(!plan.has_changes());
    let plan = rig.plan_with(empty, &consent(true, None)).await;
    let none_left = Some(Hold::Fenced(Fence::NoneLeft { deletes: 8 }));
    assert_eq!(*held(&plan, OLD), none_left);
    let plan = rig.plan_with(empty, &consent(true, Some(8))).await;
    assert_eq!(count(&plan, Action::Delete), 8);
}

#[tokio::test(start_paused = true)]
async fn nobody_who_looks_on_and_no_named_workspace_delete_nothing() {
    let rig = up().await;
    let consent = Consent {
        unattended: true,
        ..all_data()
    };
    let plan = rig.plan_with(&after(), &consent).await;
    assert_fenced(&plan, |fence| matches!(fence, Fence::Unattended));
    let plan = rig.plan_destroy(BEFORE, &consent).await;
    assert_eq!(count(&plan, Action::Delete), 0);
    assert_eq!(
        *held(&plan, "instances.k1"),
        Some(Hold::Fenced(Fence::Unattended))
    );
}

#[tokio::test(start_paused = true)]
async fn a_list_that_was_not_read_keeps_whatever_would_go() {
    let consent = Consent {
        deletes: Some(2),
        ..all_data()
    };
    for then in [
        Then::html(502),
        Then::json(200, r#"{"items":[]}"#),
        Then::json(200, "null"),
    ] {
        let rig = up().await;
        rig.platform
            .always("GET eyevinn-test-adserver /test-adserverinstance", then);
        let plan = rig.plan_with(&after(), &consent).await;
        assert_fenced(&plan, |fence| matches!(fence, Fence::Unread(_)));
        assert_eq!(
            action(&plan, "k1"),
            (Action::Unknown, Some(Hold::Unreadable))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn suspended_ones_that_were_not_read_keep_whatever_would_go() {
    for then in [Then::html(502), Then::json(200, r#"{"items":[]}"#)] {
        let rig = up().await;
        rig.platform.always("GET deploy /mysuspended", then);
        let plan = rig.plan_with(&after(), &all_data()).await;
        assert_eq!(
            count(&plan, Action::Delete) + count(&plan, Action::Replace),
            0
        );
        assert!(matches!(
            held(&plan, OLD),
            Some(Hold::Fenced(Fence::Unread(_)))
        ));
        assert_eq!(action(&plan, "changed"), (Action::Update, None));
        // What is missing may be suspended.
        assert_eq!(
            action(&plan, "new"),
            (Action::Unknown, Some(Hold::Unreadable))
        );
        let plan = rig.plan_destroy(BEFORE, &all_data()).await;
        assert_eq!(count(&plan, Action::Delete), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn tags_that_were_not_read_keep_everything() {
    for then in [
        Then::html(502),
        Then::html(200),
        Then::json(200, r#"{"items":[]}"#),
        Then::json(200, "[]"),
        Then::json(200, r#"{"resources":[{"resourceType":"instance"}]}"#),
    ] {
        let rig = up().await;
        rig.platform
            .always("GET deploy /resourcetags", then.clone());
        let plan = rig.plan_with(&after(), &all_data()).await;
        let changing = plan.steps.iter().filter(|step| step.runs());
        let changing: Vec<Action> = changing.map(|step| step.action).collect();
        // What is new is made; whose the others are, nobody can tell.
        assert_eq!(changing, [Action::Subscribe, Action::Create]);
        let plan = rig.plan_destroy(BEFORE, &all_data()).await;
        assert_eq!(count(&plan, Action::Delete), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_lists_none_of_what_it_had_keeps_whatever_would_go() {
    let rig = up().await;
    let emptied = "GET eyevinn-test-adserver /test-adserverinstance";
    rig.platform.always(emptied, Then::json(200, "[]"));
    let consent = Consent {
        deletes: Some(2),
        ..all_data()
    };
    let plan = rig.plan_with(&after(), &consent).await;
    assert_fenced(
        &plan,
        |fence| matches!(fence, Fence::ListsNone(id) if id == "eyevinn-test-adserver"),
    );
    let plan = rig.plan_destroy(BEFORE, &all_data()).await;
    assert_eq!(count(&plan, Action::Delete), 0);
    // Also where none of them is declared any longer.
    rig.platform.behave();
    rig.platform
        .always("GET jgraph-drawio /drawioinstance", Then::json(200, "[]"));
    let plan = rig.plan_with(&after(), &consent).await;
    let fenced = matches!(
        held(&plan, "instances.again"),
        Some(Hold::Fenced(Fence::ListsNone(id))) if id == "jgraph-drawio"
    );
    assert!(fenced);
    assert_eq!(action(&plan, "changed"), (Action::Update, None));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_missing_keeps_whatever_would_go() {
    let rig = up().await;
    let catalog = rig.platform.collection("minio-minio");
    let only = format!(r#"[{{"serviceId":"minio-minio","apiUrl":"{catalog}"}}]"#);
    rig.platform
        .always("GET catalog /mysubscriptions", Then::json(200, &only));
    let plan = rig.plan_with(&after(), &all_data()).await;
    assert_eq!(
        count(&plan, Action::Delete) + count(&plan, Action::Replace),
        0
    );
}
