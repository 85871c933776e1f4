//! Marks on instances: written before there is one, proved after, taken off when it is gone.

use std::sync::Arc;

use osc_apply::apply::Fate;
use osc_apply::model::Address;
use osc_apply::plan::{Action, Consent, Plan};
use osc_apply::sandbox::{Cut, Quirks, Rules};
use tokio_util::sync::CancellationToken;

use crate::rig::{Platform, Rig, Run, Seen, Taken, Then, all_data, count};
use crate::{SECOND, applied};

const PAGE: &str = "
instances:
  page: { service: eyevinn-qr-generator, name: code, options: { GotoUrl: 'https://a.example' } }
";
const STORE: &str = "instances: { store: { service: minio-minio, options: { RootUser: one } } }";
const OTHER: &str = "instances: { other: { service: eyevinn-test-adserver } }";
const QR: &str = "eyevinn-qr-generator";
const COLLECTION: &str =
    "https://api-eyevinn-qr-generator.auto.prod-se.osaas.io/qr-generatorinstance";
const CREATE: &str = "POST eyevinn-qr-generator /qr-generatorinstance";
const TAG: &str = "PUT deploy /resourcetags/instance/eyevinn-qr-generator/code";
const TAGS: &str = "GET deploy /resourcetags";

fn changed() -> String {
    PAGE.replace("a.example", "b.example")
}

fn tags(rig: &Rig) -> Vec<String> {
    rig.platform.tags_of(QR, "code")
}

fn is_proved(tags: &[String]) -> bool {
    let is_proof = |tag: &&String| {
        let digest = tag.strip_prefix("osc-apply:own1:");
        digest.is_some_and(|digest| digest.len() == 32)
    };
    let of_test = |tag: &&String| *tag == "osc-apply:test";
    tags.iter().filter(is_proof).count() == 1 && tags.iter().filter(of_test).count() == 1
}

fn marks(tags: &[String]) -> usize {
    let ours = tags.iter().filter(|tag| tag.starts_with("osc-apply:"));
    ours.count()
}

fn is_stale(fate: &Fate) -> bool {
    matches!(fate, Fate::Stale(_))
}

/// Somebody else sets tags right before the requests of these turns that contain this.
fn somebody_tags(rig: &Rig, line: &str, turns: std::ops::Range<usize>, tags: &'static [&str]) {
    let platform: Arc<Platform> = rig.platform.clone();
    let tagging = Then::Do(Arc::new(move || platform.set_tags(QR, "code", tags)));
    rig.platform.at(line, turns, tagging);
}

fn place(seen: &[Seen], part: &str) -> usize {
    let found = seen.iter().position(|it| it.line.contains(part));
    found.unwrap_or_else(|| panic!("nobody asked {part}"))
}

fn made_by_somebody_else(rig: &Rig, goto: &str) {
    rig.platform.subscribe(&[QR]);
    let body = format!(r#"{{"name":"code","GotoUrl":"{goto}"}}"#);
    rig.platform
        .somebody_else(&format!("POST {COLLECTION}"), &body);
}

async fn deleted_by_somebody_else(rig: &Rig) {
    rig.platform
        .somebody_else(&format!("DELETE {COLLECTION}/code"), "");
    tokio::time::sleep(60 * SECOND).await;
}

fn undeclared<'r>(run: &'r Run, address: &str) -> &'r Fate {
    let mut results = run.outcome.results.iter();
    &results
        .find(|it| it.address.as_str() == address)
        .unwrap()
        .fate
}

async fn prune_plan(rig: &Rig, yaml: &str, deletes: usize) -> Plan {
    let consent = Consent {
        deletes: Some(deletes),
        ..all_data()
    };
    rig.plan_with(yaml, &consent).await
}

// Before and after

