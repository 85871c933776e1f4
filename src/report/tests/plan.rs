use super::builder::{
    WIDE, With, at, between, change, coloured, destroy_of, new, plain, plan_of, printed, secret,
    shown, step, subscribe,
};
use crate::model::Address;
use crate::plan::{Action, After, Hold, Plan};

/// One of everything an apply can do.
fn everything() -> Plan {
    plan_of(vec![
        subscribe(&["wordpress-wordpress"]),
        step("database", Action::Create).on_line(12).fields(vec![
            new("Database", "wordpress"),
            change("RootPassword", None, After::Value(secret("x"))),
            change("Host", None, After::Unknown { sensitive: false }),
            new("Comment", ""),
        ]),
        step("site", Action::Update)
            .on_line(20)
            .equal(3)
            .fields(vec![
                between("DbHost", "10.0.0.1:3306", "10.0.0.2:3306"),
                change("DbTablePrefix", Some(shown("wp_")), After::Unset),
                change("DbPassword", Some(secret("a")), After::Value(secret("b"))),
            ])
            .unmanaged(&["DbName"]),
        step("storage", Action::Replace)
            .on_line(31)
            .loses_data()
            .reason("`RootUser` differs and the service offers no update in place")
            .fields(vec![between("RootUser", "admin", "root")]),
        step("encoder", Action::Unknown)
            .on_line(40)
            .held(Hold::Unreadable),
        step("shop", Action::Keep),
        step("docs", Action::Keep),
    ])
}

