//! Whose an instance is, and what may be done to it for that.

use osc_apply::model::Address;
use osc_apply::plan::{Action, Consent, Hold, Plan, Step, Unclaimed};
use osc_apply::report::{self, Look};
use osc_apply::sandbox::{Quirks, Rules};

use super::rig::{Rig, Stack, Then, all_data, count};
use super::{action, step};

/// A page that is made again when it changes, and a reader of it that is changed in place.
const PAGE: &str = "
instances:
  page: { service: eyevinn-qr-generator, name: code, options: { GotoUrl: 'https://a.example' } }
  reader: { service: encore, options: { s3Endpoint: '${instances.page.url}' } }
";
const KEPT: &str = "  kept: { service: eyevinn-test-adserver }\n";
const QR: &str = "eyevinn-qr-generator";
const COLLECTION: &str =
    "https://api-eyevinn-qr-generator.auto.prod-se.osaas.io/qr-generatorinstance";

/// The reader alone, which something is kept beside.
fn without_page() -> String {
    format!("instances:\n  reader: {{ service: encore }}\n{KEPT}")
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
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
}

fn tags(rig: &Rig) -> Vec<String> {
    rig.platform.tags_of(QR, "code")
}

fn set_tags(rig: &Rig, tags: &[&str]) {
    rig.platform.set_tags(QR, "code", tags);
}

fn undeclared<'p>(plan: &'p Plan, address: &str) -> &'p Step {
    let mut steps = plan.steps.iter();
    let found = steps.find(|step| step.address.as_str() == address);
    found.unwrap_or_else(|| panic!("nothing is planned for {address}"))
}

fn has(plan: &Plan, address: &str) -> bool {
    let mut steps = plan.steps.iter();
    steps.any(|step| step.address.as_str() == address)
}

fn printed(plan: &Plan, yaml: &str) -> String {
    let look = Look {
        color: false,
        width: 1000,
    };
    let mut out = Vec::new();
    report::plan(&mut out, plan, &Stack::of(yaml).sources, look).unwrap();
    String::from_utf8(out).unwrap()
}

fn including(address: &str) -> Consent {
    Consent {
        modified: [address.to_owned()].into(),
        ..all_data()
    }
}

// Declared

