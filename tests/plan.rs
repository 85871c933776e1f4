//! Reading a workspace and comparing a manifest with it.

#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "plan/fences.rs"]
mod fences;
#[path = "plan/ownership.rs"]
mod ownership;
mod rig;
#[path = "plan/secrets.rs"]
mod secrets;
#[path = "plan/suspension.rs"]
mod suspension;
#[path = "plan/tenant_plan.rs"]
mod tenant_plan;

use osc_apply::model::Address;
use osc_apply::osc::Class;
use osc_apply::plan::{Action, Consent, Fence, Hold, OutputValue, Plan, Step, outputs_now};
use rig::{Rig, Stack, Then, all_data, count, rendered};

const WORDPRESS: &str = "
instances:
  db:
    service: linuxserver-docker-mariadb
    options: { RootPassword: rootcanary, Database: wp, User: wp, Password: wpcanary }
  site:
    service: wordpress-wordpress
    options:
      DbHost: '${instances.db.ports[0].ip}:${instances.db.ports[0].port}'
      DbUser: wp
      DbPassword: wpcanary
      DbName: wp
outputs:
  site: '${instances.site.url}'
";

fn step<'p>(plan: &'p Plan, key: &str) -> &'p Step {
    let address = Address::instance(key);
    plan.steps
        .iter()
        .find(|step| step.address == address)
        .unwrap()
}

fn action(plan: &Plan, key: &str) -> (Action, Option<Hold>) {
    let step = step(plan, key);
    (step.action, step.held.clone())
}

// What is asked

#[tokio::test(start_paused = true)]
async fn a_plan_asks_for_each_thing_once_and_for_ports_on_reference_only() {
    let rig = Rig::new();
    rig.plan(WORDPRESS).await;
    let mut lines = rig.platform.lines();
    lines.sort();
    let always = [
        "GET catalog /mysubscriptions",
        "GET deploy /mysuspended",
        "GET deploy /mytenantsecrets/user.oscapply.test",
        "GET deploy /resourcetags",
        "GET money /mytenantplan",
    ];
    assert_eq!(lines, always);
    rig.up(WORDPRESS).await;
    let again = Rig::new();
    again.up(WORDPRESS).await;
    // A new session has no tokens yet.
    let fresh = Rig::on(&again.platform);
    fresh.plan(WORDPRESS).await;
    let mut lines = again.platform.lines();
    lines.sort();
    assert_eq!(
        lines,
        [
            "GET catalog /mysubscriptions",
            "GET deploy /mysuspended",
            "GET deploy /mytenantsecrets/user.oscapply.test",
            "GET deploy /resourcetags",
            "GET linuxserver-docker-mariadb /docker-mariadbinstance",
            "GET linuxserver-docker-mariadb /ports/db",
            "GET money /mytenantplan",
            "GET wordpress-wordpress /wordpressinstance",
            "POST token /servicetoken",
            "POST token /servicetoken",
        ]
    );
}

// What cannot be read

