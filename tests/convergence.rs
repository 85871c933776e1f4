//! What holds for every stack: an apply leaves nothing to change, a destroy leaves nothing.

#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use osc_apply::catalog::{OptionKind, OptionSpec, Service, ServiceKind};
use osc_apply::plan::{Action, Consent, Fence, Hold, Step};
use proptest::prelude::*;
use rig::{Platform, Rig, Run, Stack, Then, all_data, catalog, count, rendered};

/// An instance as numbers, from which its service and options follow.
#[derive(Debug, Clone)]
struct Seed {
    service: u16,
    options: [u16; 8],
    edits: [u16; 8],
    depends_on: u16,
}

fn seeds() -> impl Strategy<Value = Vec<Seed>> {
    let seed = (
        any::<u16>(),
        any::<[u16; 8]>(),
        any::<[u16; 8]>(),
        any::<u16>(),
    );
    let seed = seed.prop_map(|(service, options, edits, depends_on)| Seed {
        service,
        options,
        edits,
        depends_on,
    });
    prop::collection::vec(seed, 2..=8)
}

/// Services that expose a port.
const WITH_PORTS: [&str; 4] = [
    "atmoz-sftp",
    "birme-osc-postgresql",
    "linuxserver-docker-mariadb",
    "valkey-io-valkey",
];

/// Those that differ from the rest in some way, and now and then any other.
fn service(seed: &Seed) -> &'static Service {
    const OFTEN: [&str; 9] = [
        "channel-engine",
        "minio-minio",
        "encore",
        "grafana-grafana",
        "wordpress-wordpress",
        "eyevinn-live-encoding",
        "apache-couchdb",
        "eyevinn-qr-generator",
        "eyevinn-encore-callback-listener",
    ];
    let pick = usize::from(seed.service);
    let known: Vec<&str> = OFTEN.into_iter().chain(WITH_PORTS).collect();
    let any = catalog()
        .services()
        .filter(|it| it.kind == ServiceKind::Instance && it.options.values().all(can_be_set));
    let any: Vec<&Service> = any.map(AsRef::as_ref).collect();
    match known.get(pick % (known.len() + 5)) {
        Some(id) => catalog().service(id).unwrap(),
        None => any[pick / 20 % any.len()],
    }
}

fn can_be_set(spec: &OptionSpec) -> bool {
    !spec.mandatory || !candidates(spec, &[]).is_empty()
}

/// Values an option can have, as YAML; `earlier` are the instances it may refer to.
fn candidates(spec: &OptionSpec, earlier: &[(String, &Service)]) -> Vec<String> {
    match &spec.kind {
        OptionKind::Boolean => return vec!["true".into(), "false".into()],
        OptionKind::Enum(words) => return words.iter().map(|word| format!("'{word}'")).collect(),
        OptionKind::List => return vec!["[en, sv]".into(), "[sv]".into(), "'a,b'".into()],
        OptionKind::Text => {}
    }
    let fits = |text: &str| {
        spec.pattern
            .as_ref()
            .is_none_or(|it| it.matches(text).unwrap())
    };
    let texts = [
        "https://x.example/",
        "abc",
        "12",
        "Passw0rd-canary",
        " spaced out ",
        "redis://u:p@h/1",
        "",
        "a:prometheus:https://x.example",
    ];
    let mut all: Vec<String> = texts
        .into_iter()
        .filter(|text| fits(text))
        .map(|text| format!("'{text}'"))
        .collect();
    all.push("'{{secrets.x}}'".into());
    for (key, service) in earlier {
        all.push(format!("'${{instances.{key}.url}}'"));
        if fits("a") {
            all.push(format!("'x-${{instances.{key}.host}}'"));
            all.extend(reference_to_option(key, service));
        }
        if fits("a") && WITH_PORTS.contains(&service.id.as_str()) {
            all.push(format!("'redis://${{instances.{key}.address}}'"));
            all.push(format!("'${{instances.{key}.ports[0].ip}}'"));
        }
    }
    all.retain(|value| fits("a") || fits("http://a") || !value.contains("${"));
    all
}

/// A mandatory option is always there to refer to.
fn reference_to_option(key: &str, service: &Service) -> Option<String> {
    let spec = service
        .options
        .values()
        .find(|spec| spec.mandatory && spec.kind == OptionKind::Text && spec.pattern.is_none())?;
    Some(format!("'${{instances.{key}.options.{}}}'", spec.name))
}