#[tokio::test(start_paused = true)]
async fn what_is_not_ours_is_refused_with_the_command_that_takes_it_over() {
    // Whether it differs or not.
    for goto in ["https://a.example", "https://theirs.example"] {
        let rig = Rig::new();
        made_by_somebody_else(&rig, goto);
        let plan = rig.plan_with(PAGE, &all_data()).await;
        assert_eq!(
            action(&plan, "page"),
            (Action::Adopt, Some(Hold::NotOurs)),
            "{goto}"
        );
        let needs = Hold::Needs(Address::instance("page"));
        assert_eq!(action(&plan, "reader"), (Action::Create, Some(needs)));
        assert!(!plan.has_changes());
        let text = printed(&plan, PAGE);
        assert!(text.contains("`osc-apply adopt instances.page`"), "{text}");
        assert_eq!(
            text.contains("https://theirs.example"),
            goto.contains("theirs")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_stack_has_is_refused_naming_it_also_when_it_is_gone() {
    let rig = Rig::new();
    rig.up_as("shop", PAGE).await;
    for is_there in [true, false] {
        let plan = rig.plan_with(PAGE, &all_data()).await;
        let of_shop = Some(Hold::OfStack("shop".to_owned()));
        let expected = if is_there {
            Action::Adopt
        } else {
            Action::Create
        };
        assert_eq!(action(&plan, "page"), (expected, of_shop));
        assert!(!step(&plan, "reader").runs());
        let text = printed(&plan, PAGE);
        let command = "`osc-apply adopt --from-stack shop instances.page`";
        assert!(text.contains("the stack shop"), "{text}");
        // There is nothing to take over where nothing is.
        assert_eq!(text.contains(command), is_there, "{text}");
        if is_there {
            deleted_by_somebody_else(&rig).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_carries_the_tags_of_two_stacks_is_the_others() {
    let rig = Rig::new();
    rig.up(PAGE).await;
    let mut both = tags(&rig);
    both.push("osc-apply:shop".to_owned());
    set_tags(&rig, &both.iter().map(String::as_str).collect::<Vec<_>>());
    let plan = rig.plan(PAGE).await;
    let of_shop = Some(Hold::OfStack("shop".to_owned()));
    assert_eq!(action(&plan, "page"), (Action::Adopt, of_shop));
    let plan = rig.plan_with(&without_page(), &all_data()).await;
    assert!(!has(&plan, "eyevinn-qr-generator/code"));
}

#[tokio::test(start_paused = true)]
async fn the_case_of_a_tag_says_nothing() {
    let rig = Rig::new();
    rig.up(PAGE).await;
    let shouted: Vec<String> = tags(&rig).iter().map(|tag| tag.to_uppercase()).collect();
    set_tags(
        &rig,
        &shouted.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    assert!(!rig.plan(PAGE).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_namesake_that_inherits_the_tags_is_modified_unless_it_is_the_same() {
    let rig = Rig::new();
    rig.up(PAGE).await;
    let inherited = tags(&rig);
    deleted_by_somebody_else(&rig).await;
    made_by_somebody_else(&rig, "https://theirs.example");
    assert_eq!(tags(&rig), inherited);
    // Replacing it would delete what somebody else has made.
    let plan = rig.plan_with(PAGE, &all_data()).await;
    assert_eq!(
        action(&plan, "page"),
        (Action::Replace, Some(Hold::Modified))
    );
    let plan = rig.plan_with(PAGE, &including("instances.page")).await;
    assert_eq!(action(&plan, "page"), (Action::Replace, None));
    let without = without_page();
    let plan = rig.plan_with(&without, &all_data()).await;
    let deletion = undeclared(&plan, "eyevinn-qr-generator/code");
    assert_eq!(deletion.held, Some(Hold::Modified));
    let text = printed(&plan, &without);
    let flag = "`--include-modified eyevinn-qr-generator/code`";
    assert!(text.contains(flag), "{text}");
    assert!(text.contains("it is not as this stack left it"), "{text}");
    let named = including("eyevinn-qr-generator/code");
    let plan = rig.plan_with(&without, &named).await;
    assert!(undeclared(&plan, "eyevinn-qr-generator/code").runs());
}

#[tokio::test(start_paused = true)]
async fn what_a_run_that_was_cut_off_has_made_is_marked_next() {
    for (mark, differs) in [
        ("pending", false),
        ("0123456789abcdef0123456789abcdef", false),
        ("pending", true),
    ] {
        let rig = Rig::new();
        let goto = if differs {
            "https://old.example"
        } else {
            "https://a.example"
        };
        made_by_somebody_else(&rig, goto);
        set_tags(&rig, &["osc-apply:test", &format!("osc-apply:own1:{mark}")]);
        let plan = rig.plan(PAGE).await;
        let expected = match differs {
            false => (Action::Mark, None),
            true => (Action::Replace, Some(Hold::Modified)),
        };
        assert_eq!(action(&plan, "page"), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_has_changed_is_changed_back_in_place_and_marked() {
    let rig = Rig::new();
    let yaml = "instances: { store: { service: minio-minio, options: { RootUser: one } } }";
    rig.up(yaml).await;
    let collection = rig.platform.collection("minio-minio");
    let member = format!("PATCH {collection}/store");
    rig.platform
        .somebody_else(&member, r#"{"RootUser":"theirs"}"#);
    let plan = rig.plan(yaml).await;
    assert_eq!(action(&plan, "store"), (Action::Update, None));
    // One that is declared meanwhile needs nothing but a mark.
    let plan = rig.plan(&yaml.replace("one", "theirs")).await;
    assert_eq!(action(&plan, "store"), (Action::Mark, None));
}

// Not declared

#[tokio::test(start_paused = true)]
async fn what_is_not_declared_any_longer_goes_with_its_proof() {
    let rig = Rig::new();
    rig.up(&format!("{PAGE}{KEPT}")).await;
    let yaml = without_page();
    let plan = rig.plan(&yaml).await;
    let deletion = undeclared(&plan, "eyevinn-qr-generator/code");
    assert_eq!((deletion.action, deletion.runs()), (Action::Delete, true));
    let text = printed(&plan, &yaml);
    let proof = tags(&rig).into_iter().find(|tag| tag.contains(":own1:"));
    let shown = format!(
        "it carries osc-apply:test, and {} is the digest of what it is now",
        proof.unwrap()
    );
    assert!(text.contains(&shown), "{text}");
    // After whatever else is done.
    assert_eq!(plan.steps.last().unwrap().address, deletion.address);
    let others: Vec<&Address> = plan.steps.iter().map(|step| &step.address).collect();
    assert!(
        others[..others.len() - 1]
            .iter()
            .all(|it| deletion.needs.contains(it))
    );
}

#[tokio::test(start_paused = true)]
async fn what_holds_data_and_is_not_declared_any_longer_is_kept_until_somebody_consents() {
    let rig = Rig::new();
    let cache = "  cache: { service: valkey-io-valkey }\n";
    let yaml = without_page();
    rig.up(&format!("{yaml}{cache}")).await;
    let plan = rig.plan(&yaml).await;
    let held = &undeclared(&plan, "valkey-io-valkey/cache").held;
    assert_eq!(*held, Some(Hold::LosesData));
    let consent = Consent {
        discard: ["valkey-io-valkey/cache".to_owned()].into(),
        ..Consent::default()
    };
    let plan = rig.plan_with(&yaml, &consent).await;
    let deletion = undeclared(&plan, "valkey-io-valkey/cache");
    assert!(deletion.runs() && deletion.explanation.loses_data);
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_is_unmarked_and_what_nobody_marked_is_nobodys() {
    let rig = Rig::new();
    made_by_somebody_else(&rig, "https://theirs.example");
    rig.up(&without_page()).await;
    let yaml = without_page();
    assert!(!has(&rig.plan(&yaml).await, "eyevinn-qr-generator/code"));
    set_tags(&rig, &["osc-apply:shop", "team"]);
    assert!(!has(&rig.plan(&yaml).await, "eyevinn-qr-generator/code"));
    set_tags(&rig, &["osc-apply:test", "osc-apply:own1:pending"]);
    let plan = rig.plan(&yaml).await;
    let held = &undeclared(&plan, "eyevinn-qr-generator/code").held;
    assert_eq!(*held, Some(Hold::Modified));
    deleted_by_somebody_else(&rig).await;
    let plan = rig.plan(&yaml).await;
    let step = undeclared(&plan, "eyevinn-qr-generator/code");
    assert_eq!((step.action, step.runs()), (Action::Unmark, true));
}

#[tokio::test(start_paused = true)]
async fn what_is_suspended_and_not_declared_is_kept() {
    let rig = Rig::new();
    rig.up(&format!("{PAGE}{KEPT}")).await;
    rig.platform.suspend(QR, "code");
    let yaml = without_page();
    let plan = rig.plan_with(&yaml, &all_data()).await;
    let step = undeclared(&plan, "eyevinn-qr-generator/code");
    assert_eq!(step.held, Some(Hold::LeftSuspended));
    let text = printed(&plan, &yaml);
    assert!(text.contains("suspended since"), "{text}");
    assert!(text.contains("name it under `removed:`"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_and_is_not_declared_is_kept() {
    let rig = Rig::new();
    rig.up(&format!("{PAGE}{KEPT}")).await;
    rig.platform
        .always("GET eyevinn-qr-generator /qr-gen", Then::html(502));
    let plan = rig.plan_with(&without_page(), &all_data()).await;
    let step = undeclared(&plan, "eyevinn-qr-generator/code");
    assert_eq!(step.action, Action::Unknown);
    assert_eq!(step.held, Some(Hold::Unreadable));
}

#[tokio::test(start_paused = true)]
async fn what_is_removed_goes_although_it_is_modified_suspended_or_holds_data() {
    let rig = Rig::new();
    rig.up(&format!(
        "{PAGE}  cache: {{ service: valkey-io-valkey }}\n{KEPT}"
    ))
    .await;
    set_tags(&rig, &["osc-apply:test"]);
    rig.platform.suspend(QR, "code");
    let removed = |data: &str| {
        let yaml = without_page();
        format!(
            "{yaml}removed:\n  code: {{ service: {QR} }}\n  \
             old: {{ service: valkey-io-valkey, name: cache{data} }}\n"
        )
    };
    let allowed = Consent {
        deletes: Some(2),
        ..Consent::default()
    };
    let plan = rig.plan_with(&removed(", data: discard"), &allowed).await;
    assert_eq!(count(&plan, Action::Delete), 2);
    let plan = rig.plan_with(&removed(""), &Consent::default()).await;
    let held = &undeclared(&plan, "valkey-io-valkey/cache").held;
    assert_eq!(*held, Some(Hold::LosesData));
    // What is gone is done.
    rig.apply(&removed(", data: discard")).await.assert_good();
    assert!(!rig.plan(&removed(", data: discard")).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn what_is_removed_and_not_ours_is_refused() {
    let rig = Rig::new();
    made_by_somebody_else(&rig, "https://theirs.example");
    rig.up(&without_page()).await;
    let yaml = format!("{}removed:\n  code: {{ service: {QR} }}\n", without_page());
    let plan = rig.plan_with(&yaml, &all_data()).await;
    let step = undeclared(&plan, "eyevinn-qr-generator/code");
    assert_eq!(
        (step.action, &step.held),
        (Action::Delete, &Some(Hold::NotOurs))
    );
    // Only what is declared can be taken over.
    let text = printed(&plan, &yaml);
    assert!(text.contains("declare it, take it over"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_pruned_where_the_manifest_says_never_but_what_it_removes() {
    let rig = Rig::new();
    rig.up(&format!("{PAGE}{KEPT}")).await;
    let yaml = format!("prune: never\n{}", without_page());
    let plan = rig.plan_with(&yaml, &all_data()).await;
    let step = undeclared(&plan, "eyevinn-qr-generator/code");
    assert_eq!(step.held, Some(Hold::NotPruned));
    let yaml = format!("{yaml}removed:\n  code: {{ service: {QR} }}\n");
    let plan = rig.plan_with(&yaml, &all_data()).await;
    assert!(undeclared(&plan, "eyevinn-qr-generator/code").runs());
}

#[tokio::test(start_paused = true)]
async fn what_was_protected_stays_protected_when_its_block_is_gone() {
    let rig = Rig::new();
    let protected = PAGE.replace("name: code,", "name: code, protect: true,");
    rig.up(&format!("{protected}{KEPT}")).await;
    assert!(tags(&rig).contains(&"osc-apply:protect:1".to_owned()));
    let removed = format!("{}removed:\n  code: {{ service: {QR} }}\n", without_page());
    for yaml in [without_page(), removed] {
        let plan = rig
            .plan_with(&yaml, &including("eyevinn-qr-generator/code"))
            .await;
        let step = undeclared(&plan, "eyevinn-qr-generator/code");
        assert_eq!(step.held, Some(Hold::Protected));
        let text = printed(&plan, &yaml);
        assert!(text.contains("which its tags remember"), "{text}");
    }
    // Declared without it, it is not protected any more.
    let plan = rig.plan(PAGE).await;
    assert_eq!(action(&plan, "page"), (Action::Mark, None));
    // And the other way round.
    rig.up(PAGE).await;
    let plan = rig.plan(&protected).await;
    assert_eq!(action(&plan, "page"), (Action::Mark, None));
}

#[tokio::test(start_paused = true)]
async fn a_marked_instance_of_a_service_that_nobody_knows_is_told_and_left() {
    let rig = Rig::new();
    let answer = r#"{"resources":[{"resourceType":"instance","serviceId":"new-service",
        "resourceId":"x","tags":["osc-apply:test"]}]}"#;
    rig.platform
        .always("GET deploy /resourcetags", Then::json(200, answer));
    let yaml = without_page();
    let plan = rig.plan(&yaml).await;
    assert_eq!(count(&plan, Action::Delete), 0);
    let text = printed(&plan, &yaml);
    assert!(
        text.contains("new-service/x is marked as this stack's"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn who_refers_to_another_goes_before_it() {
    let rig = Rig::new();
    let chain = "
  a: { service: eyevinn-test-adserver, name: z1 }
  b: { service: encore, name: y2, options: { s3Endpoint: '${instances.a.url}' } }
  c: { service: eyevinn-live-encoding, name: x3, options: { InputUrl: '${instances.b.url}' } }
";
    rig.up(&format!("instances:{chain}{KEPT}")).await;
    let consent = Consent {
        deletes: Some(3),
        ..all_data()
    };
    let plan = rig
        .plan_with(&format!("instances:\n{KEPT}"), &consent)
        .await;
    let order: Vec<&str> = plan.steps.iter().map(|it| it.address.as_str()).collect();
    let expected = [
        "eyevinn-live-encoding/x3",
        "encore/y2",
        "eyevinn-test-adserver/z1",
    ];
    assert_eq!(order[order.len() - 3..], expected);
    let last = undeclared(&plan, "eyevinn-test-adserver/z1");
    assert!(last.needs.iter().any(|need| need.as_str() == "encore/y2"));
}

// Destroy

#[tokio::test(start_paused = true)]
async fn a_destroy_takes_what_is_proved_and_nothing_else() {
    let rig = Rig::new();
    rig.up(&format!(
        "{PAGE}{KEPT}  old: {{ service: jgraph-drawio }}\n"
    ))
    .await;
    rig.platform.set_tags("eyevinn-test-adserver", "kept", &[]);
    set_tags(&rig, &["osc-apply:test", "osc-apply:own1:pending"]);
    let yaml = format!("{PAGE}{KEPT}");
    let plan = rig.plan_destroy(&yaml, &all_data()).await;
    assert_eq!(action(&plan, "kept"), (Action::Delete, Some(Hold::NotOurs)));
    assert_eq!(
        action(&plan, "page"),
        (Action::Delete, Some(Hold::Modified))
    );
    assert_eq!(action(&plan, "reader"), (Action::Delete, None));
    // What is not declared any longer is the stack's, too.
    assert!(undeclared(&plan, "jgraph-drawio/old").runs());
    let text = printed(&plan, &yaml);
    assert_eq!(
        text.matches("is the digest of what it is now").count(),
        2,
        "{text}"
    );
}

// Without tags

fn without_tags() -> Rig {
    Rig::with(Rules {
        quirks: Quirks {
            no_tags: true,
            ..Quirks::default()
        },
        ..Rules::default()
    })
}

#[tokio::test(start_paused = true)]
async fn without_tags_that_is_said_and_nothing_goes_because_it_is_not_declared() {
    let rig = without_tags();
    let yaml = format!("{PAGE}{KEPT}");
    rig.up(&yaml).await;
    let plan = rig.plan(&yaml).await;
    assert!(!plan.has_changes());
    assert!(printed(&plan, &yaml).contains("this platform has no tags"));
    // The vault knows what it was about to make.
    let changed = yaml.replace("a.example", "b.example");
    let plan = rig.plan(&changed).await;
    assert_eq!(action(&plan, "page"), (Action::Replace, None));
    let plan = rig.plan_with(&without_page(), &all_data()).await;
    assert_eq!(count(&plan, Action::Delete), 0);
    let plan = rig.plan_destroy(&yaml, &all_data()).await;
    assert_eq!(count(&plan, Action::Delete), 3);
}

#[tokio::test(start_paused = true)]
async fn without_tags_what_the_vault_does_not_know_is_taken_for_one_run_only() {
    let rig = without_tags();
    made_by_somebody_else(&rig, "https://theirs.example");
    let plan = rig.plan_with(PAGE, &all_data()).await;
    let nobodys = Some(Hold::Unclaimed(Unclaimed::NoTags));
    assert_eq!(action(&plan, "page"), (Action::Adopt, nobodys.clone()));
    let text = printed(&plan, PAGE);
    assert!(
        text.contains("`--include-modified instances.page`"),
        "{text}"
    );
    let plan = rig.plan_with(PAGE, &including("instances.page")).await;
    assert_eq!(action(&plan, "page"), (Action::Replace, None));
    let plan = rig.plan_destroy(PAGE, &all_data()).await;
    assert_eq!(action(&plan, "page"), (Action::Delete, nobodys));
}

// Taking over

#[tokio::test(start_paused = true)]
async fn an_adoption_shows_what_differs_and_changes_nothing_else() {
    let rig = Rig::new();
    made_by_somebody_else(&rig, "https://theirs.example");
    let plan = rig.plan_adopt(PAGE, &["page"], None).await.unwrap();
    assert_eq!(plan.steps.len(), 1);
    assert_eq!(action(&plan, "page"), (Action::Adopt, None));
    let text = printed(&plan, PAGE);
    for told in [
        "https://theirs.example",
        "https://a.example",
        "nothing of it is changed now",
    ] {
        assert!(text.contains(told), "{text}");
    }
    let explanation = &step(&plan, "page").explanation;
    assert!(!explanation.restarts && !explanation.loses_data);
}

#[tokio::test(start_paused = true)]
async fn only_what_is_of_no_stack_is_taken_over_unless_that_one_is_named() {
    let rig = Rig::new();
    let why = async |keys: &[&str], from: Option<&str>| {
        let refused = rig.plan_adopt(PAGE, keys, from).await.err().unwrap();
        refused[0].why.clone()
    };
    assert!(
        why(&["page"], None)
            .await
            .contains("there is no such instance")
    );
    rig.up_as("shop", PAGE).await;
    assert!(
        why(&["page"], None)
            .await
            .contains("`--from-stack shop` moves it")
    );
    let other = why(&["page"], Some("web")).await;
    assert!(other.contains("part of the stack `shop`"), "{other}");
    let plan = rig
        .plan_adopt(PAGE, &["page", "reader"], Some("shop"))
        .await;
    assert_eq!(count(&plan.unwrap(), Action::Adopt), 2);
    set_tags(&rig, &["osc-apply:shop", "osc-apply:web"]);
    assert!(why(&["page"], Some("shop")).await.contains("`shop`, `web`"));
    set_tags(&rig, &["osc-apply:test"]);
    assert!(
        why(&["page"], None)
            .await
            .contains("part of this stack already")
    );
    set_tags(&rig, &[]);
    assert!(
        why(&["page"], Some("shop"))
            .await
            .contains("not part of the stack `shop`")
    );
    // One that is refused is enough.
    assert_eq!(
        rig.plan_adopt(PAGE, &["page", "reader"], None)
            .await
            .err()
            .unwrap()
            .len(),
        1
    );
    rig.platform
        .always("GET deploy /resourcetags", Then::html(502));
    assert!(
        why(&["page"], None)
            .await
            .contains("tags could not be read")
    );
}

#[tokio::test(start_paused = true)]
async fn without_tags_nothing_can_be_taken_over() {
    let rig = without_tags();
    made_by_somebody_else(&rig, "https://theirs.example");
    let refused = rig.plan_adopt(PAGE, &["page"], None).await.err().unwrap();
    assert!(
        refused[0].why.contains("no tags to mark it with"),
        "{refused:?}"
    );
}
