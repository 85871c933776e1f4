use super::builder::{
    WIDE, With, coloured, ended, failure, plain, shortfall, step, subscribe, told,
};
use crate::apply::{Failure, Fate};
use crate::model::Address;
use crate::plan::{Action, Hold, Purpose};

fn database() -> Address {
    Address::instance("database")
}

#[test]
fn a_run_that_went_well_is_a_line_for_each_change_and_a_summary() {
    let told = told(
        &ended(vec![
            (subscribe(&["encore"]), Fate::Applied),
            (step("database", Action::Create), Fate::Applied),
            (
                step("site", Action::Update),
                Fate::AppliedUnchecked(shortfall()),
            ),
            (step("storage", Action::Replace), Fate::Applied),
            (step("encoder", Action::Update), Fate::AlreadySo),
            (step("shop", Action::Keep), Fate::Kept),
        ]),
        WIDE,
    );
    insta::assert_snapshot!(told, @r"
      +   subscriptions       subscribed in 11s
      +   instances.database  created in 12s
      ~   instances.site
          updated in 13s: healthy; not checked whether it is usable: it exposes no port
      -/+ instances.storage   replaced in 14s
      ~   instances.encoder   already as declared

    Applied 4, already so 1 in 1m 04s
    ");
}

#[test]
fn a_failure_tells_why_what_to_do_and_the_last_log_lines_and_names_what_was_skipped() {
    let failed = Failure {
        hint: Some("check its options".to_owned()),
        log: vec![
            "2026-07-01 [ERROR] InnoDB: cannot allocate memory".to_owned(),
            "  at main()\x1b[31m".to_owned(),
        ],
        ..failure("its health is `failed`")
    };
    let run = ended(vec![
        (step("storage", Action::Create), Fate::Applied),
        (step("database", Action::Create), Fate::Failed(failed)),
        (step("site", Action::Create), Fate::Skipped(database())),
        (step("shop", Action::Update), Fate::Skipped(database())),
    ]);
    insta::assert_snapshot!(told(&run, WIDE), @r"
      + instances.storage   created in 11s

      ! instances.database  create failed
        why   its health is `failed`
        hint  check its options
        log   2026-07-01 [ERROR] InnoDB: cannot allocate memory
                at main()�[31m

      skipped because of instances.database: instances.site, instances.shop

    To go on, run the same command again: what is done stays done.
    Applied 1, failed 1, skipped 2 in 1m 04s
    ");
    insta::assert_snapshot!(told(&run, plain(40)), @r"
      + instances.storage  created in 11s

      ! instances.database  create failed
        why   its health is `failed`
        hint  check its options
        log   2026-07-01 [ERROR] InnoDB: ca…
                at main()�[31m

      skipped because of instances.database:
      instances.site, instances.shop

    To go on, run the same command again:
    what is done stays done.
    Applied 1, failed 1, skipped 2 in 1m 04s
    ");
}

#[test]
fn a_replacement_that_only_got_half_way_is_said_loudly() {
    let half = Failure {
        deleted_not_recreated: true,
        ..failure("creating: the platform refused (400)")
    };
    let run = ended(vec![(
        step("database", Action::Replace),
        Fate::Failed(half),
    )]);
    insta::assert_snapshot!(told(&run, WIDE), @r"
      !   instances.database  DELETED, NOT RECREATED
          the old instance is deleted and the new one does not exist; the same command creates it
          why   creating: the platform refused (400)

    To go on, run the same command again: what is done stays done.
    Applied 0, failed 1 in 1m 04s
    ");
    assert!(told(&run, coloured(100)).contains("\x1b[1m\x1b[31mDELETED, NOT RECREATED\x1b[0m"));
}

#[test]
fn what_is_not_ready_stale_or_held_back_says_why() {
    let run = ended(vec![
        (
            step("database", Action::Create),
            Fate::NotReady(failure("not healthy after 10m; its last answer: starting")),
        ),
        (
            step("storage", Action::Keep),
            Fate::NotReady(failure("its health is `failed`")),
        ),
        (
            step("site", Action::Update),
            Fate::Stale("somebody changed `DbHost` after the plan was made".to_owned()),
        ),
        (
            step("shop", Action::Replace).held(Hold::LosesData),
            Fate::Held(Hold::LosesData),
        ),
    ]);
    insta::assert_snapshot!(told(&run, WIDE), @r"
      !   instances.database  created, but not ready
          why   not healthy after 10m; its last answer: starting

      !   instances.storage   not ready
          why   its health is `failed`

      !   instances.site      changed since the plan was made
          why   somebody changed `DbHost` after the plan was made
          hint  nothing was done to it; the same command plans anew

      !   instances.shop      held back
          why   replacing it would lose its data; to allow that, add `--discard-data instances.shop`, or
                write `data: none` under instances.shop in the manifest if it holds none worth keeping

    To go on, run the same command again: what is done stays done.
    Applied 0, not ready 2, stale 1, held back 1 in 1m 04s
    ");
}

#[test]
fn an_interrupted_run_says_how_to_go_on() {
    let mut run = ended(vec![
        (step("storage", Action::Create), Fate::Applied),
        (step("database", Action::Create), Fate::NotAwaited),
        (step("site", Action::Create), Fate::NotBegun),
        (step("shop", Action::Create), Fate::NotBegun),
    ]);
    run.1.interrupted = true;
    insta::assert_snapshot!(told(&run, WIDE), @r"
      + instances.storage   created in 11s
      + instances.database  created, and not waited for

      not begun: instances.site, instances.shop

    To go on, run the same command again: what is done stays done.
    Interrupted: applied 1, not waited for 1, not begun 2 in 1m 04s
    ");
}

#[test]
fn a_destroy_says_deleted() {
    let mut run = ended(vec![
        (step("site", Action::Delete), Fate::Applied),
        (step("shop", Action::Delete), Fate::AlreadySo),
        (
            step("database", Action::Delete)
                .protected()
                .held(Hold::Protected),
            Fate::Held(Hold::Protected),
        ),
    ]);
    run.0.purpose = Purpose::Destroy;
    insta::assert_snapshot!(told(&run, WIDE), @r"
      - instances.site      deleted in 11s
      - instances.shop      already gone

      ! instances.database  held back
        why   `protect: true` forbids deleting it; to allow that, remove that line under
              instances.database in the manifest

    Deleted 1, already so 1, held back 1 in 1m 04s
    ");
}

#[test]
fn a_run_with_nothing_to_do_is_one_line() {
    let run = ended(vec![(step("site", Action::Keep), Fate::Kept)]);
    assert_eq!(told(&run, WIDE), "Nothing to change; looked for 1m 04s\n");
}