#[tokio::test(start_paused = true)]
async fn an_instance_is_marked_before_it_is_made_and_proved_once_it_is_read_back() {
    let rig = Rig::new();
    rig.platform
        .set_tags(QR, "code", &["team:video", "Keep me"]);
    let plan = rig.plan(PAGE).await;
    rig.platform.take_seen();
    rig.apply_plan(plan).await.assert_good();
    let seen = rig.platform.take_seen();
    let (first, create) = (place(&seen, TAG), place(&seen, CREATE));
    assert!(first < create);
    assert!(seen[first].body.contains("osc-apply:own1:pending"));
    let proof = seen
        .iter()
        .rposition(|it| it.line.starts_with(TAG))
        .unwrap();
    let read = seen
        .iter()
        .rposition(|it| it.line.contains("/qr-generatorinstance/code"));
    assert!(read.unwrap() < proof && create < proof);
    let tags = tags(&rig);
    assert!(is_proved(&tags) && marks(&tags) == 2, "{tags:?}");
    for foreign in ["team:video", "Keep me"] {
        assert!(tags.iter().any(|tag| tag == foreign), "{tags:?}");
    }
    assert!(!rig.plan(PAGE).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn every_change_is_proved_anew() {
    let rig = Rig::new();
    rig.up(STORE).await;
    let before = rig.platform.tags_of("minio-minio", "store");
    rig.up(&STORE.replace("one", "two")).await;
    let after = rig.platform.tags_of("minio-minio", "store");
    assert!(is_proved(&before) && is_proved(&after));
    assert_ne!(before, after);
    rig.up(STORE).await;
    assert_eq!(rig.platform.tags_of("minio-minio", "store"), before);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_marks_only_changes_nothing_else() {
    let rig = Rig::new();
    rig.up(PAGE).await;
    let proved = tags(&rig);
    rig.platform.set_tags(
        QR,
        "code",
        &["osc-apply:test", "osc-apply:own1:pending", "x"],
    );
    let run = rig.apply(PAGE).await;
    assert!(applied(run.fate("page")));
    let changes = rig.platform.lines_of_instances();
    assert!(
        changes.iter().all(|line| line.starts_with("GET ")),
        "{changes:?}"
    );
    let tags = tags(&rig);
    assert_eq!(tags.len(), 3);
    assert!(proved.iter().all(|tag| tags.contains(tag)), "{tags:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_ready_in_time_is_marked_all_the_same() {
    let rig = Rig::new();
    rig.platform.always("/health/code", Then::health("failed"));
    let run = rig.apply(PAGE).await;
    assert!(matches!(run.fate("page"), Fate::NotReady(_)));
    assert!(is_proved(&tags(&rig)));
    // So that who gives it up can have it deleted.
    let plan = prune_plan(&rig, OTHER, 1).await;
    assert_eq!(count(&plan, Action::Delete), 1);
}

#[tokio::test(start_paused = true)]
async fn a_protection_is_remembered_and_forgotten() {
    let rig = Rig::new();
    let protected = PAGE.replace("name: code,", "name: code, protect: true,");
    rig.up(&protected).await;
    let remembered = "osc-apply:protect:1".to_owned();
    assert!(tags(&rig).contains(&remembered));
    rig.apply_plan(prune_plan(&rig, OTHER, 1).await)
        .await
        .assert_good();
    assert_eq!(marks(&tags(&rig)), 3, "it is still there");
    rig.up(PAGE).await;
    assert!(!tags(&rig).contains(&remembered));
    rig.apply_plan(prune_plan(&rig, OTHER, 1).await)
        .await
        .assert_good();
    assert_eq!(marks(&tags(&rig)), 0);
}

// Others who write tags

#[tokio::test(start_paused = true)]
async fn tags_that_somebody_writes_at_the_same_time_are_kept_and_ours_too() {
    let rig = Rig::new();
    // Right after ours were written, by somebody who has not seen them.
    somebody_tags(&rig, TAGS, 2..3, &["theirs"]);
    let run = rig.apply(PAGE).await;
    run.assert_good();
    let tags = tags(&rig);
    let kept = tags.iter().any(|tag| tag == "theirs");
    assert!(is_proved(&tags) && kept, "{tags:?}");
}

#[tokio::test(start_paused = true)]
async fn tags_that_do_not_stay_are_a_failure_before_anything_is_made() {
    let rig = Rig::new();
    somebody_tags(&rig, TAGS, 1..99, &["theirs"]);
    let run = rig.apply(PAGE).await;
    let failure = run.failure("page");
    assert!(
        failure.message.contains("its tags cannot be set"),
        "{failure:?}"
    );
    assert!(!failure.sent);
    assert_eq!(rig.platform.count(CREATE), 0);
    rig.platform.behave();
    rig.apply(PAGE).await.assert_good();
}

#[tokio::test(start_paused = true)]
async fn where_our_tags_do_not_fit_nothing_is_made() {
    for (foreign, fits) in [(18, true), (19, false), (20, false)] {
        let rig = Rig::new();
        let all: Vec<String> = (0..foreign).map(|at| format!("t{at}")).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        rig.platform.set_tags(QR, "code", &all);
        let run = rig.apply(PAGE).await;
        assert_eq!(applied(run.fate("page")), fits);
        assert_eq!(rig.platform.count(CREATE), usize::from(fits));
        if !fits {
            let failure = run.failure("page");
            assert!(failure.message.contains("do not fit"), "{failure:?}");
            assert!(failure.hint.as_ref().unwrap().contains("remove some"));
            assert_eq!(tags(&rig).len(), foreign);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_cannot_be_marked_is_marked_by_the_next_run() {
    let rig = Rig::new();
    rig.platform.at(TAG, 1..99, Then::reason(500, "kaboom"));
    let run = rig.apply(PAGE).await;
    let failure = run.failure("page");
    let told = "created, but it could not be marked as this stack's";
    assert!(
        failure.message.starts_with(told) && failure.sent,
        "{failure:?}"
    );
    rig.platform.behave();
    let run = rig.apply(PAGE).await;
    assert_eq!(count(&run.plan, Action::Mark), 1);
    assert!(applied(run.fate("page")) && is_proved(&tags(&rig)));
    assert_eq!(rig.platform.count(CREATE), 1);
}

// After the plan

#[tokio::test(start_paused = true)]
async fn tags_that_have_changed_since_the_plan_stop_whatever_was_planned() {
    let pending = ["osc-apply:test", "osc-apply:own1:pending"];
    for theirs in [&["osc-apply:shop"][..], &[], &pending] {
        let rig = Rig::new();
        let store = "  store: { service: minio-minio, options: { RootUser: one } }\n";
        rig.up(&format!("{PAGE}{store}")).await;
        let plans = [
            ("instances.page", rig.plan(&changed()).await),
            (
                "eyevinn-qr-generator/code",
                prune_plan(&rig, OTHER, 2).await,
            ),
            (
                "instances.store",
                rig.plan(&STORE.replace("one", "two")).await,
            ),
        ];
        rig.platform.set_tags(QR, "code", theirs);
        rig.platform.set_tags("minio-minio", "store", theirs);
        let before = rig.platform.snapshot();
        for (address, plan) in plans {
            let run = rig.apply_plan(plan).await;
            let fate = undeclared(&run, address);
            assert!(is_stale(fate), "{address} {theirs:?}: {fate:?}");
        }
        let after = rig.platform.snapshot();
        for (service, name) in [(QR, "code"), ("minio-minio", "store")] {
            let id = (service.to_owned(), name.to_owned());
            assert_eq!(before.get(&id), after.get(&id));
        }
        assert_eq!(tags(&rig), theirs);
    }
}

#[tokio::test(start_paused = true)]
async fn a_mark_and_an_adoption_stop_where_the_tags_have_changed() {
    let rig = Rig::new();
    made_by_somebody_else(&rig, "https://a.example");
    let adoption = rig.plan_adopt(PAGE, &["page"], None).await.unwrap();
    rig.platform.set_tags(QR, "code", &["osc-apply:shop"]);
    let run = rig.apply_plan(adoption).await;
    assert!(is_stale(run.fate("page")));
    assert_eq!(tags(&rig), ["osc-apply:shop"]);
    rig.platform
        .set_tags(QR, "code", &["osc-apply:test", "osc-apply:own1:pending"]);
    let mark = rig.plan(PAGE).await;
    rig.platform.set_tags(QR, "code", &["osc-apply:shop"]);
    let run = rig.apply_plan(mark).await;
    assert!(is_stale(run.fate("page")));
    assert_eq!(tags(&rig), ["osc-apply:shop"]);
}

#[tokio::test(start_paused = true)]
async fn what_another_stack_marks_meanwhile_stays_theirs() {
    // A name that is free, just before ours is announced.
    let rig = Rig::new();
    let plan = rig.plan(PAGE).await;
    rig.platform.set_tags(QR, "code", &["osc-apply:shop"]);
    let run = rig.apply_plan(plan).await;
    let failure = run.failure("page");
    assert!(failure.message.contains("the stack `shop`"), "{failure:?}");
    assert_eq!(rig.platform.count(CREATE), 0);
    assert_eq!(tags(&rig), ["osc-apply:shop"]);
    // The name of something that is being deleted.
    rig.platform.set_tags(QR, "code", &[]);
    rig.up(PAGE).await;
    let plan = prune_plan(&rig, OTHER, 1).await;
    somebody_tags(
        &rig,
        "DELETE eyevinn-qr-generator",
        0..1,
        &["osc-apply:shop"],
    );
    rig.apply_plan(plan).await.assert_good();
    assert_eq!(
        tags(&rig),
        ["osc-apply:shop"],
        "it is about to make one of that name"
    );
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_makes_after_the_plan_does_not_get_our_marks() {
    for goto in ["https://a.example", "https://theirs.example"] {
        for foreign in [&[][..], &["team"]] {
            let rig = Rig::new();
            rig.platform.set_tags(QR, "code", foreign);
            let plan = rig.plan(PAGE).await;
            made_by_somebody_else(&rig, goto);
            let run = rig.apply_plan(plan).await;
            assert!(is_stale(run.fate("page")), "{:?}", run.fate("page"));
            assert_eq!(tags(&rig), foreign);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_the_name_and_was_not_shown_is_taken_only_if_the_name_was_ours() {
    let rig = Rig::new();
    made_by_somebody_else(&rig, "https://a.example");
    let list = "GET eyevinn-qr-generator /qr-generatorinstance";
    rig.platform.at(list, 0..1, Then::json(200, "[]"));
    let hidden = Then::reason(404, "Instance not found");
    rig.platform.at(&format!("{list}/code"), 0..1, hidden);
    let run = rig.apply(PAGE).await;
    let Fate::Stale(why) = run.fate("page") else {
        panic!("{:?}", run.fate("page"))
    };
    assert!(
        why.contains("nothing says that it is part of this stack"),
        "{why}"
    );
    assert!(tags(&rig).is_empty());
    // The same where it was.
    rig.adopt(PAGE, &["page"]).await;
    rig.platform.behave();
    rig.platform.at(list, 0..1, Then::json(200, "[]"));
    let run = rig.apply(PAGE).await;
    assert_eq!(count(&run.plan, Action::Create), 1);
    assert!(
        matches!(run.fate("page"), Fate::AlreadySo),
        "{:?}",
        run.fate("page")
    );
    assert!(is_proved(&tags(&rig)));
}

#[tokio::test(start_paused = true)]
async fn a_name_whose_create_is_refused_is_free_of_our_marks() {
    let rig = Rig::new();
    rig.platform.set_tags(QR, "code", &["team"]);
    rig.platform.always(CREATE, Then::reason(400, "not today"));
    let run = rig.apply(PAGE).await;
    assert!(!run.failure("page").sent);
    assert_eq!(tags(&rig), ["team"]);
    // One that may still appear keeps them.
    rig.platform.behave();
    rig.platform.always(CREATE, Then::html(504));
    let run = rig.apply(PAGE).await;
    assert!(run.failure("page").sent);
    assert_eq!(marks(&tags(&rig)), 2);
}

// Deletions

const KEPT: &str = "
instances:
  kept: { service: jgraph-drawio }
";
const GONE: &str = "
  a: { service: eyevinn-test-adserver, name: z1 }
  b: { service: encore, name: y2, options: { s3Endpoint: '${instances.a.url}' } }
  c: { service: eyevinn-live-encoding, name: x3, options: { InputUrl: '${instances.b.url}' } }
";
const NEW: &str = "  new: { service: eyevinn-qr-generator, options: { GotoUrl: x } }\n";
const THE_GONE: [&str; 3] = [
    "eyevinn-live-encoding/x3",
    "encore/y2",
    "eyevinn-test-adserver/z1",
];

#[tokio::test(start_paused = true)]
async fn what_is_not_declared_any_longer_goes_last_and_dependants_first() {
    let rig = Rig::new();
    rig.up(&format!("{KEPT}{GONE}")).await;
    let yaml = format!("{KEPT}{NEW}");
    let plan = prune_plan(&rig, &yaml, 3).await;
    rig.platform.take_seen();
    rig.apply_plan(plan).await.assert_good();
    let seen = rig.platform.take_seen();
    let deletes = seen
        .iter()
        .filter(|it| it.line.starts_with("DELETE ") && !it.is_bookkeeping());
    let order: Vec<&str> = deletes
        .map(|it| it.line.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(order, ["x3", "y2", "z1"]);
    let first = place(&seen, "DELETE eyevinn-live-encoding");
    assert!(place(&seen, CREATE) < first);
    let ready = seen.iter().rposition(|it| it.line.contains("/health/new"));
    assert!(ready.unwrap() < first);
    for (service, name) in [("encore", "y2"), ("eyevinn-test-adserver", "z1")] {
        assert!(rig.platform.tags_of(service, name).is_empty());
    }
    assert!(!rig.plan(&yaml).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_where_anything_before_has_failed() {
    let rig = Rig::new();
    rig.up(&format!("{KEPT}{GONE}")).await;
    rig.platform.always(CREATE, Then::reason(400, "not today"));
    let plan = prune_plan(&rig, &format!("{KEPT}{NEW}"), 3).await;
    let run = rig.apply_plan(plan).await;
    assert!(matches!(run.fate("new"), Fate::Failed(_)));
    for address in THE_GONE {
        let fate = undeclared(&run, address);
        let cause = Address::instance("new");
        assert!(
            matches!(fate, Fate::Skipped(by) if *by == cause),
            "{fate:?}"
        );
    }
    assert_eq!(rig.platform.count_of_instances("DELETE "), 0);
    // Nor where something that is kept has failed.
    rig.platform.behave();
    rig.platform.always("/health/kept", Then::health("failed"));
    let run = rig.apply_plan(prune_plan(&rig, KEPT, 3).await).await;
    assert!(matches!(run.fate("kept"), Fate::NotReady(_)));
    assert_eq!(rig.platform.count_of_instances("DELETE "), 0);
}

#[tokio::test(start_paused = true)]
async fn who_is_not_deleted_keeps_what_it_refers_to() {
    let rig = Rig::new();
    rig.up(&format!("{KEPT}{GONE}")).await;
    rig.platform
        .always("DELETE encore", Then::reason(400, "not today"));
    let run = rig.apply_plan(prune_plan(&rig, KEPT, 3).await).await;
    assert!(applied(undeclared(&run, THE_GONE[0])));
    assert!(matches!(undeclared(&run, THE_GONE[1]), Fate::Failed(_)));
    let fate = undeclared(&run, THE_GONE[2]);
    let by_it = matches!(fate, Fate::Skipped(by) if by.as_str() == THE_GONE[1]);
    assert!(by_it, "{fate:?}");
}

#[tokio::test(start_paused = true)]
async fn marks_are_taken_off_only_what_is_certainly_gone() {
    let rig = Rig::new();
    let page = PAGE.replace("instances:", "");
    rig.up(&format!("{KEPT}{page}")).await;
    let mut with_theirs = tags(&rig);
    with_theirs.push("team".to_owned());
    let with_theirs: Vec<&str> = with_theirs.iter().map(String::as_str).collect();
    rig.platform.set_tags(QR, "code", &with_theirs);
    // Missing from its list, and there.
    let list = "GET eyevinn-qr-generator /qr-generatorinstance";
    rig.platform.at(list, 0..1, Then::json(200, "[]"));
    let run = rig.apply(KEPT).await;
    assert_eq!(count(&run.plan, Action::Unmark), 1);
    assert!(is_stale(undeclared(&run, "eyevinn-qr-generator/code")));
    assert!(is_proved(&tags(&rig)));
    deleted_by_somebody_else(&rig).await;
    let plan = rig.plan(KEPT).await;
    rig.platform.take_seen();
    let run = rig.apply_plan(plan).await;
    assert!(applied(undeclared(&run, "eyevinn-qr-generator/code")));
    assert_eq!(rig.platform.count(&format!("{list}/code")), 4);
    assert!(run.outcome.took >= 15 * SECOND);
    assert_eq!(tags(&rig), ["team"]);
    assert!(!rig.plan(KEPT).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_is_cut_off_in_the_middle_goes_on() {
    let rig = Rig::new();
    rig.up(PAGE).await;
    rig.platform.always(CREATE, Then::reason(400, "not today"));
    let run = rig.apply(&changed()).await;
    assert!(run.failure("page").deleted_not_recreated);
    // The name is still the stack's.
    assert_eq!(marks(&tags(&rig)), 2);
    rig.platform.behave();
    let run = rig.apply(&changed()).await;
    assert_eq!(count(&run.plan, Action::Create), 1);
    run.assert_good();
    assert!(is_proved(&tags(&rig)));
}

// Other platforms

fn platform(quirks: Quirks) -> Rig {
    Rig::with(Rules {
        quirks,
        ..Rules::default()
    })
}

fn where_tags_need_an_instance() -> Rig {
    platform(Quirks {
        tags_need_instance: true,
        ..Quirks::default()
    })
}

/// The names that the vault is waiting for.
fn intents(rig: &Rig) -> Vec<String> {
    let Some(vault) = rig.platform.tenant_secret("user.oscapply.test") else {
        return Vec::new();
    };
    let vault: serde_json::Value = serde_json::from_str(&vault).unwrap();
    let intents = vault["intents"].as_array().unwrap().iter();
    let names = intents.map(|it| it["name"].as_str().unwrap().to_owned());
    names.collect()
}

#[tokio::test(start_paused = true)]
async fn where_tags_need_an_instance_the_vault_says_what_is_about_to_be_made() {
    let rig = where_tags_need_an_instance();
    let plan = rig.plan(PAGE).await;
    rig.platform.take_seen();
    rig.apply_plan(plan).await.assert_good();
    let seen = rig.platform.take_seen();
    let create = place(&seen, CREATE);
    let intended = seen
        .iter()
        .position(|it| it.line == "PUT deploy /mytenantsecrets/user.oscapply.test");
    assert!(intended.unwrap() < create);
    let tagged = seen.iter().rposition(|it| it.line.starts_with(TAG));
    assert!(create < tagged.unwrap());
    assert!(is_proved(&tags(&rig)));
    assert!(intents(&rig).is_empty(), "it carries its tags by now");
    assert!(!rig.plan(PAGE).await.has_changes());
    // Tags of what is gone cannot be replaced, only removed.
    rig.destroy(PAGE).await.assert_good();
    assert!(tags(&rig).is_empty());
    assert!(!rig.plan_destroy(PAGE, &all_data()).await.has_changes());
    assert_eq!(rig.platform.tenant_secret("user.oscapply.test"), None);
}

#[tokio::test(start_paused = true)]
async fn what_the_vault_says_was_about_to_be_made_is_marked_next() {
    let rig = where_tags_need_an_instance();
    let stop = rig.stop.clone();
    let interrupt = Then::Do(Arc::new(move || stop.cancel()));
    rig.platform.at("/health/code", 0..1, interrupt);
    let run = rig.apply(PAGE).await;
    assert!(matches!(run.fate("page"), Fate::NotAwaited));
    assert!(tags(&rig).is_empty());
    assert_eq!(intents(&rig), ["code"]);
    rig.platform.behave();
    let next = Rig::on(&rig.platform);
    let run = next.apply(PAGE).await;
    assert_eq!(count(&run.plan, Action::Mark), 1);
    run.assert_good();
    assert!(is_proved(&tags(&rig)) && intents(&rig).is_empty());
    assert_eq!(rig.platform.count(CREATE), 1);
}

#[tokio::test(start_paused = true)]
async fn without_tags_the_vault_alone_knows_and_a_plan_says_so() {
    let rig = platform(Quirks {
        no_tags: true,
        ..Quirks::default()
    });
    let run = rig.apply(PAGE).await;
    run.assert_good();
    let said = run.plan.notes.iter().any(|it| it.contains("no tags"));
    assert!(said, "{:?}", run.plan.notes);
    assert_eq!(intents(&rig), ["code"]);
    rig.apply(&changed()).await.assert_good();
    assert!(!rig.plan(&changed()).await.has_changes());
    rig.platform.take_seen();
    rig.apply_plan(prune_plan(&rig, OTHER, 1).await)
        .await
        .assert_good();
    assert_eq!(rig.platform.count_of_instances("DELETE "), 0);
    // What the manifest does not declare stays, and the vault remembers it.
    rig.destroy(&changed()).await.assert_good();
    assert_eq!(intents(&rig), ["other"]);
    assert!(
        !rig.plan_destroy(&changed(), &all_data())
            .await
            .has_changes()
    );
    rig.destroy(OTHER).await.assert_good();
    assert_eq!(rig.platform.tenant_secret("user.oscapply.test"), None);
}

// Creates of runs that were cut off

/// An apply that is killed as it makes the page, which appears so much later, or never.
async fn killed_at_create(rig: &Rig, taken: Taken) {
    let dead = CancellationToken::new();
    let kill = dead.clone();
    let plan = rig.plan(&kept_and_page()).await;
    rig.platform.weather(move |seen| {
        let is_it = seen.line.contains(CREATE) && !dead.is_cancelled();
        is_it.then(|| {
            dead.cancel();
            Then::Cut(Cut::Silent, taken)
        })
    });
    tokio::select! {
        biased;
        () = kill.cancelled() => {}
        _ = rig.apply_plan(plan) => panic!("it made nothing"),
    }
    rig.platform.behave();
}

fn kept_and_page() -> String {
    format!("{KEPT}{}", PAGE.replace("instances:", ""))
}

fn both_ways_to_announce() -> [Rig; 2] {
    [Rig::new(), where_tags_need_an_instance()]
}

#[tokio::test(start_paused = true)]
async fn what_appears_long_after_its_run_was_killed_is_still_known_when_it_is_declared_no_longer() {
    for rig in both_ways_to_announce() {
        rig.up(KEPT).await;
        killed_at_create(&rig, Taken::Later(100 * SECOND)).await;
        let next = Rig::on(&rig.platform);
        let run = next.apply(KEPT).await;
        assert!(is_stale(undeclared(&run, "eyevinn-qr-generator/code")));
        let plan = prune_plan(&next, KEPT, 1).await;
        let step = plan.steps.last().unwrap();
        assert_eq!(step.action, Action::Delete);
        assert!(step.explanation.proof.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_is_given_up_when_nothing_can_appear_under_it_any_more() {
    for rig in both_ways_to_announce() {
        rig.up(KEPT).await;
        killed_at_create(&rig, Taken::No).await;
        let next = Rig::on(&rig.platform);
        let run = next.apply(KEPT).await;
        assert!(applied(undeclared(&run, "eyevinn-qr-generator/code")));
        assert!(run.outcome.took >= 180 * SECOND);
        assert!(tags(&rig).is_empty() && intents(&rig).is_empty());
        assert!(!next.plan(KEPT).await.has_changes());
    }
}

#[tokio::test(start_paused = true)]
async fn a_destroy_waits_for_what_may_still_appear() {
    for rig in both_ways_to_announce() {
        rig.up(KEPT).await;
        killed_at_create(&rig, Taken::Later(100 * SECOND)).await;
        let next = Rig::on(&rig.platform);
        next.destroy(&kept_and_page()).await;
        let plan = next.plan_destroy(&kept_and_page(), &all_data()).await;
        let deleted = plan.steps.iter().any(|step| step.action == Action::Delete);
        assert!(deleted, "{}", crate::rig::rendered(&plan));
    }
}

// Taking over

#[tokio::test(start_paused = true)]
async fn what_is_taken_over_is_proved_as_it_is() {
    let rig = Rig::new();
    made_by_somebody_else(&rig, "https://theirs.example");
    rig.platform.set_tags(QR, "code", &["team"]);
    let plan = rig.plan_adopt(PAGE, &["page"], None).await.unwrap();
    rig.platform.take_seen();
    let run = rig.apply_plan(plan).await;
    assert!(applied(run.fate("page")));
    let changes = rig.platform.lines_of_instances();
    assert!(
        changes.iter().all(|line| line.starts_with("GET ")),
        "{changes:?}"
    );
    let tags = tags(&rig);
    let kept = tags.iter().any(|tag| tag == "team");
    assert!(is_proved(&tags) && kept, "{tags:?}");
    // Proved, so that it may be replaced, and as it was.
    let plan = rig.plan(PAGE).await;
    assert_eq!(count(&plan, Action::Replace), 1);
    let as_it_is = PAGE.replace("a.example", "theirs.example");
    assert!(!rig.plan(&as_it_is).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn what_moves_to_another_stack_is_lost_to_the_first() {
    let rig = Rig::new();
    rig.up_as("shop", PAGE).await;
    let plan = rig.plan_adopt(PAGE, &["page"], Some("shop")).await;
    rig.apply_plan(plan.unwrap()).await.assert_good();
    assert!(is_proved(&tags(&rig)) && marks(&tags(&rig)) == 2);
    assert!(!rig.plan(PAGE).await.has_changes());
    rig.up_as("shop", OTHER).await;
    assert!(is_proved(&tags(&rig)), "it was not pruned");
    let run = rig.destroy(PAGE).await;
    assert!(applied(run.fate("page")));
}

#[tokio::test(start_paused = true)]
async fn a_suspended_instance_is_taken_over_without_resuming_it() {
    let rig = Rig::new();
    made_by_somebody_else(&rig, "https://a.example");
    rig.platform.suspend(QR, "code");
    let plan = rig.plan_adopt(PAGE, &["page"], None).await.unwrap();
    rig.apply_plan(plan).await.assert_good();
    assert!(is_proved(&tags(&rig)));
    let plan = rig.plan_with(PAGE, &all_data()).await;
    assert_eq!(count(&plan, Action::Resume), 1);
}