#[test]
fn every_action_has_its_symbol_word_reason_and_place() {
    insta::assert_snapshot!(printed(&everything(), WIDE), @r#"
    Plan for stack wordpress in workspace acme (prod): 1 to subscribe, 1 to create, 1 to update, 1 to
    replace, 2 unchanged, 1 unreadable

      +   subscriptions       subscribe   wordpress-wordpress
          why  the workspace does not use a service of this stack yet; free

      +   instances.database  create      linuxserver-docker-mariadb myblog  osc.yaml:12
          why           absent from the workspace
          Database      wordpress
          RootPassword  (sensitive)
          Host          (known after apply)
          Comment       ""

      ~   instances.site      update      wordpress-wordpress myblog  osc.yaml:20  restarts
          why            `DbHost` differs
          DbHost         10.0.0.1:3306 → 10.0.0.2:3306
          DbTablePrefix  wp_ → (unset)
          DbPassword     (sensitive) → (sensitive)
          3 options unchanged
          set in the workspace and not in the manifest; under `options:`, these lines would clear them:
            DbName: null

      -/+ instances.storage   replace     minio-minio myblog  osc.yaml:31  loses its data
          why       `RootUser` differs and the service offers no update in place
          RootUser  admin → root

      ?   instances.encoder   unreadable  encore myblog  osc.yaml:40
          why   could not be read: reading instances: no usable answer (502)
          held  nothing is done to what cannot be read

      2 instances unchanged: instances.shop, instances.docs

    Plan: 1 to subscribe, 1 to create, 1 to update, 1 to replace, 2 unchanged, 1 unreadable
    The data of 1 instance will be lost.
    "#);
}

#[test]
fn at_forty_columns_headings_flow_and_values_go_below_their_names() {
    insta::assert_snapshot!(printed(&everything(), plain(40)), @r#"
    Plan for stack wordpress in workspace
    acme (prod): 1 to subscribe, 1 to
    create, 1 to update, 1 to replace, 2
    unchanged, 1 unreadable

      +   subscriptions  subscribe
          wordpress-wordpress
          why  the workspace does not use a
               service of this stack yet;
               free

      +   instances.database  create
          linuxserver-docker-mariadb myblog
          osc.yaml:12
          why           absent from the
                        workspace
          Database      wordpress
          RootPassword  (sensitive)
          Host          (known after apply)
          Comment       ""

      ~   instances.site  update
          wordpress-wordpress myblog
          osc.yaml:20  restarts
          why            `DbHost` differs
          DbHost         - 10.0.0.1:3306
                         + 10.0.0.2:3306
          DbTablePrefix  wp_ → (unset)
          DbPassword     - (sensitive)
                         + (sensitive)
          3 options unchanged
          set in the workspace and not in
          the manifest; under `options:`,
          these lines would clear them:
            DbName: null

      -/+ instances.storage  replace
          minio-minio myblog  osc.yaml:31
          loses its data
          why       `RootUser` differs and
                    the service offers no
                    update in place
          RootUser  admin → root

      ?   instances.encoder  unreadable
          encore myblog  osc.yaml:40
          why   could not be read: reading
                instances: no usable answer
                (502)
          held  nothing is done to what
                cannot be read

      2 instances unchanged: instances.shop,
      instances.docs

    Plan: 1 to subscribe, 1 to create, 1 to
    update, 1 to replace, 2 unchanged, 1
    unreadable
    The data of 1 instance will be lost.
    "#);
}

#[test]
fn colours_come_only_where_they_are_asked_for() {
    let plan = plan_of(vec![
        step("site", Action::Replace)
            .loses_data()
            .fields(vec![between("DbHost", "a", "b")]),
    ]);
    assert!(!printed(&plan, WIDE).contains('\x1b'));
    let coloured = printed(&plan, coloured(100));
    insta::assert_snapshot!(coloured.replace('\x1b', "␛"), @r"
    ␛[1mPlan for stack wordpress in workspace acme (prod): 1 to replace␛[0m

      ␛[31m-/+ ␛[0m␛[1minstances.site␛[0m  ␛[31mreplace␛[0m  wordpress-wordpress myblog  ␛[1m␛[31mloses its data␛[0m
          ␛[2mwhy␛[0m     ␛[2m`DbHost` differs␛[0m
          DbHost  a␛[2m → ␛[0mb

    ␛[1mPlan: 1 to replace␛[0m
    ␛[1m␛[31mThe data of 1 instance will be lost.␛[0m
    ");
    assert_eq!(without_colours(&coloured), printed(&plan, WIDE));
}

/// The text without its colours.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('m').unwrap().1)
}

#[test]
fn the_same_plan_is_printed_as_the_same_bytes() {
    let first = printed(&everything(), coloured(80));
    assert!((0..10).all(|_| printed(&everything(), coloured(80)) == first));
}

#[test]
fn with_nothing_to_do_it_says_so_first_and_last() {
    let plan = plan_of(vec![
        step("site", Action::Keep),
        step("database", Action::Keep),
    ]);
    insta::assert_snapshot!(printed(&plan, WIDE), @r"
    Plan for stack wordpress in workspace acme (prod): nothing to change, 2 unchanged

      2 instances unchanged: instances.site, instances.database

    Plan: nothing to change, 2 unchanged
    ");
}

#[test]
fn an_empty_plan_is_two_lines() {
    insta::assert_snapshot!(printed(&plan_of(Vec::new()), WIDE), @r"
    Plan for stack wordpress in workspace acme (prod): nothing to change

    Plan: nothing to change
    ");
}

#[test]
fn the_osc_plan_stands_beside_the_environment_where_it_is_known() {
    let mut plan = plan_of(Vec::new());
    plan.tenant_plan = Some("PRO\x1b[2J".to_owned());
    insta::assert_snapshot!(printed(&plan, plain(60)), @r"
    Plan for stack wordpress in workspace acme (prod, PRO�[2J
    plan): nothing to change

    Plan: nothing to change
    ");
}

#[test]
fn many_unchanged_instances_are_a_count() {
    let steps = (0..30).map(|n| step(&format!("site{n}"), Action::Keep));
    insta::assert_snapshot!(printed(&plan_of(steps.collect()), WIDE), @r"
    Plan for stack wordpress in workspace acme (prod): nothing to change, 30 unchanged

      30 instances unchanged

    Plan: nothing to change, 30 unchanged
    ");
}

#[test]
fn an_unchanged_instance_with_options_nobody_declares_is_shown_with_the_lines_to_clear_them() {
    let plan = plan_of(vec![
        step("site", Action::Keep).unmanaged(&["DbName", "opts.mode"]),
    ]);
    insta::assert_snapshot!(printed(&plan, WIDE), @r"
    Plan for stack wordpress in workspace acme (prod): nothing to change, 1 unchanged

        instances.site  unchanged  wordpress-wordpress myblog
        why  as declared
        set in the workspace and not in the manifest; under `options:`, these lines would clear them:
          DbName: null
          opts.mode: null

    Plan: nothing to change, 1 unchanged
    ");
}

#[test]
fn a_destroy_says_what_it_deletes_why_and_what_is_lost() {
    let plan = destroy_of(vec![
        step("site", Action::Delete).on_line(20),
        step("database", Action::Delete).on_line(12).loses_data(),
        step("storage", Action::Delete)
            .loses_data()
            .held(Hold::LosesData),
        step("encoder", Action::Delete).held(Hold::NeededBy(Address::instance("shop"))),
    ]);
    insta::assert_snapshot!(printed(&plan, WIDE), @r"
    Plan to destroy stack wordpress in workspace acme (prod): 2 to delete, 2 held back

      - instances.site      delete  wordpress-wordpress myblog  osc.yaml:20
        why  declared by this stack, which is being destroyed

      - instances.database  delete  linuxserver-docker-mariadb myblog  osc.yaml:12  loses its data
        why  declared by this stack, which is being destroyed

      - instances.storage   delete  minio-minio myblog  held back
        why   declared by this stack, which is being destroyed
        held  deleting it would lose its data; to allow that, add `--discard-data instances.storage`, or
              write `data: none` under instances.storage in the manifest if it holds none worth keeping

      - instances.encoder   delete  encore myblog  held back
        why   declared by this stack, which is being destroyed
        held  instances.shop could not be read and may still need it

    Plan: 2 to delete, 2 held back
    The data of 1 instance will be lost.
    ");
}

#[test]
fn names_and_addresses_are_never_cut() {
    let key = "a-key-that-is-a-good-deal-longer-than-the-terminal-is-wide";
    let name = "a-name-that-is-just-as-long-as-the-key-of-its-instance";
    let plan = plan_of(vec![step(key, Action::Create).named(name)]);
    let text = printed(&plan, plain(30));
    assert!(text.contains(key) && text.contains(name), "{text}");
}

#[test]
fn text_from_outside_cannot_steer_the_terminal() {
    let plan = plan_of(vec![
        step("site\u{202e}", Action::Update)
            .named("x\x1b[2J")
            .reason("could not be read: \x1b]0;owned\x07")
            .unmanaged(&["\u{9b}31m"])
            .fields(vec![between("Db\x08Host", "\x1b[31mred", "a\r\nb\x1b[0m")]),
    ]);
    let text = printed(&plan, WIDE);
    let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!text.contains(steers), "{text:?}");
}

#[test]
fn a_plan_of_thousands_of_steps_is_printed_at_once() {
    let begun = std::time::Instant::now();
    let steps = (0..10_000).map(|n| step(&format!("site{n}"), Action::Create));
    let text = printed(&plan_of(steps.collect()), WIDE);
    assert_eq!(text.matches("absent from the workspace").count(), 10_000);
    assert!(begun.elapsed() < at(20));
}