/// The manifest of these seeds, before or after the edits.
fn manifest(seeds: &[Seed], edited: bool) -> String {
    let mut yaml = "instances:\n".to_owned();
    let mut earlier: Vec<(String, &Service)> = Vec::new();
    for (number, seed) in seeds.iter().enumerate() {
        let (key, service) = (format!("k{number}"), service(seed));
        writeln!(yaml, "  {key}:\n    service: {}", service.id).unwrap();
        if seed.depends_on % 4 == 1 && number > 0 {
            let on = usize::from(seed.depends_on) % number;
            writeln!(yaml, "    depends_on: [instances.k{on}]").unwrap();
        }
        let mut options = String::new();
        for (at, spec) in service.options.values().enumerate() {
            let edit = seed.edits[at % 8];
            let choice = match edit % 3 {
                0 if edited => edit / 3,
                _ => seed.options[at % 8],
            };
            if let Some(value) = value(spec, usize::from(choice), &earlier) {
                writeln!(options, "      {}: {value}", spec.name).unwrap();
            }
        }
        if !options.is_empty() {
            writeln!(yaml, "    options:\n{options}").unwrap();
        }
        earlier.push((key, service));
    }
    yaml
}

fn value(spec: &OptionSpec, choice: usize, earlier: &[(String, &Service)]) -> Option<String> {
    let mut all: Vec<Option<String>> = Vec::new();
    if !spec.mandatory {
        all.extend([None, None, Some("null".to_owned())]);
    }
    all.extend(candidates(spec, earlier).into_iter().map(Some));
    all[choice % all.len()].clone()
}

/// A plan asks for the workspace's plan, the subscriptions, what is suspended, the tags, the vault, a
/// token and a list per service, and ports where needed.
async fn plan_within_limits(platform: &Arc<Platform>, yaml: &str) -> String {
    platform.take_seen();
    let rig = Rig::on(platform);
    let plan = rig.plan_with(yaml, &Consent::default()).await;
    let desired = Stack::of(yaml).desired;
    let services: BTreeSet<&str> = desired
        .instances
        .values()
        .map(|it| &*it.service.id)
        .collect();
    let limit = 5 + 2 * services.len() + desired.ports_wanted().len();
    assert!(platform.lines().len() <= limit, "{:?}", platform.lines());
    assert_eq!(plan.held().count(), 0, "{}", rendered(&plan));
    if plan.steps.iter().all(|step| step.action == Action::Keep) {
        return String::new();
    }
    rendered(&plan)
}

