//! Secrets from the vault to the instances, and away when nothing needs them.

use std::collections::BTreeSet;

use osc_apply::apply::{BarredKind, Fate};
use osc_apply::sandbox::{Quirks, Rules};
use osc_apply::vault::{Vault, vault_key};
use secrecy::ExposeSecret;

use crate::rig::{Rig, Run, Seen, Then, all_data};

/// Generated, composed and given secrets over four services.
pub(crate) const PIPELINE: &str = "
secrets:
  storage_password: { generate: {} }
  cache_password: { generate: { length: 30 } }
  key: { env: API_KEY }
  redis_url: { value: 'redis://default:${secrets.cache_password}@${instances.cache.address}' }
instances:
  storage:
    service: minio-minio
    options: { RootUser: root, RootPassword: '${secrets.storage_password}' }
  cache: { service: valkey-io-valkey, options: { Password: '${secrets.cache_password}' } }
  encore:
    service: encore
    options:
      s3Endpoint: '${instances.storage.url}'
      s3AccessKeyId: root
      s3SecretAccessKey: '${secrets.storage_password}'
      s3SessionToken: '${secrets.key}'
  listener:
    service: eyevinn-encore-callback-listener
    options: { EncoreUrl: '${instances.encore.url}', RedisUrl: '${secrets.redis_url}' }
";

/// The options that are made of secrets: service, instance, option.
pub(crate) const SECRET_OPTIONS: [(&str, &str, &str); 5] = [
    ("minio-minio", "storage", "RootPassword"),
    ("valkey-io-valkey", "cache", "Password"),
    ("encore", "encore", "s3SecretAccessKey"),
    ("encore", "encore", "s3SessionToken"),
    (LISTENER, "listener", "RedisUrl"),
];

pub(crate) const LISTENER: &str = "eyevinn-encore-callback-listener";
pub(crate) const KEY: &str = "user.oscapply.test";
const VAULT: &str = "deploy /mytenantsecrets/user.oscapply.test";
const LEASE: &str = "deploy /mytenantsecrets/user.oscapply.test.lease";

fn quirky(quirks: Quirks) -> Rig {
    keyed(Rig::with(Rules {
        quirks,
        ..Rules::default()
    }))
}

fn keyed(mut rig: Rig) -> Rig {
    rig.give("key", "first-canary-key");
    rig
}

fn rig() -> Rig {
    keyed(Rig::new())
}

pub(crate) fn vault(rig: &Rig) -> Option<Vault> {
    let text = rig.platform.tenant_secret(&vault_key("test"))?;
    Some(Vault::parse(&text.into()).unwrap())
}

/// What the vault says that a secret is.
pub(crate) fn kept(rig: &Rig, secret: &str) -> String {
    let vault = vault(rig).unwrap();
    vault.value(secret).unwrap().expose_secret().to_owned()
}

pub(crate) fn in_force(rig: &Rig, (service, name, option): (&str, &str, &str)) -> String {
    let value = rig.platform.value_in_force(service, name, option);
    value.unwrap_or_else(|| panic!("{name} has no {option}"))
}

/// Every instance of the pipeline runs with what the vault has.
pub(crate) fn assert_in_force(rig: &Rig) {
    let [storage, cache, encore, session, listener] = SECRET_OPTIONS;
    assert_eq!(in_force(rig, storage), kept(rig, "storage_password"));
    assert_eq!(in_force(rig, encore), kept(rig, "storage_password"));
    assert_eq!(in_force(rig, cache), kept(rig, "cache_password"));
    assert_eq!(in_force(rig, session), "first-canary-key");
    let url = in_force(rig, listener);
    let user = format!("redis://default:{}@", kept(rig, "cache_password"));
    assert!(url.starts_with(&user), "{url} {user}");
    assert!(!url.ends_with('@'));
}

fn position(seen: &[Seen], found: impl Fn(&Seen) -> bool) -> usize {
    seen.iter().position(found).expect("such a request")
}

fn is(line: &str) -> impl Fn(&Seen) -> bool + '_ {
    move |seen| seen.line == line
}

