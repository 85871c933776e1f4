use osc_apply::apply::Fate;
use osc_apply::osc::Class;
use osc_apply::plan::Action;

use crate::rig::{Rig, Then, count};
use crate::{CACHE, HEALTHY, applied, changed};

/// What was asked of the service, polls of health left out.
fn asked(rig: &Rig) -> Vec<String> {
    let lines = rig.platform.lines_of_instances().into_iter();
    lines
        .filter(|line| line.contains("valkey") && !line.contains("/health/"))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_change_costs_a_read_the_change_and_a_read_back() {
    let rig = Rig::new();
    let plan = rig.plan(HEALTHY).await;
    rig.platform.take_seen();
    rig.apply_plan(plan).await.assert_good();
    let member = "GET valkey-io-valkey /valkeyinstance/a";
    let create = "POST valkey-io-valkey /valkeyinstance";
    assert_eq!(asked(&rig), [member, create, member]);
    let plan = rig.plan(&HEALTHY.replace("one", "two")).await;
    rig.platform.take_seen();
    rig.apply_plan(plan).await.assert_good();
    let update = "PATCH valkey-io-valkey /valkeyinstance/a";
    assert_eq!(asked(&rig), [member, update, member]);
}

#[tokio::test(start_paused = true)]
async fn a_value_that_the_platform_does_not_keep_is_a_failure() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    rig.platform
        .always("PATCH", Then::json(200, r#"{"name":"a"}"#));
    let run = rig.apply(&changed()).await;
    let message = &run.failure("a").message;
    assert_eq!(
        message,
        "updated, but the platform did not keep the value of `Password`"
    );
    assert!(matches!(run.fate("a"), Fate::NotReady(_)));
}

#[tokio::test(start_paused = true)]
async fn an_update_behind_an_error_of_the_gateway_is_found_by_a_read() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    rig.platform.always("PATCH", Then::lost(504));
    rig.apply(&changed()).await.assert_good();
    rig.platform.behave();
    rig.platform.always("PATCH", Then::html(504));
    let run = rig.apply(CACHE).await;
    assert_eq!(run.failure("a").class, Some(Class::Transient));
    // Twice six attempts: of an update twice is as good as once.
    assert_eq!(rig.platform.count("PATCH"), 12);
}

#[tokio::test(start_paused = true)]
async fn an_update_that_the_service_turns_out_not_to_have_says_what_to_do() {
    let rig = Rig::new();
    rig.up(CACHE).await;
    let route = r#"{"statusCode":404,"error":"Not Found","message":"Route PATCH:/x not found"}"#;
    rig.platform.always("PATCH", Then::json(404, route));
    let run = rig.apply(&changed()).await;
    assert_eq!(run.failure("a").class, Some(Class::Unsupported));
    assert!(run.failure("a").hint.as_ref().unwrap().contains("delete"));
}

#[tokio::test(start_paused = true)]
async fn an_update_clears_only_what_is_set() {
    let rig = Rig::new();
    let yaml = |options: &str| {
        format!("instances: {{ a: {{ service: eyevinn-live-encoding, options: {options} }} }}")
    };
    rig.up(&yaml("{ Ladder: abc, Framerate: '25' }")).await;
    let cleared = yaml("{ Ladder: null, Framerate: '30', RateControl: null }");
    rig.apply(&cleared).await.assert_good();
    let body = rig.platform.first("PATCH").body;
    assert_eq!(body, r#"{"Framerate":"30","Ladder":""}"#);
    assert!(!rig.plan(&cleared).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_read_back_that_misses_the_instance_for_a_moment_is_no_failure() {
    let rig = Rig::new();
    let read_back = "GET valkey-io-valkey /valkeyinstance/a";
    rig.platform
        .at(read_back, 1..3, Then::reason(404, "Instance not found"));
    rig.apply(CACHE).await.assert_good();
    rig.platform.behave();
    rig.platform
        .at(read_back, 1..99, Then::reason(404, "Instance not found"));
    let run = rig.apply(&changed()).await;
    assert!(run.failure("a").message.contains("not there any more"));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_turns_out_equal_changes_nothing_and_is_still_waited_for() {
    let rig = Rig::new();
    let yaml = "
instances:
  db: { service: linuxserver-docker-mariadb, options: { RootPassword: x } }
  user: { service: eyevinn-live-encoding, options: { InputUrl: 'http://${instances.db.ports[0].ip}' } }
  next: { service: encore, options: { s3Endpoint: '${instances.user.url}' } }
";
    rig.up(yaml).await;
    // Its ports are missing while planning, and the same as before afterwards.
    rig.platform.at("/ports/db", 0..1, Then::json(200, "[]"));
    let plan = rig
        .plan(&yaml.replace("${instances.user.url}", "${instances.user.url}/x"))
        .await;
    assert_eq!(count(&plan, Action::Update), 1);
    assert_eq!(count(&plan, Action::Replace), 1);
    rig.platform.take_seen();
    let run = rig.apply_plan(plan).await;
    assert!(matches!(run.fate("user"), Fate::AlreadySo));
    assert_eq!(rig.platform.count("PATCH"), 0);
    assert_eq!(rig.platform.count("/health/user"), 1);
    assert!(applied(run.fate("next")));
}
