//! What of the secrets differs, as far as that can be told without reading one.

use osc_apply::live::State;
use osc_apply::model::Address;
use osc_apply::plan::{self, Action, Consent, Hold, Plan};
use osc_apply::report::{self, Look};

use super::rig::{Rig, all_data, rendered};
use super::{action, step};

/// A key that two have, and one that has nothing to do with it.
const GIVEN: &str = "
secrets:
  key: { env: API_KEY }
  other: { env: OTHER }
instances:
  sfu: { service: eyevinn-docker-wrtc-sfu, options: { ApiKey: '${secrets.key}' } }
  manager:
    service: eyevinn-intercom-manager
    options:
      smbUrl: '${instances.sfu.url}'
      smbApiKey: '${secrets.key}'
      dbUrl: https://db.example
  queue:
    service: poundifdef-smoothmq
    options: { AccessKey: a, SecretKey: '${secrets.other}' }
";

/// A password that the database reads at its first start only.
const WORDPRESS: &str = "
secrets:
  password: { env: DB_PASSWORD }
  root: { env: ROOT_PASSWORD }
instances:
  db:
    service: linuxserver-docker-mariadb
    options: { RootPassword: '${secrets.root}', Database: wp, User: wp, Password: '${secrets.password}' }
  site:
    service: wordpress-wordpress
    options:
      DbHost: '${instances.db.address}'
      DbUser: wp
      DbPassword: '${secrets.password}'
      DbName: wp
";

const MANAGER: &str = "eyevinn-intercom-manager";

fn given(yaml: &str) -> Rig {
    let mut rig = Rig::new();
    for secret in ["key", "other", "password", "root"] {
        if yaml.contains(&format!("  {secret}:")) {
            rig.give(secret, &format!("first-{secret}"));
        }
    }
    rig
}

async fn up(yaml: &str) -> Rig {
    let rig = given(yaml);
    rig.up(yaml).await;
    rig
}

/// The plan where something was read otherwise than it is.
async fn plan_where(
    rig: &Rig,
    yaml: &str,
    consent: &Consent,
    otherwise: impl Fn(&mut osc_apply::osc::Instance),
) -> Plan {
    let stack = rig.stack(yaml);
    let mut live = rig.live(&stack).await.unwrap();
    for state in live.instances.values_mut() {
        if let State::Present(found) = state {
            otherwise(&mut found.instance);
        }
    }
    plan::plan(&stack.desired, &live, consent, &stack.sources).unwrap()
}

fn text(rig: &Rig, yaml: &str, plan: &Plan) -> String {
    let look = Look {
        color: false,
        width: 200,
    };
    let mut out = Vec::new();
    report::plan(&mut out, plan, &rig.stack(yaml).sources, look).unwrap();
    String::from_utf8(out).unwrap()
}

fn note<'p>(plan: &'p Plan, key: &str) -> &'p str {
    step(plan, key).explanation.note.as_deref().unwrap_or("")
}

fn replacing(keys: &[&str]) -> Consent {
    Consent {
        replace: keys.iter().map(|key| format!("instances.{key}")).collect(),
        deletes: Some(keys.len()),
        ..Consent::default()
    }
}

// What a value that is given here changes