fn starts(line: &str) -> impl Fn(&Seen) -> bool + '_ {
    move |seen| seen.line.starts_with(line)
}

pub(crate) fn barred(run: &Run) -> (BarredKind, &str) {
    let barred = run.outcome.barred.as_ref().expect("a reason");
    (barred.kind, &barred.message)
}

/// Nothing was made: neither an instance nor a secret of a service.
fn assert_nothing_made(rig: &Rig) {
    for (service, ..) in SECRET_OPTIONS {
        assert!(rig.platform.service_secrets(service).is_empty());
    }
    assert_eq!(rig.platform.snapshot().ids().count(), 0);
    assert!(
        rig.platform
            .tenant_secret("user.oscapply.test.lease")
            .is_none()
    );
}

// The way of a value

#[tokio::test(start_paused = true)]
async fn the_lease_comes_before_the_vault_and_the_vault_before_every_secret_of_a_service() {
    let rig = rig();
    rig.apply(PIPELINE).await.assert_good();
    let seen = rig.platform.take_seen();
    let leased = position(&seen, is(&format!("PUT {LEASE}")));
    let written = position(&seen, is(&format!("PUT {VAULT}")));
    let stored = position(&seen, starts("PUT deploy /mysecrets/"));
    let created = position(&seen, |seen| {
        seen.line.starts_with("POST ") && seen.line.contains("instance")
    });
    let read_back = written + position(&seen[written..], is(&format!("GET {VAULT}")));
    assert!(leased < written && written < read_back && read_back < stored && stored < created);
    // Each secret is stored before the instance that reads it is made.
    for (service, name, _) in SECRET_OPTIONS {
        let stored = position(&seen, starts(&format!("PUT deploy /mysecrets/{service}")));
        let made = position(&seen, starts(&format!("POST {service} /")));
        assert!(seen[stored].to.unwrap() <= seen[made].from, "{name}");
    }
    assert_in_force(&rig);
    assert!(!rig.plan(PIPELINE).await.has_changes());
    assert!(
        rig.platform
            .tenant_secret("user.oscapply.test.lease")
            .is_none()
    );
}

#[tokio::test(start_paused = true)]
async fn no_service_sees_a_value_and_its_documents_hold_references_only() {
    let rig = rig();
    rig.apply(PIPELINE).await.assert_good();
    let values = [
        kept(&rig, "storage_password"),
        kept(&rig, "cache_password"),
        "first-canary-key".to_owned(),
    ];
    for seen in rig.platform.take_seen() {
        if !seen.line.contains(" deploy ") {
            for value in &values {
                assert!(!seen.body.contains(value), "{}", seen.line);
            }
        }
    }
    let snapshot = rig.platform.snapshot();
    let mut names = BTreeSet::new();
    for (service, name, option) in SECRET_OPTIONS {
        let stored = snapshot.get(&(service.into(), name.into())).unwrap();
        let text = stored.options[option].as_str().unwrap();
        let secret = text.strip_prefix("{{secrets.").unwrap();
        let secret = secret.strip_suffix("}}").unwrap();
        assert!(
            secret
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()),
            "{secret}"
        );
        assert!(
            rig.platform
                .service_secrets(service)
                .contains(&secret.to_owned())
        );
        assert!(names.insert(secret.to_owned()), "{secret} twice");
    }
    let named: BTreeSet<String> = vault(&rig)
        .unwrap()
        .secrets()
        .iter()
        .map(|it| it.name.clone())
        .collect();
    assert_eq!(named, names);
}

#[tokio::test(start_paused = true)]
async fn a_url_with_an_address_is_known_only_once_the_address_is() {
    let rig = rig();
    let plan = rig.plan(PIPELINE).await;
    rig.apply_plan(plan).await.assert_good();
    let seen = rig.platform.take_seen();
    let ports = seen
        .iter()
        .rposition(starts("GET valkey-io-valkey /ports/cache"));
    let stored = position(&seen, starts(&format!("PUT deploy /mysecrets/{LISTENER}")));
    assert!(ports.unwrap() < stored);
    assert_in_force(&rig);
}