fn broken_lists() -> Vec<Then> {
    vec![
        Then::html(502),
        Then::html(401),
        Then::html(200),
        Then::json(200, r#"{"items":[]}"#),
        Then::json(200, "[{\"name\":"),
        Then::json(
            404,
            r#"{"statusCode":404,"error":"Not Found","message":"Route GET:/x not found"}"#,
        ),
        Then::reason(404, "gone"),
        Then::Answer(200, "application/json", String::new()),
        Then::Broken,
    ]
}

const TWO_CACHES_AND_A_PAGE: &str = "
instances:
  a: { service: valkey-io-valkey, options: { Password: one } }
  b: { service: valkey-io-valkey }
  page: { service: eyevinn-test-adserver }
";

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_makes_the_instances_of_that_service_unknown_and_no_others() {
    let rig = Rig::new();
    rig.up(TWO_CACHES_AND_A_PAGE).await;
    for broken in broken_lists() {
        rig.platform.behave();
        rig.platform
            .always("GET valkey-io-valkey /valkeyinstance", broken);
        let plan = rig.plan(TWO_CACHES_AND_A_PAGE).await;
        let unknown = (Action::Unknown, Some(Hold::Unreadable));
        assert_eq!(action(&plan, "a"), unknown);
        assert_eq!(action(&plan, "b"), unknown);
        assert_eq!(action(&plan, "page"), (Action::Keep, None));
        assert!(!plan.has_changes());
        assert!(
            step(&plan, "a")
                .explanation
                .reason
                .starts_with("could not be read: ")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn ports_that_cannot_be_read_make_their_instance_unknown_and_hold_its_dependants() {
    let rig = Rig::new();
    rig.up(WORDPRESS).await;
    rig.platform.always("/ports/db", Then::html(502));
    let plan = rig
        .plan(&WORDPRESS.replace("DbName: wp", "DbName: other"))
        .await;
    assert_eq!(
        action(&plan, "db"),
        (Action::Unknown, Some(Hold::Unreadable))
    );
    let held = Some(Hold::Needs(Address::instance("db")));
    assert_eq!(action(&plan, "site"), (Action::Replace, held));
    assert!(!plan.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_ends_the_reading_wherever_it_is_refused() {
    let signed_out = r#"{"code":"FST_ERR_FAILED_ERROR_SERIALIZATION","message":"x"}"#;
    for (line, then) in [
        ("GET catalog /mysubscriptions", Then::json(500, signed_out)),
        (
            "POST token /servicetoken",
            Then::reason(401, "Invalid token"),
        ),
        (
            "GET wordpress-wordpress /wordpressinstance",
            Then::reason(401, "Invalid token"),
        ),
        (
            "GET linuxserver-docker-mariadb /ports/db",
            Then::reason(401, "Invalid token"),
        ),
    ] {
        let rig = Rig::new();
        rig.up(WORDPRESS).await;
        rig.platform.always(line, then);
        let live = Rig::on(&rig.platform).live(&Stack::of(WORDPRESS)).await;
        assert_eq!(live.unwrap_err().class, Class::SignedOut, "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_without_a_ports_route_has_no_ports() {
    let rig = Rig::new();
    let yaml = "
instances:
  a: { service: valkey-io-valkey }
outputs: { a: '${instances.a.address}' }
";
    rig.up(yaml).await;
    rig.platform
        .always("/ports/a", Then::Answer(501, "text/plain", "no".to_owned()));
    let plan = rig.plan(yaml).await;
    assert_eq!(action(&plan, "a"), (Action::Keep, None));
    let OutputValue::Known(address) = &plan.outputs[0].value else {
        panic!("unknown")
    };
    assert_eq!(
        address.shown(),
        Some("sandbox-a.valkey-io-valkey.svc.cluster.local:6379")
    );
}

// The cells of the table

#[tokio::test(start_paused = true)]
async fn what_is_absent_is_created_with_all_its_options() {
    let plan = Rig::new().plan(WORDPRESS).await;
    assert_eq!(action(&plan, "db"), (Action::Create, None));
    let fields = &step(&plan, "db").explanation.fields;
    let names: Vec<&str> = fields.iter().map(|field| field.option.as_str()).collect();
    assert_eq!(names, ["RootPassword", "Database", "User", "Password"]);
    assert_eq!(plan.steps[0].action, Action::Subscribe);
    assert!(step(&plan, "db").needs.contains(&Address::subscriptions()));
}

#[tokio::test(start_paused = true)]
async fn a_difference_is_an_update_where_the_instance_offers_one_and_a_replacement_elsewhere() {
    let rig = Rig::new();
    rig.up(WORDPRESS).await;
    let changed = WORDPRESS
        .replace("User: wp\n", "User: other\n")
        .replace("Database: wp", "Database: two");
    let plan = rig.plan_with(&changed, &all_data()).await;
    assert_eq!(action(&plan, "db"), (Action::Update, None));
    assert_eq!(action(&plan, "site"), (Action::Replace, None));
    let db = &step(&plan, "db").explanation;
    assert!(db.restarts && !db.loses_data);
    assert_eq!((db.fields.len(), db.equal), (1, 3));
    let site = &step(&plan, "site").explanation;
    assert!(site.loses_data);
}

#[tokio::test(start_paused = true)]
async fn a_channel_whose_update_link_leads_nowhere_is_replaced() {
    let rig = Rig::new();
    let yaml = "
instances:
  tv:
    service: channel-engine
    options: { type: Loop, url: 'https://example.com/a.mp4', opts: { langList: [en, sv] } }
";
    rig.up(yaml).await;
    assert!(!rig.plan(yaml).await.has_changes());
    let changed = yaml.replace("[en, sv]", "[sv, en]");
    let plan = rig.plan(&changed).await;
    assert_eq!(
        action(&plan, "tv"),
        (Action::Replace, Some(Hold::LosesData))
    );
    rig.apply(&changed).await.assert_good();
    assert!(!rig.plan(&changed).await.has_changes());
}

// Values

async fn is_same(before: &str, after: &str) -> bool {
    let rig = Rig::new();
    rig.platform
        .keep_secret("eyevinn-live-encoding", "key", "a-key");
    let yaml = |options: &str| {
        format!("instances:\n  a:\n    service: eyevinn-live-encoding\n    options: {options}\n")
    };
    rig.up(&yaml(before)).await;
    !rig.plan(&yaml(after)).await.has_changes()
}

#[tokio::test(start_paused = true)]
async fn what_the_platform_does_to_values_is_no_difference() {
    for (before, after) in [
        ("{ HlsOnly: false }", "{ HlsOnly: false }"),
        ("{ }", "{ HlsOnly: true }"),
        ("{ HlsOnly: true }", "{ HlsOnly: null }"),
        (
            "{ OutputUrl: 'https://a.example/' }",
            "{ OutputUrl: 'https://a.example' }",
        ),
        (
            "{ StreamKey: '{{secrets.key}}' }",
            "{ StreamKey: ' {{secrets.key}} ' }",
        ),
        ("{ Ladder: '' }", "{ Ladder: null }"),
        ("{ }", "{ Ladder: '' }"),
        ("{ Ladder: abc }", "{ }"),
    ] {
        assert!(is_same(before, after).await, "{before} {after}");
    }
    for (before, after) in [
        ("{ HlsOnly: false }", "{ HlsOnly: null }"),
        ("{ Ladder: abc }", "{ Ladder: null }"),
        ("{ Ladder: abc }", "{ Ladder: '' }"),
        ("{ Ladder: 'a,b' }", "{ Ladder: 'b,a' }"),
        ("{ Ladder: a }", "{ Ladder: a/ }"),
    ] {
        assert!(!is_same(before, after).await, "{before} {after}");
    }
}

#[tokio::test(start_paused = true)]
async fn options_somebody_else_has_set_are_listed_and_left_alone() {
    let rig = Rig::new();
    let yaml = |options: &str| {
        format!("instances:\n  a:\n    service: eyevinn-live-encoding\n    options: {options}\n")
    };
    rig.up(&yaml("{ Ladder: abc, HlsOnly: true, Framerate: '25' }"))
        .await;
    let plan = rig.plan(&yaml("{ Framerate: '25' }")).await;
    assert_eq!(action(&plan, "a"), (Action::Keep, None));
    assert_eq!(step(&plan, "a").explanation.unmanaged, ["Ladder"]);
    let cleared = yaml("{ Ladder: null, Framerate: '25' }");
    rig.apply(&cleared).await.assert_good();
    let plan = rig.plan(&cleared).await;
    assert_eq!(action(&plan, "a"), (Action::Keep, None));
    assert!(step(&plan, "a").explanation.unmanaged.is_empty());
}

#[tokio::test(start_paused = true)]
async fn nothing_sensitive_of_either_side_is_ever_shown() {
    let rig = Rig::new();
    rig.up(WORDPRESS).await;
    let changed = WORDPRESS
        .replace("rootcanary", "newrootcanary")
        .replace("DbName: wp", "DbName: 'mysql://u:urlcanary@h/d'");
    let plan = rig.plan(&changed).await;
    let shown = rendered(&plan);
    assert!(!shown.contains("canary"), "{shown}");
    let site = &step(&plan, "site").explanation.fields[0];
    assert!(site.before.as_ref().unwrap().is_sensitive());
    let created = rendered(&Rig::new().plan(&changed).await);
    assert!(!created.contains("canary"), "{created}");
}

// Known after apply

const CHAIN: &str = "
instances:
  cache: { service: valkey-io-valkey, options: { Password: one } }
  listener:
    service: eyevinn-encore-callback-listener
    options: { RedisUrl: 'redis://${instances.cache.address}', EncoreUrl: 'https://e.example' }
  transfer:
    service: eyevinn-encore-callback-listener
    options: { RedisUrl: '${instances.listener.options.RedisUrl}/1', EncoreUrl: 'https://e.example' }
";

#[tokio::test(start_paused = true)]
async fn a_value_made_of_another_that_is_known_after_apply_gets_there_in_the_same_run() {
    let rig = Rig::new();
    let run = rig.apply(CHAIN).await;
    run.assert_good();
    let listener = rig
        .platform
        .first("POST eyevinn-encore-callback-listener")
        .body;
    assert!(listener.contains("redis://198.51") || listener.contains("redis://203.0"));
    assert!(!rig.plan(CHAIN).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn ports_that_have_not_appeared_yet_are_known_after_apply() {
    let rig = Rig::new();
    rig.platform
        .subscribe(&["linuxserver-docker-mariadb", "wordpress-wordpress"]);
    rig.platform.somebody_else(
        "POST https://api-linuxserver-docker-mariadb.auto.prod-se.osaas.io/docker-mariadbinstance",
        r#"{"name":"db","RootPassword":"rootcanary","Database":"wp","User":"wp","Password":"wpcanary"}"#,
    );
    let yaml = format!("{WORDPRESS}  ip: '${{instances.db.ports[0].ip}}'\n");
    rig.adopt(&yaml, &["db"]).await;
    let plan = rig.plan(&yaml).await;
    assert_eq!(action(&plan, "db"), (Action::Keep, None));
    assert_eq!(action(&plan, "site"), (Action::Create, None));
    assert_eq!(plan.outputs[1].value, OutputValue::Unknown);
    let run = rig.apply_plan(plan).await;
    run.assert_good();
    let outputs = run.plan.outputs_with(&run.outcome.scope);
    assert!(
        outputs
            .iter()
            .all(|(_, value)| *value != OutputValue::Unknown)
    );
    assert!(!rig.plan(&yaml).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn an_address_is_known_after_apply_while_a_port_may_still_appear() {
    let rig = Rig::new();
    rig.platform.subscribe(&["valkey-io-valkey"]);
    rig.platform.somebody_else(
        "POST https://api-valkey-io-valkey.auto.prod-se.osaas.io/valkeyinstance",
        r#"{"name":"cache","Password":"one"}"#,
    );
    rig.adopt(CHAIN, &["cache"]).await;
    let run = rig.apply(CHAIN).await;
    run.assert_good();
    let listener = rig
        .platform
        .first("POST eyevinn-encore-callback-listener")
        .body;
    assert!(!listener.contains("cluster.local"), "{listener}");
    assert!(!rig.plan(CHAIN).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_address_of_a_service_without_a_known_port_gets_it() {
    let rig = Rig::new();
    rig.platform.subscribe(&["atmoz-sftp"]);
    rig.platform.somebody_else(
        "POST https://api-atmoz-sftp.auto.prod-se.osaas.io/sftpinstance",
        r#"{"name":"files","Username":"u","Password":"p"}"#,
    );
    let yaml = "
instances:
  files: { service: atmoz-sftp, options: { Username: u, Password: p } }
  user: { service: eyevinn-live-encoding, options: { InputUrl: 'sftp://${instances.files.address}' } }
";
    rig.adopt(yaml, &["files"]).await;
    let run = rig.apply(yaml).await;
    run.assert_good();
    assert_eq!(count(&run.plan, Action::Create), 1);
    assert!(!rig.plan(yaml).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn an_output_that_comes_to_a_list_is_a_finding() {
    let rig = Rig::new();
    let yaml = format!("{CHAIN}outputs:\n  all: '${{instances.cache.address | list}}'\n");
    rig.up(CHAIN).await;
    let found = rig
        .try_plan(&yaml, &Consent::default())
        .await
        .err()
        .unwrap();
    let found = format!("{found:?}");
    assert!(found.contains("an output must be text"), "{found}");
}

#[tokio::test(start_paused = true)]
async fn a_short_or_open_value_found_in_another_is_a_coincidence() {
    let rig = Rig::new();
    let yaml = "
instances:
  storage:
    service: wordpress-wordpress
    options: { DbHost: a, DbUser: u, DbPassword: one }
  user:
    service: eyevinn-live-encoding
    options: { InputUrl: '${instances.storage.url}/a', StreamKey: 'at-one', Ladder: l }
";
    rig.up(yaml).await;
    let edited = yaml
        .replace("DbHost: a", "DbHost: database")
        .replace("DbPassword: one", "DbPassword: two")
        .replace("Ladder: l", "Ladder: database")
        .replace("at-one", "at-two");
    let plan = rig.plan(&edited).await;
    let held = Some(Hold::LosesData);
    assert_eq!(action(&plan, "storage"), (Action::Replace, held));
    assert_eq!(action(&plan, "user"), (Action::Update, None));
}

#[tokio::test(start_paused = true)]
async fn outputs_can_be_asked_for_before_during_and_after() {
    let rig = Rig::new();
    let yaml = format!("{CHAIN}outputs:\n  redis: '${{instances.transfer.options.RedisUrl}}'\n");
    let stack = Stack::of(&yaml);
    let now = async |rig: &Rig| {
        let live = rig.live(&stack).await.unwrap();
        outputs_now(&stack.desired, &live, &stack.sources).unwrap()
    };
    assert_eq!(
        now(&rig).await,
        [("redis".to_owned(), OutputValue::Unknown)]
    );
    let run = rig.apply(&yaml).await;
    let after = run.plan.outputs_with(&run.outcome.scope);
    assert_ne!(after[0].1, OutputValue::Unknown);
    assert_eq!(now(&rig).await, after);
}

#[tokio::test(start_paused = true)]
async fn who_refers_to_the_url_of_something_replaced_stays_as_it_is() {
    let rig = Rig::new();
    let yaml = "
instances:
  hls: { service: eyevinn-qr-generator, options: { GotoUrl: 'https://a.example' } }
  page: { service: eyevinn-qr-generator, options: { GotoUrl: '${instances.hls.url}' } }
";
    rig.up(yaml).await;
    let plan = rig.plan(&yaml.replace("a.example", "b.example")).await;
    assert_eq!(action(&plan, "hls").0, Action::Replace);
    // Its URL follows from its name, so that nobody else has to change.
    assert_eq!(action(&plan, "page").0, Action::Keep);
}

// The data rule

#[tokio::test(start_paused = true)]
async fn what_keeps_data_is_replaced_with_consent_only() {
    let rig = Rig::new();
    rig.up(WORDPRESS).await;
    let changed = WORDPRESS.replace("DbName: wp", "DbName: two");
    let plan = rig.plan(&changed).await;
    assert_eq!(
        action(&plan, "site"),
        (Action::Replace, Some(Hold::LosesData))
    );
    assert!(!plan.has_changes());
    let one = Consent {
        discard: ["instances.site".to_owned()].into(),
        ..Consent::default()
    };
    let plan = rig.plan_with(&changed, &one).await;
    assert_eq!(action(&plan, "site"), (Action::Replace, None));
    let careless = changed.replace(
        "service: wordpress-wordpress",
        "service: wordpress-wordpress\n    data: none",
    );
    assert_eq!(
        action(&rig.plan(&careless).await, "site"),
        (Action::Replace, None)
    );
    let protected = changed.replace(
        "service: wordpress-wordpress",
        "service: wordpress-wordpress\n    protect: true",
    );
    let plan = rig.plan_with(&protected, &all_data()).await;
    assert_eq!(
        action(&plan, "site"),
        (Action::Replace, Some(Hold::Protected))
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_holds_no_data_is_replaced_without_asking() {
    let rig = Rig::new();
    let yaml = "instances: { e: { service: encore, options: { s3Region: a } } }";
    rig.up(yaml).await;
    let plan = rig.plan(&yaml.replace("s3Region: a", "s3Region: b")).await;
    assert_eq!(action(&plan, "e"), (Action::Replace, None));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_a_held_instance_shares_with_a_dependant_changes_on_neither_side() {
    let rig = Rig::new();
    let yaml = "
variables: { word: { default: firstword } }
instances:
  storage:
    service: wordpress-wordpress
    options: { DbHost: h, DbUser: u, DbPassword: '${variables.word}' }
  user:
    service: eyevinn-live-encoding
    options: { InputUrl: '${instances.storage.url}', StreamKey: '${variables.word}', Ladder: a }
";
    rig.up(yaml).await;
    let plan = rig.plan(&yaml.replace("firstword", "secondword")).await;
    assert_eq!(
        action(&plan, "storage"),
        (Action::Replace, Some(Hold::LosesData))
    );
    let held = Some(Hold::Needs(Address::instance("storage")));
    assert_eq!(action(&plan, "user"), (Action::Update, held));
    // What has nothing to do with it goes on.
    let plan = rig
        .plan(
            &yaml
                .replace("DbUser: u", "DbUser: v")
                .replace("Ladder: a", "Ladder: b"),
        )
        .await;
    assert_eq!(action(&plan, "user"), (Action::Update, None));
}

// The order of things

#[tokio::test(start_paused = true)]
async fn the_same_answers_give_the_same_plan() {
    let rig = Rig::new();
    rig.up(WORDPRESS).await;
    let yaml = format!(
        "{}{}",
        WORDPRESS
            .replace("wpcanary", "other")
            .replace("outputs:\n  site: '${instances.site.url}'\n", ""),
        CHAIN.replace("\ninstances:", "")
    );
    let first = rendered(&rig.plan(&yaml).await);
    for _ in 0..9 {
        assert_eq!(rendered(&Rig::on(&rig.platform).plan(&yaml).await), first);
    }
}

#[tokio::test(start_paused = true)]
async fn a_destroy_deletes_dependants_first_and_keeps_what_holds_data() {
    let rig = Rig::new();
    let yaml = format!("{CHAIN}  page: {{ service: eyevinn-test-adserver, protect: true }}\n");
    rig.up(&yaml).await;
    let plan = rig.plan_destroy(&yaml, &Consent::default()).await;
    let order: Vec<&str> = plan
        .steps
        .iter()
        .map(|step| step.address.as_str())
        .collect();
    let at = |key| order.iter().position(|address| *address == key).unwrap();
    assert!(at("instances.transfer") < at("instances.listener"));
    assert!(at("instances.listener") < at("instances.cache"));
    assert_eq!(
        step(&plan, "listener").needs,
        [Address::instance("transfer")]
    );
    assert_eq!(
        action(&plan, "cache"),
        (Action::Delete, Some(Hold::LosesData))
    );
    assert_eq!(
        action(&plan, "page"),
        (Action::Delete, Some(Hold::Protected))
    );
}

#[tokio::test(start_paused = true)]
async fn a_destroy_keeps_everything_that_something_unreadable_may_need() {
    let rig = Rig::new();
    let yaml = "
instances:
  a: { service: valkey-io-valkey }
  b: { service: encore, options: { s3Endpoint: '${instances.a.url}' } }
  c: { service: eyevinn-live-encoding, options: { InputUrl: '${instances.b.url}' } }
  d: { service: eyevinn-test-adserver }
";
    rig.up(yaml).await;
    rig.platform.always(
        "GET eyevinn-live-encoding /live-encodinginstance",
        Then::html(502),
    );
    let plan = rig.plan_destroy(yaml, &all_data()).await;
    assert_eq!(
        action(&plan, "c"),
        (Action::Unknown, Some(Hold::Unreadable))
    );
    let needed = Some(Hold::NeededBy(Address::instance("c")));
    assert_eq!(action(&plan, "b"), (Action::Delete, needed.clone()));
    assert_eq!(action(&plan, "a"), (Action::Delete, needed));
    let (deletes, held) = action(&plan, "d");
    assert_eq!(deletes, Action::Delete);
    // A run that does not know everything deletes nothing.
    let unread = matches!(held, Some(Hold::Fenced(Fence::Unread(_))));
    assert!(unread, "{held:?}");
}