/// Whoever needs something is created after it.
fn assert_ordered(rig: &Rig, yaml: &str) {
    let seen = rig.platform.take_seen();
    let created = |key: &str| -> (Duration, Duration) {
        let name = format!(r#"{{"name":"{key}""#);
        let found = seen.iter().find(|it| it.body.starts_with(&name)).unwrap();
        (found.from, found.to.unwrap())
    };
    for (key, instance) in &Stack::of(yaml).desired.instances {
        for need in instance.edges.keys() {
            assert!(created(need).1 < created(key).0, "{key} needs {need}");
        }
    }
}

fn assert_good(run: &Run, yaml: &str) {
    for result in &run.outcome.results {
        assert!(result.fate.lets_dependants_run(), "{result:#?}\n{yaml}");
    }
}

/// A workspace with the secret that options of these may refer to.
fn with_secrets(seeds: &[Seed]) -> Rig {
    let rig = Rig::new();
    for seed in seeds {
        rig.platform.keep_secret(&service(seed).id, "x", "a-secret");
    }
    rig
}

async fn lives(seeds: Vec<Seed>) {
    let rig = with_secrets(&seeds);
    let first = manifest(&seeds, false);
    assert_good(&rig.apply(&first).await, &first);
    assert_ordered(&rig, &first);
    let left = plan_within_limits(&rig.platform, &first).await;
    assert_eq!(left, "", "{first}");

    let second = manifest(&seeds, true);
    assert_good(&rig.apply(&second).await, &second);
    let left = plan_within_limits(&rig.platform, &second).await;
    assert_eq!(left, "", "{first}\nthen\n{second}");

    assert_good(&rig.destroy(&second).await, &second);
    let rest = rig.plan_destroy(&second, &all_data()).await;
    assert!(rest.steps.is_empty());
    let again = rig.plan_with(&second, &Consent::default()).await;
    assert_eq!(count(&again, Action::Create), seeds.len());
}

/// An apply that ends before its time, by an interruption or a kill, and another one.
async fn survives(seeds: Vec<Seed>, request: usize, killed: bool) {
    let rig = with_secrets(&seeds);
    rig.up(&manifest(&seeds, false)).await;
    let yaml = manifest(&seeds, true);
    let plan = rig.plan_with(&yaml, &all_data()).await;
    let stop = rig.stop.clone();
    let then = Then::Do(Arc::new(move || stop.cancel()));
    rig.platform.at("", request..request + 1, then);
    let ended = rig.stop.clone();
    let run = rig.apply_plan(plan);
    if killed {
        tokio::select! { biased; () = ended.cancelled() => {} _ = run => {} }
    } else {
        run.await;
    }
    // What is being deleted is shown for a while.
    tokio::time::sleep(Duration::from_secs(60)).await;
    rig.platform.behave();
    let again = Rig::on(&rig.platform);
    let run = again.apply(&yaml).await;
    assert_good(&run, &yaml);
    // A service whose only instance was being replaced lists none, and then nothing is deleted
    // until there is one again.
    let lists_none = |(_, hold): (&Step, &Hold)| matches!(hold, Hold::Fenced(Fence::ListsNone(_)));
    if run.plan.held().any(lists_none) {
        assert_good(&again.apply(&yaml).await, &yaml);
    }
    let left = plan_within_limits(&rig.platform, &yaml).await;
    assert_eq!(left, "", "{yaml}");
}

fn on_a_paused_clock(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(test);
}

const CACHE_AND_ITS_USERS: &str = "
instances:
  cache: { service: valkey-io-valkey }
  listener:
    service: eyevinn-encore-callback-listener
    options: { RedisUrl: 'redis://${instances.cache.address}', EncoreUrl: 'https://e.example' }
  copy:
    service: eyevinn-live-encoding
    options: { InputUrl: '${instances.listener.options.RedisUrl}/1' }
outputs: { cache: '${instances.cache.address}' }
";

#[tokio::test(start_paused = true)]
async fn what_never_gets_a_port_is_reached_by_its_internal_address_and_stays_so() {
    let rig = Rig::new();
    rig.platform.always("/ports/cache", Then::json(200, "[]"));
    let run = rig.apply(CACHE_AND_ITS_USERS).await;
    assert_good(&run, CACHE_AND_ITS_USERS);
    let left = plan_within_limits(&rig.platform, CACHE_AND_ITS_USERS).await;
    assert_eq!(left, "");
    // A change of something else does not touch the address.
    let edited = CACHE_AND_ITS_USERS.replace("e.example", "f.example");
    assert_good(&rig.apply(&edited).await, &edited);
    let left = plan_within_limits(&rig.platform, &edited).await;
    assert_eq!(left, "");
    // A port that appears after all is followed, once.
    rig.platform.behave();
    let plan = rig.plan(&edited).await;
    assert_eq!(plan.steps.iter().filter(|step| step.runs()).count(), 2);
    assert_good(&rig.apply_plan(plan).await, &edited);
    assert_eq!(plan_within_limits(&rig.platform, &edited).await, "");
}

#[tokio::test(start_paused = true)]
async fn an_apply_right_after_an_interrupted_one_converges() {
    let rig = Rig::new();
    let stop = rig.stop.clone();
    let then = Then::Do(Arc::new(move || stop.cancel()));
    rig.platform.at("POST valkey", 0..1, then);
    assert!(rig.apply(CACHE_AND_ITS_USERS).await.outcome.interrupted);
    rig.platform.behave();
    let again = Rig::on(&rig.platform);
    let run = again.apply(CACHE_AND_ITS_USERS).await;
    assert_good(&run, CACHE_AND_ITS_USERS);
    let left = plan_within_limits(&rig.platform, CACHE_AND_ITS_USERS).await;
    assert_eq!(left, "");
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn an_apply_leaves_nothing_to_change_and_a_destroy_leaves_nothing(seeds in seeds()) {
        on_a_paused_clock(lives(seeds));
    }

    #[test]
    fn an_apply_that_ended_early_is_finished_by_the_next(
        seeds in seeds(),
        request in 0_usize..60,
        killed in any::<bool>(),
    ) {
        on_a_paused_clock(survives(seeds, request, killed));
    }
}