#[tokio::test(start_paused = true)]
async fn a_new_address_reaches_those_whose_url_has_it() {
    let rig = rig();
    rig.up(PIPELINE).await;
    let before = in_force(&rig, SECRET_OPTIONS[4]);
    rig.platform.move_away("valkey-io-valkey", "cache");
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    let run = rig.apply(PIPELINE).await;
    run.assert_good();
    assert!(
        matches!(run.fate("listener"), Fate::Applied),
        "{:?}",
        run.fate("listener")
    );
    assert!(matches!(run.fate("encore"), Fate::Kept));
    assert_ne!(in_force(&rig, SECRET_OPTIONS[4]), before);
    assert_in_force(&rig);
    assert!(!rig.plan(PIPELINE).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_value_fits_every_option_that_uses_it() {
    let yaml = "
secrets:
  shared: { generate: { length: 12, characters: alphanumeric } }
instances:
  storage: { service: minio-minio, options: { RootPassword: '${secrets.shared}' } }
  cache: { service: valkey-io-valkey, options: { Password: '${secrets.shared}' } }
";
    for _ in 0..20 {
        let rig = Rig::new();
        rig.up(yaml).await;
        let value = kept(&rig, "shared");
        let has = |is: fn(char) -> bool| value.contains(is);
        assert!(has(|c| c.is_ascii_lowercase()) && has(|c| c.is_ascii_uppercase()));
        assert!(has(|c| c.is_ascii_digit()) && value.len() == 12);
        let cache = in_force(&rig, ("valkey-io-valkey", "cache", "Password"));
        assert_eq!(cache, value);
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_that_no_option_can_have_stops_the_run() {
    let yaml = "
secrets:
  lower: { generate: { characters: lower } }
instances:
  storage: { service: minio-minio, options: { RootPassword: '${secrets.lower}' } }
";
    let rig = Rig::new();
    let run = rig.apply(yaml).await;
    let (kind, message) = barred(&run);
    assert_eq!(kind, BarredKind::Held);
    assert!(message.contains("`secrets.lower`"), "{message}");
    assert!(vault(&rig).is_none());
    assert_nothing_made(&rig);
}

// A vault that cannot be relied on

#[tokio::test(start_paused = true)]
async fn a_vault_that_cannot_be_written_stops_the_run_before_anything_is_made() {
    let refusals = [
        Then::reason(403, "Not allowed"),
        Then::reason(413, "Too large"),
        Then::html(500),
        Then::html(502),
        Then::Echo(400),
        Then::Echo(500),
        Then::json(200, "{}"),
    ];
    for then in refusals {
        let rig = rig();
        let plan = rig.plan(PIPELINE).await;
        let is_vault =
            move |seen: &Seen| (seen.line == format!("PUT {VAULT}")).then(|| then.clone());
        rig.platform.weather(is_vault);
        let run = rig.apply_plan(plan).await;
        assert_eq!(barred(&run).0, BarredKind::Held);
        assert!(matches!(run.fate("storage"), Fate::NotBegun));
        rig.platform.behave();
        assert_nothing_made(&rig);
        // Once it can be, all is well.
        rig.up(PIPELINE).await;
        assert_in_force(&rig);
    }
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_is_too_large_stops_the_run_before_anything_is_made() {
    let rig = quirky(Quirks {
        tenant_secret_limit: Some(300),
        ..Quirks::default()
    });
    let run = rig.apply(PIPELINE).await;
    let (kind, message) = barred(&run);
    assert_eq!(kind, BarredKind::Held);
    assert!(message.contains("too large"), "{message}");
    let hint = run.outcome.barred.as_ref().unwrap().hint.as_ref().unwrap();
    assert!(hint.contains("`env:`"), "{hint}");
    assert_nothing_made(&rig);
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_is_not_understood_stops_the_run() {
    for text in [r#"{"version":2}"#, "canary", ""] {
        let rig = rig();
        rig.platform.keep_tenant_secret(KEY, text);
        let trouble = rig.vault_trouble(PIPELINE).await.expect("trouble");
        assert!(!trouble.message.contains("canary"));
        // And where it was damaged only after the plan.
        rig.platform.remove_tenant_secret(KEY);
        let plan = rig.plan(PIPELINE).await;
        rig.platform.keep_tenant_secret(KEY, text);
        let run = rig.apply_plan(plan).await;
        assert_eq!(barred(&run).0, BarredKind::Held);
        assert_nothing_made(&rig);
        assert_eq!(rig.platform.tenant_secret(KEY).as_deref(), Some(text));
    }
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_vanished_is_noticed_whatever_is_left_of_its_instances() {
    let rig = rig();
    rig.up(PIPELINE).await;
    assert_eq!(rig.vault_trouble(PIPELINE).await, None);
    rig.platform.remove_tenant_secret(KEY);
    let gone = |trouble: Option<osc_apply::plan::VaultTrouble>| {
        let message = trouble.expect("trouble").message;
        assert!(message.contains("is gone"), "{message}");
    };
    gone(rig.vault_trouble(PIPELINE).await);
    // Without any tag their references show it.
    for (service, name, _) in SECRET_OPTIONS {
        rig.platform.tag(service, name, &[]);
    }
    gone(rig.vault_trouble(PIPELINE).await);
    // So does one that is suspended, and one that is not declared any longer.
    for (service, name) in [
        ("valkey-io-valkey", "cache"),
        ("encore", "encore"),
        (LISTENER, "listener"),
    ] {
        rig.platform.delete(service, name);
    }
    tokio::time::sleep(std::time::Duration::from_secs(120)).await;
    gone(rig.vault_trouble(PIPELINE).await);
    rig.platform.suspend("minio-minio", "storage");
    gone(rig.vault_trouble(PIPELINE).await);
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_vanished_is_noticed_by_what_is_not_declared_any_longer() {
    let rig = rig();
    rig.up(PIPELINE).await;
    rig.platform.remove_tenant_secret(KEY);
    let other = "
secrets: { new: { generate: {} } }
instances: { new: { service: valkey-io-valkey, options: { Password: '${secrets.new}' } } }
";
    assert!(rig.vault_trouble(other).await.is_some());
    for (service, name, _) in SECRET_OPTIONS {
        let tags = rig.platform.tags_of(service, name);
        let left: Vec<&str> = tags
            .iter()
            .map(String::as_str)
            .filter(|tag| !tag.contains(":sec1:"))
            .collect();
        rig.platform.tag(service, name, &left);
    }
    assert!(rig.vault_trouble(other).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_vanishes_after_the_plan_is_not_made_anew() {
    for yaml in [PIPELINE, ENV_ONLY] {
        let mut rig = rig();
        rig.up(yaml).await;
        rig.give("key", "second-canary-key");
        let plan = rig.plan(yaml).await;
        assert!(plan.has_changes());
        rig.platform.remove_tenant_secret(KEY);
        let run = rig.apply_plan(plan).await;
        assert_eq!(barred(&run).0, BarredKind::Stale);
        assert_eq!(rig.platform.tenant_secret(KEY), None);
        let value = rig
            .platform
            .value_in_force("encore", "encore", "s3SessionToken");
        assert_eq!(value.as_deref(), Some("first-canary-key"));
    }
}

const ENV_ONLY: &str = "
secrets: { key: { env: API_KEY } }
instances:
  encore: { service: encore, options: { s3SessionToken: '${secrets.key}' } }
";

#[tokio::test(start_paused = true)]
async fn one_answer_that_there_is_no_vault_is_not_enough_to_make_one() {
    let rig = rig();
    rig.up(PIPELINE).await;
    let before = kept(&rig, "cache_password");
    // The plan is told that there is none, and so is the first look of the run.
    let more = PIPELINE.to_owned()
        + "  more: { service: valkey-io-valkey, options: { Password: '${secrets.cache_password}' } }\n";
    let mut left = 3;
    rig.platform.weather(move |seen| {
        let hidden = seen.line == format!("GET {VAULT}") && left > 0;
        left -= i32::from(hidden);
        hidden.then(|| Then::reason(404, "No secret"))
    });
    let plan = rig.plan(&more).await;
    rig.apply_plan(plan).await;
    rig.platform.behave();
    assert_eq!(kept(&rig, "cache_password"), before);
    assert_in_force(&rig);
}

// Platforms of other kinds

#[tokio::test(start_paused = true)]
async fn without_tenant_secrets_nothing_is_generated() {
    let none = Quirks {
        no_tenant_secrets: true,
        ..Quirks::default()
    };
    let rig = quirky(none);
    let trouble = rig.vault_trouble(PIPELINE).await.expect("trouble");
    assert!(
        trouble.message.contains("cannot be generated"),
        "{trouble:?}"
    );
    assert!(trouble.hint.contains("`env:`"));
    let run = rig.apply(PIPELINE).await;
    assert_eq!(barred(&run).0, BarredKind::Held);
    assert_eq!(rig.platform.snapshot().ids().count(), 0);

    assert_eq!(rig.vault_trouble(ENV_ONLY).await, None);
    let run = rig.apply(ENV_ONLY).await;
    run.assert_good();
    assert!(
        run.outcome
            .warnings
            .iter()
            .any(|it| it.contains("two runs"))
    );
    let option = ("encore", "encore", "s3SessionToken");
    assert_eq!(in_force(&rig, option), "first-canary-key");
    let mut next = Rig::on(&rig.platform);
    next.give("key", "second-canary-key");
    let plan = next.plan(ENV_ONLY).await;
    assert!(!plan.has_changes());
    let note = plan.steps.last().unwrap().explanation.note.clone();
    assert!(note.unwrap().contains("not checked"));
    // What is declared anew gets the value of the run, and so does all that shares it.
    let more = ENV_ONLY.to_owned()
        + "  two: { service: encore, options: { s3SessionToken: '${secrets.key}' } }\n";
    next.up(&more).await;
    assert_eq!(
        in_force(&rig, ("encore", "two", "s3SessionToken")),
        "second-canary-key"
    );
    next.destroy(&more).await.assert_good();
}

#[tokio::test(start_paused = true)]
async fn secrets_of_services_are_kept_however_the_platform_takes_them() {
    for quirks in [
        Quirks {
            secret_put_needs_existing: true,
            ..Quirks::default()
        },
        Quirks {
            secret_post_refuses_existing: true,
            ..Quirks::default()
        },
        Quirks {
            secret_names_collide: true,
            ..Quirks::default()
        },
        Quirks {
            no_tags: true,
            ..Quirks::default()
        },
        Quirks {
            tags_need_instance: true,
            ..Quirks::default()
        },
    ] {
        for batches in [true, false] {
            let rig = quirky(quirks);
            if !batches {
                let route = r#"{"statusCode":404,"error":"Not Found","message":"Route PUT:/mysecrets/x/batch not found"}"#;
                rig.platform.always("/batch", Then::json(404, route));
            }
            rig.apply(PIPELINE).await.assert_good();
            assert_in_force(&rig);
            assert!(!rig.plan(PIPELINE).await.has_changes());
            rig.rotate(PIPELINE, &["cache_password", "storage_password"])
                .await
                .assert_good();
            assert_in_force(&rig);
            assert!(!rig.plan(PIPELINE).await.has_changes(), "{quirks:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_value_is_noticed_in_every_world() {
    for quirks in [
        Quirks::default(),
        Quirks {
            tags_need_instance: true,
            ..Quirks::default()
        },
        Quirks {
            no_tags: true,
            ..Quirks::default()
        },
    ] {
        let mut rig = quirky(quirks);
        rig.up(PIPELINE).await;
        rig.give("key", "second-canary-key");
        rig.up(PIPELINE).await;
        assert_eq!(
            in_force(&rig, SECRET_OPTIONS[3]),
            "second-canary-key",
            "{quirks:?}"
        );
        assert!(!rig.plan(PIPELINE).await.has_changes());
    }
}

// What is suspended

#[tokio::test(start_paused = true)]
async fn what_is_resumed_gets_the_value_of_now_if_there_is_one() {
    let mut rig = rig();
    rig.up(ENV_ONLY).await;
    rig.platform.suspend("encore", "encore");
    rig.withhold("key", "not set");
    rig.up(ENV_ONLY).await;
    let option = ("encore", "encore", "s3SessionToken");
    assert_eq!(in_force(&rig, option), "first-canary-key");
    rig.give("key", "first-canary-key");
    assert!(!rig.plan(ENV_ONLY).await.has_changes());

    rig.platform.suspend("encore", "encore");
    rig.give("key", "second-canary-key");
    rig.up(ENV_ONLY).await;
    assert_eq!(in_force(&rig, option), "second-canary-key");
    assert!(!rig.plan(ENV_ONLY).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn values_and_their_secrets_stay_while_their_instances_are_suspended() {
    let rig = rig();
    rig.up(PIPELINE).await;
    let before = kept(&rig, "storage_password");
    for (service, name) in [("minio-minio", "storage"), ("encore", "encore")] {
        rig.platform.suspend(service, name);
    }
    // Declared no longer, it is left as it is, and so is what it refers to.
    let cut = PIPELINE.find("  encore:").unwrap();
    rig.up(&PIPELINE[..cut]).await;
    assert_eq!(rig.platform.service_secrets("encore").len(), 2);
    rig.up(PIPELINE).await;
    assert_eq!(kept(&rig, "storage_password"), before);
    assert_in_force(&rig);
    assert!(!rig.plan(PIPELINE).await.has_changes());
}

// What nobody needs any more

fn without_listener() -> String {
    let cut = PIPELINE.find("  listener:").unwrap();
    PIPELINE[..cut].to_owned()
}

#[tokio::test(start_paused = true)]
async fn what_nothing_refers_to_is_removed_at_the_end_of_a_clean_run() {
    let rig = rig();
    rig.up(PIPELINE).await;
    assert_eq!(rig.platform.service_secrets(LISTENER).len(), 1);
    rig.apply(&without_listener()).await.assert_good();
    let seen = rig.platform.take_seen();
    let removed = position(
        &seen,
        starts(&format!("DELETE deploy /mysecrets/{LISTENER}")),
    );
    let deleted = position(&seen, starts(&format!("DELETE {LISTENER}")));
    assert!(deleted < removed);
    assert!(rig.platform.service_secrets(LISTENER).is_empty());
    assert_eq!(vault(&rig).unwrap().secrets().len(), 4);
    assert!(!rig.plan(&without_listener()).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_secret_of_an_option_that_is_none_any_more_is_removed() {
    let rig = rig();
    rig.up(PIPELINE).await;
    let yaml = PIPELINE.replace("      s3SessionToken: '${secrets.key}'\n", "");
    let yaml = yaml.replace("s3AccessKeyId: root", "s3AccessKeyId: other");
    let run = rig.apply(&yaml).await;
    run.assert_good();
    // The option is not declared any longer and stays as it is: so does its secret, unless the
    // instance was made anew without it.
    let names = rig.platform.service_secrets("encore");
    let options = &rig.platform.snapshot();
    let encore = options.get(&("encore".into(), "encore".into())).unwrap();
    let refers = encore
        .options
        .get("s3SessionToken")
        .is_some_and(|it| it != "");
    assert_eq!(names.len(), if refers { 2 } else { 1 });
    assert!(!rig.plan(&yaml).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_removed_after_a_run_that_failed() {
    let rig = rig();
    rig.up(PIPELINE).await;
    let yaml = without_listener().replace("{ length: 30 }", "{ length: 31 }")
        + "  broken: { service: valkey-io-valkey }\n";
    rig.platform
        .always("POST valkey-io-valkey", Then::reason(400, "no"));
    let run = rig.apply(&yaml).await;
    assert!(run.outcome.any(|fate| matches!(fate, Fate::Failed(_))));
    assert_eq!(rig.platform.service_secrets(LISTENER).len(), 1);
    rig.platform.behave();
    rig.apply(&yaml).await.assert_good();
    assert!(rig.platform.service_secrets(LISTENER).is_empty());
    assert!(!rig.plan(&yaml).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn what_a_run_could_not_remove_is_in_the_next_plan_and_removed_then() {
    let rig = rig();
    rig.up(PIPELINE).await;
    let line = format!("DELETE deploy /mysecrets/{LISTENER}");
    rig.platform.always(&line, Then::html(500));
    let run = rig.apply(&without_listener()).await;
    run.assert_good();
    assert!(
        run.outcome
            .warnings
            .iter()
            .any(|it| it.contains("not tidied up"))
    );
    rig.platform.behave();
    let plan = rig.plan(&without_listener()).await;
    assert_eq!(plan.secrets.leftovers.len(), 1);
    assert!(plan.has_changes());
    rig.apply_plan(plan).await.assert_good();
    assert!(rig.platform.service_secrets(LISTENER).is_empty());
    assert!(!rig.plan(&without_listener()).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_secret_stays_while_anything_else_refers_to_it() {
    for suspended in [false, true] {
        let rig = rig();
        rig.up(PIPELINE).await;
        let name = rig.platform.service_secrets(LISTENER).remove(0);
        let foreign = format!(
            "instances:\n  foreign:\n    service: {LISTENER}\n    options: {{ EncoreUrl: \
             'https://e.example', RedisUrl: '{{{{secrets.{name}}}}}' }}\n"
        );
        Rig::on(&rig.platform).up_as("other", &foreign).await;
        if suspended {
            rig.platform.suspend(LISTENER, "foreign");
        }
        rig.apply(&without_listener()).await.assert_good();
        assert_eq!(
            rig.platform.service_secrets(LISTENER),
            std::slice::from_ref(&name)
        );
        assert!(!rig.plan(&without_listener()).await.has_changes());
        // Where that has gone, too, it is removed.
        if !suspended {
            rig.platform.delete(LISTENER, "foreign");
            tokio::time::sleep(std::time::Duration::from_secs(60)).await;
            rig.apply(&without_listener()).await.assert_good();
            assert!(rig.platform.service_secrets(LISTENER).is_empty());
            assert!(!rig.plan(&without_listener()).await.has_changes());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_destroy_leaves_neither_secrets_nor_vault_nor_lease() {
    let rig = rig();
    rig.up(PIPELINE).await;
    rig.destroy(PIPELINE).await.assert_good();
    assert_nothing_made_now(&rig);
    assert_eq!(rig.platform.tenant_secret(KEY), None);
    // A new stack of this name gets new values.
    assert_eq!(rig.vault_trouble(PIPELINE).await, None);
    rig.up(PIPELINE).await;
    assert_in_force(&rig);
}

fn assert_nothing_made_now(rig: &Rig) {
    for (service, ..) in SECRET_OPTIONS {
        assert!(
            rig.platform.service_secrets(service).is_empty(),
            "{service}"
        );
    }
    assert!(
        rig.platform
            .tenant_secret("user.oscapply.test.lease")
            .is_none()
    );
}

#[tokio::test(start_paused = true)]
async fn a_destroy_that_keeps_something_keeps_its_secrets_and_the_vault() {
    let rig = rig();
    rig.up(PIPELINE).await;
    let plan = rig.plan_destroy(PIPELINE, &Default::default()).await;
    rig.apply_plan(plan).await;
    assert!(vault(&rig).is_some());
    assert_eq!(rig.platform.service_secrets("minio-minio").len(), 1);
    assert!(rig.platform.service_secrets("encore").is_empty());
    // It is all taken up again with the values from before.
    let before = kept(&rig, "storage_password");
    rig.up(PIPELINE).await;
    assert_eq!(kept(&rig, "storage_password"), before);
    assert_in_force(&rig);
    let plan = rig.plan_destroy(PIPELINE, &all_data()).await;
    rig.apply_plan(plan).await.assert_good();
    assert_eq!(rig.platform.tenant_secret(KEY), None);
}

#[tokio::test(start_paused = true)]
async fn a_destroy_without_instances_takes_the_vault_with_it() {
    let rig = rig();
    rig.up(PIPELINE).await;
    let line = format!("DELETE {VAULT}");
    rig.platform.always(&line, Then::html(500));
    rig.destroy(PIPELINE).await;
    rig.platform.behave();
    assert!(vault(&rig).is_some());
    rig.destroy(PIPELINE).await;
    assert_eq!(rig.platform.tenant_secret(KEY), None);
}
