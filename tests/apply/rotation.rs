//! New values for secrets, and runs that end in the middle of giving them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use osc_apply::apply::Fate;
use osc_apply::model::Address;
use osc_apply::plan::{Action, Consent, Hold, Plan};
use osc_apply::sandbox::{Cut, Quirks, Rules, Timing};
use tokio_util::sync::CancellationToken;

use crate::rig::{Platform, Rig, Taken, Then, all_data};
use crate::secrets::{LISTENER, PIPELINE, SECRET_OPTIONS, assert_in_force, in_force, kept, vault};

const VAULT: &str = "PUT deploy /mytenantsecrets/user.oscapply.test";

async fn up() -> Rig {
    let mut rig = Rig::new();
    rig.give("key", "first-canary-key");
    rig.up(PIPELINE).await;
    rig
}

fn step<'p>(plan: &'p Plan, key: &str) -> &'p osc_apply::plan::Step {
    let address = Address::instance(key);
    let mut steps = plan.steps.iter();
    steps.find(|step| step.address == address).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_new_value_is_in_the_vault_first_and_reaches_every_consumer_in_order() {
    let rig = up().await;
    let (before, other) = (kept(&rig, "cache_password"), kept(&rig, "storage_password"));
    let plan = rig
        .plan_rotate(PIPELINE, &["cache_password"], &Consent::default())
        .await;
    for (key, action) in [
        ("storage", Action::Keep),
        ("cache", Action::Restart),
        ("encore", Action::Keep),
        ("listener", Action::Restart),
    ] {
        assert_eq!(
            (step(&plan, key).action, &step(&plan, key).held),
            (action, &None),
            "{key}"
        );
    }
    assert_eq!(
        step(&plan, "cache").explanation.reason,
        "its secrets get new values"
    );
    rig.platform.take_seen();
    let run = rig.apply_plan(plan).await;
    run.assert_good();
    let seen = rig.platform.take_seen();
    let at = |line: &str| {
        let found = seen.iter().position(|seen| seen.line.starts_with(line));
        found.unwrap_or_else(|| panic!("{line}"))
    };
    assert!(at(VAULT) < at("PUT deploy /mysecrets/valkey-io-valkey"));
    let cache = at("POST valkey-io-valkey /restart");
    let listener = at(&format!("POST {LISTENER} /restart"));
    assert!(at("PUT deploy /mysecrets/valkey-io-valkey") < cache && cache < listener);
    assert!(
        !seen
            .iter()
            .any(|seen| seen.line.starts_with("POST minio-minio"))
    );
    assert_ne!(kept(&rig, "cache_password"), before);
    assert_eq!(kept(&rig, "storage_password"), other);
    assert_in_force(&rig);
    assert!(!rig.plan(PIPELINE).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_rotation_leaves_everything_else_to_apply() {
    let rig = up().await;
    let yaml = PIPELINE
        .replace("RootUser: root", "RootUser: admin")
        .replace(
            "EncoreUrl: '${instances.encore.url}'",
            "EncoreUrl: 'https://e.example'",
        )
        + "  new: { service: valkey-io-valkey }\n";
    let plan = rig
        .plan_rotate(&yaml, &["cache_password"], &Consent::default())
        .await;
    assert_eq!(step(&plan, "storage").action, Action::Keep);
    assert_eq!(step(&plan, "new").held, Some(Hold::NotRotated));
    assert_eq!(step(&plan, "listener").action, Action::Restart);
    rig.platform.take_seen();
    rig.apply_plan(plan).await.assert_good();
    assert_eq!(rig.platform.count("PATCH"), 0);
    assert_in_force(&rig);
    let plan = rig.plan(&yaml).await;
    assert_eq!(step(&plan, "storage").action, Action::Update);
    assert_eq!(step(&plan, "listener").action, Action::Update);
    assert_eq!(step(&plan, "new").action, Action::Create);
    assert_eq!(step(&plan, "cache").action, Action::Keep);
}

#[tokio::test(start_paused = true)]
async fn a_rotation_that_cannot_reach_a_database_reaches_nobody() {
    let yaml = "
secrets: { password: { generate: {} } }
instances:
  db: { service: birme-osc-postgresql, options: { PostgresPassword: '${secrets.password}' } }
  user: { service: poundifdef-smoothmq, options: { SecretKey: '${secrets.password}' } }
";
    let rig = Rig::new();
    rig.up(yaml).await;
    let before = kept(&rig, "password");
    let plan = rig
        .plan_rotate(yaml, &["password"], &Consent::default())
        .await;
    assert_eq!(step(&plan, "db").held, Some(Hold::FirstStart));
    assert!(step(&plan, "db").instance().unwrap().gives_secrets);
    assert_eq!(
        step(&plan, "user").held,
        Some(Hold::SharesSecret(Address::instance("db")))
    );
    assert!(!plan.has_changes());
    rig.apply_plan(plan).await;
    assert_eq!(kept(&rig, "password"), before);
    let consent = Consent {
        replace: ["instances.db".to_owned()].into(),
        deletes: Some(1),
        ..all_data()
    };
    let plan = rig.plan_rotate(yaml, &["password"], &consent).await;
    rig.apply_plan(plan).await.assert_good();
    let now = kept(&rig, "password");
    assert_ne!(now, before);
    for option in [
        ("birme-osc-postgresql", "db", "PostgresPassword"),
        ("poundifdef-smoothmq", "user", "SecretKey"),
    ] {
        assert_eq!(in_force(&rig, option), now);
    }
    assert!(!rig.plan(yaml).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_given_value_is_given_anew_by_a_rotation() {
    let mut rig = up().await;
    let (service, name, _) = SECRET_OPTIONS[3];
    let tags = rig.platform.tags_of(service, name);
    let tags = tags.iter().map(String::as_str);
    let left: Vec<&str> = tags.filter(|tag| !tag.contains(":sec1:")).collect();
    rig.platform.tag(service, name, &left);
    rig.give("key", "second-canary-key");
    rig.rotate(PIPELINE, &["key"]).await.assert_good();
    assert_eq!(in_force(&rig, SECRET_OPTIONS[3]), "second-canary-key");
    assert!(!rig.plan(PIPELINE).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_is_suspended_holds_a_rotation_back() {
    let rig = up().await;
    rig.platform.suspend("valkey-io-valkey", "cache");
    let plan = rig
        .plan_rotate(PIPELINE, &["cache_password"], &all_data())
        .await;
    let before = kept(&rig, "cache_password");
    assert!(step(&plan, "cache").held.is_some());
    assert!(step(&plan, "listener").held.is_some());
    rig.apply_plan(plan).await;
    assert_eq!(kept(&rig, "cache_password"), before);
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_fails_has_the_new_value_after_the_next_apply() {
    let rig = up().await;
    rig.platform
        .always(&format!("POST {LISTENER} /restart"), Then::html(500));
    let run = rig.rotate(PIPELINE, &["cache_password"]).await;
    assert!(matches!(run.fate("listener"), Fate::Failed(_)));
    rig.platform.behave();
    let plan = rig.plan(PIPELINE).await;
    assert_eq!(step(&plan, "cache").action, Action::Keep);
    assert_eq!(step(&plan, "listener").action, Action::Restart);
    rig.apply_plan(plan).await.assert_good();
    assert_in_force(&rig);
    assert!(!rig.plan(PIPELINE).await.has_changes());
}

// Ends in the middle

/// A platform that is fast: each poll is a request at which everything is done twice.
fn platform(quirks: Quirks) -> Arc<Platform> {
    Platform::new(Rules {
        timing: Timing::default().scaled(20.0),
        quirks,
        ..Rules::default()
    })
}

/// What a run does that is killed.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Makes the stack.
    Make,
    /// Gives two generated secrets new values.
    Rotate,
    /// Finds another value in the environment.
    Change,
    /// Removes an instance and its secrets.
    Prune,
}

impl Act {
    async fn prepared(self, quirks: Quirks) -> Rig {
        let mut rig = Rig::on(&platform(quirks));
        rig.give("key", "zeroth-canary-key");
        match self {
            Self::Make => {}
            Self::Prune => {
                let more = PIPELINE.to_owned()
                    + "  more: { service: grusell-encore-profile-server, options: { s3SecretKey: '${secrets.storage_password}' } }\n";
                rig.give("key", "first-canary-key");
                rig.up(&more).await;
            }
            Self::Rotate => {
                rig.give("key", "first-canary-key");
                rig.up(PIPELINE).await;
            }
            Self::Change => rig.up(PIPELINE).await,
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        rig.give("key", "first-canary-key");
        rig
    }

    async fn plan(self, rig: &Rig) -> Plan {
        match self {
            Self::Rotate => {
                let secrets = ["cache_password", "storage_password"];
                rig.plan_rotate(PIPELINE, &secrets, &all_data()).await
            }
            _ => rig.plan_with(PIPELINE, &all_data()).await,
        }
    }
}

async fn killed_at(act: Act, quirks: Quirks, request: usize, taken: Taken) -> bool {
    let rig = act.prepared(quirks).await;
    let plan = act.plan(&rig).await;
    let dead = CancellationToken::new();
    let (kill, counted) = (dead.clone(), AtomicUsize::new(0));
    rig.platform.weather(move |_| {
        (counted.fetch_add(1, Ordering::Relaxed) == request).then(|| {
            kill.cancel();
            Then::Cut(Cut::Silent, taken)
        })
    });
    let was_killed = tokio::select! {
        biased;
        () = dead.cancelled() => true,
        _ = rig.apply_plan(plan) => false,
    };
    rig.platform.behave();
    let mut next = Rig::on(&rig.platform);
    next.give("key", "first-canary-key");
    assert_eq!(next.vault_trouble(PIPELINE).await, None);
    next.apply(PIPELINE).await.assert_good();
    assert_in_force(&next);
    // Whatever was stored under a name that is not used is gone, or still known to the vault.
    let known = vault(&next).unwrap();
    for (service, ..) in SECRET_OPTIONS {
        for name in next.platform.service_secrets(service) {
            let mut all = known.secrets().iter();
            assert!(
                all.any(|it| it.service == service && it.name == name),
                "{name}"
            );
        }
    }
    let plan = next.plan(PIPELINE).await;
    assert!(!plan.has_changes(), "{}", crate::rig::rendered(&plan));
    // And it is known which values they have.
    for step in &plan.steps {
        assert_eq!(step.explanation.note, None, "{}", step.address);
    }
    was_killed
}

fn survives_every_kill(act: Act, quirks: Quirks) {
    let mut requests = 0;
    loop {
        let mut was_killed = false;
        for taken in [Taken::No, Taken::Yes] {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .start_paused(true)
                .build();
            let killed = killed_at(act, quirks, requests, taken);
            was_killed |= runtime.unwrap().block_on(killed);
        }
        if !was_killed {
            break;
        }
        requests += 1;
    }
    assert!(requests > 20, "{requests}");
}

const NO_TAGS: Quirks = Quirks {
    no_tags: true,
    ..PLAIN
};
const TAGS_NEED_INSTANCE: Quirks = Quirks {
    tags_need_instance: true,
    ..PLAIN
};
const PLAIN: Quirks = Quirks {
    resume_leaves_record: false,
    overlaps_lose_records: false,
    cli_gets_no_refresh_token: false,
    refresh_keeps_token: false,
    no_tags: false,
    tags_need_instance: false,
    secret_post_refuses_existing: false,
    secret_put_needs_existing: false,
    secret_names_collide: false,
    no_tenant_secrets: false,
    system_secrets_hidden: false,
    tenant_secret_limit: None,
};

#[test]
fn a_first_apply_that_is_killed_anywhere_ends_with_one_set_of_values() {
    survives_every_kill(Act::Make, PLAIN);
}

#[test]
fn the_same_where_tags_need_an_instance() {
    survives_every_kill(Act::Make, TAGS_NEED_INSTANCE);
}

#[test]
fn the_same_without_tags() {
    survives_every_kill(Act::Make, NO_TAGS);
}

#[test]
fn a_rotation_that_is_killed_anywhere_is_finished_by_the_next_apply() {
    survives_every_kill(Act::Rotate, PLAIN);
}

#[test]
fn a_rotation_without_tags_that_is_killed_anywhere_is_finished_by_the_next_apply() {
    survives_every_kill(Act::Rotate, NO_TAGS);
}

#[test]
fn a_changed_value_reaches_everybody_in_the_end_wherever_a_run_is_killed() {
    survives_every_kill(Act::Change, PLAIN);
}

#[test]
fn what_is_removed_is_gone_in_the_end_wherever_a_run_is_killed() {
    survives_every_kill(Act::Prune, PLAIN);
}