#[tokio::test(start_paused = true)]
async fn a_changed_value_restarts_those_that_have_it_and_no_others() {
    let mut rig = up(GIVEN).await;
    assert!(!rig.plan(GIVEN).await.has_changes());
    rig.give("key", "second-key");
    let plan = rig.plan(GIVEN).await;
    for key in ["sfu", "manager"] {
        assert_eq!(action(&plan, key), (Action::Restart, None));
        let reason = &step(&plan, key).explanation.reason;
        assert_eq!(reason, "the value of a secret has changed");
        assert!(step(&plan, key).explanation.restarts);
        assert!(step(&plan, key).explanation.fields.is_empty());
    }
    assert_eq!(action(&plan, "queue"), (Action::Keep, None));
    assert_eq!(step(&plan, "manager").needs, [Address::instance("sfu")]);
    let shown = text(&rig, GIVEN, &plan);
    assert!(
        shown.contains("the value of a secret has changed"),
        "{shown}"
    );
    assert!(!shown.contains("second-key") && !rendered(&plan).contains("second-key"));
    rig.apply_plan(plan).await.assert_good();
    assert!(!rig.plan(GIVEN).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn without_a_value_here_nothing_is_checked_and_nothing_changes() {
    let mut rig = up(GIVEN).await;
    rig.withhold("key", "the environment variable API_KEY is not set");
    let plan = rig.plan(GIVEN).await;
    assert!(!plan.has_changes());
    for key in ["sfu", "manager"] {
        assert_eq!(
            note(&plan, key),
            "its secret values are not checked: `secrets.key` has no value here: the environment \
             variable API_KEY is not set"
        );
    }
    assert_eq!(note(&plan, "queue"), "");
    assert!(text(&rig, GIVEN, &plan).contains("not checked"));
    rig.platform.take_seen();
    rig.apply_plan(plan).await.assert_good();
    let lines = rig.platform.lines();
    let is_write = |line: &&String| !line.starts_with("GET ") && !line.starts_with("POST token");
    assert_eq!(lines.iter().find(is_write), None);
}

#[tokio::test(start_paused = true)]
async fn without_a_digest_nothing_is_checked() {
    let mut rig = up(GIVEN).await;
    let tags: Vec<String> = rig.platform.tags_of(MANAGER, "manager");
    let left: Vec<&str> = tags
        .iter()
        .map(String::as_str)
        .filter(|tag| !tag.starts_with("osc-apply:sec1:"))
        .collect();
    assert_eq!(left.len() + 1, tags.len());
    rig.platform.tag(MANAGER, "manager", &left);
    rig.give("key", "second-key");
    let plan = rig.plan(GIVEN).await;
    assert_eq!(action(&plan, "sfu"), (Action::Restart, None));
    assert_eq!(action(&plan, "manager"), (Action::Keep, None));
    let note = note(&plan, "manager");
    assert!(note.contains("not checked: no tag says"), "{note}");
}

#[tokio::test(start_paused = true)]
async fn a_change_of_something_else_leaves_a_value_that_nobody_knows_here() {
    let mut rig = up(GIVEN).await;
    rig.withhold("key", "not set");
    let yaml = GIVEN.replace("https://db.example", "https://db2.example");
    let plan = rig.plan(&yaml).await;
    assert_eq!(action(&plan, "manager"), (Action::Update, None));
    let fields = &step(&plan, "manager").explanation.fields;
    assert_eq!(fields.len(), 1);
    rig.platform.take_seen();
    rig.apply_plan(plan).await.assert_good();
    assert_eq!(rig.platform.count("/mysecrets/"), 0);
    let value = rig.platform.value_in_force(MANAGER, "manager", "smbApiKey");
    assert_eq!(value.as_deref(), Some("first-key"));
    // What its digest says is still of the first value.
    rig.give("key", "first-key");
    assert!(!rig.plan(&yaml).await.has_changes());
    rig.give("key", "second-key");
    assert_eq!(
        action(&rig.plan(&yaml).await, "manager"),
        (Action::Restart, None)
    );
}

#[tokio::test(start_paused = true)]
async fn a_change_of_both_is_one_update() {
    let mut rig = up(GIVEN).await;
    rig.give("key", "second-key");
    let yaml = GIVEN.replace("https://db.example", "https://db2.example");
    let plan = rig.plan(&yaml).await;
    assert_eq!(action(&plan, "manager"), (Action::Update, None));
    rig.platform.take_seen();
    rig.apply_plan(plan).await.assert_good();
    assert_eq!(rig.platform.count("PATCH"), 1);
    assert_eq!(rig.platform.count(&format!("POST {MANAGER} /restart")), 0);
    let value = rig.platform.value_in_force(MANAGER, "manager", "smbApiKey");
    assert_eq!(value.as_deref(), Some("second-key"));
    assert!(!rig.plan(&yaml).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_not_made_without_a_value_for_it() {
    let mut rig = given(GIVEN);
    rig.withhold("key", "the environment variable API_KEY is not set");
    let plan = rig.plan(GIVEN).await;
    let no_secret = Hold::NoSecret {
        secret: "key".into(),
        why: "the environment variable API_KEY is not set".into(),
    };
    assert_eq!(action(&plan, "sfu"), (Action::Create, Some(no_secret)));
    let needs = Hold::Needs(Address::instance("sfu"));
    assert_eq!(action(&plan, "manager"), (Action::Create, Some(needs)));
    assert_eq!(action(&plan, "queue"), (Action::Create, None));
    rig.apply_plan(plan).await;
    assert_eq!(rig.platform.count(&format!("/mysecrets/{MANAGER}")), 0);
    assert!(
        rig.platform
            .service_secrets("eyevinn-docker-wrtc-sfu")
            .is_empty()
    );
}

// How a value is made to count

#[tokio::test(start_paused = true)]
async fn a_service_without_a_restart_is_updated_for_a_new_value() {
    let mut rig = up(GIVEN).await;
    rig.give("key", "second-key");
    let consent = Consent::default();
    let plan = plan_where(&rig, GIVEN, &consent, |it| it.can_restart = false).await;
    assert_eq!(action(&plan, "manager"), (Action::Update, None));
    rig.platform.take_seen();
    rig.apply_plan(plan).await.assert_good();
    assert_eq!(rig.platform.count("PATCH"), 2);
    let value = rig.platform.value_in_force(MANAGER, "manager", "smbApiKey");
    assert_eq!(value.as_deref(), Some("second-key"));
    assert!(!rig.plan(GIVEN).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_service_with_neither_is_held_unless_its_replacement_is_asked_for() {
    let mut rig = up(GIVEN).await;
    rig.give("other", "second-other");
    let neither = |it: &mut osc_apply::osc::Instance| {
        (it.can_restart, it.can_update) = (false, false);
    };
    let plan = plan_where(&rig, GIVEN, &Consent::default(), neither).await;
    assert_eq!(
        action(&plan, "queue"),
        (Action::Restart, Some(Hold::NoRestart))
    );
    assert!(!plan.has_changes());
    let shown = text(&rig, GIVEN, &plan);
    assert!(shown.contains("--replace instances.queue"), "{shown}");
    let plan = plan_where(&rig, GIVEN, &replacing(&["queue"]), neither).await;
    assert_eq!(
        action(&plan, "queue"),
        (Action::Replace, Some(Hold::LosesData))
    );
    let consent = Consent {
        discard_all: true,
        ..replacing(&["queue"])
    };
    let plan = plan_where(&rig, GIVEN, &consent, neither).await;
    assert_eq!(action(&plan, "queue"), (Action::Replace, None));
    rig.apply_plan(plan).await.assert_good();
    let value = rig
        .platform
        .value_in_force("poundifdef-smoothmq", "queue", "SecretKey");
    assert_eq!(value.as_deref(), Some("second-other"));
    assert!(!rig.plan(GIVEN).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_database_that_reads_its_password_once_holds_back_all_that_share_it() {
    let mut rig = up(WORDPRESS).await;
    rig.give("password", "second-password");
    let plan = rig.plan(WORDPRESS).await;
    assert_eq!(
        action(&plan, "db"),
        (Action::Restart, Some(Hold::FirstStart))
    );
    assert!(step(&plan, "site").held.is_some());
    assert!(!plan.has_changes());
    rig.platform.take_seen();
    rig.apply_plan(plan).await;
    assert_eq!(rig.platform.count("/mysecrets/"), 0);
    assert_eq!(rig.platform.count("PUT "), 0);
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_shares_nothing_with_a_held_database_goes_on() {
    let yaml = "
secrets:
  password: { env: DB_PASSWORD }
  key: { env: API_KEY }
instances:
  db: { service: birme-osc-postgresql, options: { PostgresPassword: '${secrets.password}' } }
  both: { service: grusell-encore-profile-server, options: { s3AccessKey: '${secrets.password}', s3SecretKey: '${secrets.key}' } }
  key: { service: eyevinn-docker-wrtc-sfu, options: { ApiKey: '${secrets.key}' } }
  alone: { service: poundifdef-smoothmq, options: { SecretKey: '${secrets.key}' } }
";
    let mut rig = up(yaml).await;
    rig.give("password", "second-password");
    let plan = rig.plan(yaml).await;
    let shares = Hold::SharesSecret(Address::instance("db"));
    assert_eq!(
        action(&plan, "db"),
        (Action::Restart, Some(Hold::FirstStart))
    );
    assert_eq!(
        action(&plan, "both"),
        (Action::Restart, Some(shares.clone()))
    );
    assert_eq!(action(&plan, "key"), (Action::Keep, None));
    rig.give("key", "second-key");
    let plan = rig.plan(yaml).await;
    // What is held for one of its secrets holds the other, too.
    assert_eq!(action(&plan, "both"), (Action::Restart, Some(shares)));
    for key in ["key", "alone"] {
        assert!(step(&plan, key).held.is_some(), "{key}");
    }
    rig.give("password", "first-password");
    let plan = rig.plan(yaml).await;
    for key in ["both", "key", "alone"] {
        assert_eq!(action(&plan, key), (Action::Restart, None));
    }
}

#[tokio::test(start_paused = true)]
async fn a_database_is_replaced_for_a_password_where_both_are_asked_for() {
    let mut rig = up(WORDPRESS).await;
    rig.give("password", "second-password");
    let plan = rig.plan_with(WORDPRESS, &replacing(&["db", "site"])).await;
    assert_eq!(
        action(&plan, "db"),
        (Action::Replace, Some(Hold::LosesData))
    );
    assert!(step(&plan, "site").held.is_some());
    let consent = Consent {
        discard_all: true,
        ..replacing(&["db", "site"])
    };
    let plan = rig.plan_with(WORDPRESS, &consent).await;
    assert_eq!(action(&plan, "db"), (Action::Replace, None));
    assert_eq!(action(&plan, "site"), (Action::Replace, None));
    rig.apply_plan(plan).await.assert_good();
    let of = |service, name, option| rig.platform.value_in_force(service, name, option);
    let db = of("linuxserver-docker-mariadb", "db", "Password");
    let site = of("wordpress-wordpress", "site", "DbPassword");
    assert_eq!(db.as_deref(), Some("second-password"));
    assert_eq!(site, db);
    assert!(!rig.plan(WORDPRESS).await.has_changes());
}

// Values in the clear

const IN_THE_CLEAR: &str = "
instances:
  queue: { service: poundifdef-smoothmq, options: { SecretKey: first-other } }
";
const MOVED: &str = "
secrets:
  other: { env: OTHER }
instances:
  queue: { service: poundifdef-smoothmq, options: { SecretKey: '${secrets.other}' } }
";
const QUEUE: &str = "poundifdef-smoothmq";

#[tokio::test(start_paused = true)]
async fn a_literal_that_becomes_a_secret_of_the_same_value_is_no_change() {
    let mut rig = given(MOVED);
    rig.up(IN_THE_CLEAR).await;
    let plan = rig.plan(MOVED).await;
    assert!(!plan.has_changes());
    let note = note(&plan, "queue");
    assert!(note.contains("`SecretKey` stands in the clear"), "{note}");
    // The next change makes it one.
    let yaml = MOVED.replace("{ SecretKey", "{ AccessKey: me, SecretKey");
    rig.up(&yaml).await;
    let names = rig.platform.service_secrets(QUEUE);
    assert_eq!(names.len(), 1);
    let value = rig.platform.value_in_force(QUEUE, "queue", "SecretKey");
    assert_eq!(value.as_deref(), Some("first-other"));
    assert!(!rig.plan(&yaml).await.has_changes());
    rig.give("other", "second-other");
    assert_eq!(
        action(&rig.plan(&yaml).await, "queue"),
        (Action::Restart, None)
    );
}

#[tokio::test(start_paused = true)]
async fn a_literal_that_becomes_a_secret_of_another_value_is_updated() {
    let mut rig = given(MOVED);
    rig.up(IN_THE_CLEAR).await;
    rig.give("other", "second-other");
    let plan = rig.plan(MOVED).await;
    assert_eq!(action(&plan, "queue"), (Action::Update, None));
    assert_eq!(step(&plan, "queue").explanation.fields.len(), 1);
    rig.apply_plan(plan).await.assert_good();
    let value = rig.platform.value_in_force(QUEUE, "queue", "SecretKey");
    assert_eq!(value.as_deref(), Some("second-other"));
    assert!(!rig.plan(MOVED).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_literal_that_becomes_a_secret_without_a_value_here_is_not_checked() {
    let mut rig = given(MOVED);
    rig.up(IN_THE_CLEAR).await;
    rig.withhold("other", "not set");
    let plan = rig.plan(MOVED).await;
    assert!(!plan.has_changes());
    assert!(note(&plan, "queue").contains("not checked"));
    // Another change must not write what nobody knows.
    let yaml = MOVED.replace("{ SecretKey", "{ AccessKey: me, SecretKey");
    let run = rig.apply(&yaml).await;
    let value = rig.platform.value_in_force(QUEUE, "queue", "SecretKey");
    assert_eq!(
        value.as_deref(),
        Some("first-other"),
        "{:?}",
        run.fate("queue")
    );
}

#[tokio::test(start_paused = true)]
async fn a_literal_that_becomes_a_generated_secret_is_updated() {
    let rig = Rig::new();
    rig.up(IN_THE_CLEAR).await;
    let yaml = MOVED.replace("{ env: OTHER }", "{ generate: {} }");
    let plan = rig.plan(&yaml).await;
    assert_eq!(action(&plan, "queue"), (Action::Update, None));
    rig.apply_plan(plan).await.assert_good();
    let value = rig.platform.value_in_force(QUEUE, "queue", "SecretKey");
    assert_ne!(value.as_deref(), Some("first-other"));
    assert!(!rig.plan(&yaml).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_reference_of_somebody_elses_is_replaced_by_the_stacks() {
    let rig = given(MOVED);
    rig.platform.keep_secret(QUEUE, "mine", "by-hand");
    rig.up(&IN_THE_CLEAR.replace("first-other", "'{{secrets.mine}}'"))
        .await;
    let plan = rig.plan(MOVED).await;
    assert_eq!(action(&plan, "queue"), (Action::Update, None));
    rig.apply_plan(plan).await.assert_good();
    let value = rig.platform.value_in_force(QUEUE, "queue", "SecretKey");
    assert_eq!(value.as_deref(), Some("first-other"));
    // What somebody else keeps is not the stack's to remove.
    assert!(
        rig.platform
            .service_secrets(QUEUE)
            .contains(&"mine".to_owned())
    );
}

// The token of the run

const TOKEN: &str = "
secrets:
  token: { access_token: true }
  key: { env: API_KEY }
instances:
  manager:
    service: eyevinn-intercom-manager
    options:
      smbUrl: https://smb.example
      smbApiKey: '${secrets.key}'
      dbUrl: https://db.example
      oscAccessToken: '${secrets.token}'
";

#[tokio::test(start_paused = true)]
async fn a_token_is_given_at_the_create_and_not_again_by_an_apply() {
    let mut rig = Rig::new();
    rig.give("key", "first-key");
    rig.give("token", "first-token");
    rig.up(TOKEN).await;
    let token = || {
        rig.platform
            .value_in_force(MANAGER, "manager", "oscAccessToken")
    };
    assert_eq!(token().as_deref(), Some("first-token"));
    let mut next = Rig::on(&rig.platform);
    next.give("key", "first-key");
    next.give("token", "second-token");
    assert!(!next.plan(TOKEN).await.has_changes());
    // Another secret of the same instance changes.
    next.give("key", "second-key");
    next.up(TOKEN).await;
    let key = rig.platform.value_in_force(MANAGER, "manager", "smbApiKey");
    assert_eq!(key.as_deref(), Some("second-key"));
    assert_eq!(token().as_deref(), Some("first-token"));
    next.rotate(TOKEN, &["token"]).await.assert_good();
    assert_eq!(token().as_deref(), Some("second-token"));
    assert!(!next.plan(TOKEN).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_not_made_with_a_token_that_ends() {
    let mut rig = Rig::new();
    rig.give("key", "first-key");
    rig.withhold("token", "it ends");
    let plan = rig.plan(TOKEN).await;
    assert!(matches!(
        action(&plan, "manager"),
        (Action::Create, Some(Hold::NoSecret { secret, .. })) if secret == "token"
    ));
    // One that has a token from before is as good as it was.
    rig.give("token", "first-token");
    rig.up(TOKEN).await;
    rig.withhold("token", "it ends");
    let plan = rig.plan(TOKEN).await;
    assert!(!plan.has_changes());
    // And gets another key without one.
    rig.give("key", "second-key");
    let plan = rig.plan(TOKEN).await;
    assert_eq!(action(&plan, "manager"), (Action::Restart, None));
    rig.apply_plan(plan).await.assert_good();
    let of = |option| rig.platform.value_in_force(MANAGER, "manager", option);
    assert_eq!(of("smbApiKey").as_deref(), Some("second-key"));
    assert_eq!(of("oscAccessToken").as_deref(), Some("first-token"));
}

// How much is asked

/// Twenty instances of eight services, whose secrets are of every kind.
fn twenty() -> String {
    let mut yaml = String::from(
        "
secrets:
  password: { generate: {} }
  key: { env: API_KEY }
  url: { value: 'redis://default:${secrets.password}@${instances.cache.address}' }
instances:
  cache: { service: valkey-io-valkey, options: { Password: '${secrets.password}' } }
",
    );
    let kinds = [
        ("valkey-io-valkey", "Password: '${secrets.key}'"),
        ("minio-minio", "RootPassword: '${secrets.password}'"),
        ("encore", "s3SecretAccessKey: '${secrets.password}'"),
        (
            "eyevinn-encore-callback-listener",
            "EncoreUrl: 'https://e.example', RedisUrl: '${secrets.url}'",
        ),
        ("eyevinn-app-config-svc", "RedisUrl: '${secrets.url}'"),
        (
            "poundifdef-smoothmq",
            "AccessKey: '${secrets.key}', SecretKey: '${secrets.password}'",
        ),
        ("eyevinn-docker-wrtc-sfu", "ApiKey: '${secrets.key}'"),
        ("apache-couchdb", "AdminPassword: '${secrets.password}'"),
    ];
    for at in 0..19 {
        let (service, options) = kinds[at % kinds.len()];
        yaml.push_str(&format!(
            "  i{at}: {{ service: {service}, options: {{ {options} }} }}\n"
        ));
    }
    yaml
}

#[tokio::test(start_paused = true)]
async fn a_plan_without_changes_reads_few_things_however_many_secrets_there_are() {
    let yaml = twenty();
    let mut rig = Rig::new();
    rig.give("key", "first-key");
    rig.up(&yaml).await;
    // Others' are suspended.
    let extra = "instances: { gone: { service: eyevinn-test-adserver } }";
    let other = Rig::on(&rig.platform);
    other.up_as("other", extra).await;
    rig.platform.suspend("eyevinn-test-adserver", "gone");
    let mut fresh = Rig::on(&rig.platform);
    fresh.give("key", "first-key");
    rig.platform.take_seen();
    let plan = fresh.plan(&yaml).await;
    assert!(!plan.has_changes(), "{}", rendered(&plan));
    assert_eq!(plan.steps.len(), 20);
    let lines = rig.platform.lines();
    let services = 8;
    let ports = lines
        .iter()
        .filter(|line| line.contains(" /ports/"))
        .count();
    assert_eq!(ports, 1);
    assert!(
        lines.len() <= 5 + 2 * services + ports,
        "{}: {lines:#?}",
        lines.len()
    );
    assert_eq!(rig.platform.count("/mytenantsecrets/user.oscapply.test"), 1);
    assert_eq!(rig.platform.count("/resourcetags"), 1);
    assert_eq!(rig.platform.count("/mysecrets"), 0);
}

// Everything at once

#[tokio::test(start_paused = true)]
async fn a_plan_shows_no_value() {
    let yaml = twenty();
    let mut rig = Rig::new();
    rig.give("key", "first-canary-key");
    let shown = |plan: &Plan| format!("{}{}", text(&rig, &yaml, plan), rendered(plan));
    assert!(!shown(&rig.plan(&yaml).await).contains("canary"));
    rig.up(&yaml).await;
    assert!(!shown(&rig.plan(&yaml).await).contains("canary"));
    let mut other = Rig::on(&rig.platform);
    other.give("key", "second-canary-key");
    let plan = other.plan_with(&yaml, &all_data()).await;
    assert!(plan.has_changes());
    assert!(!shown(&plan).contains("canary"));
}
