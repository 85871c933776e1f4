use super::builder::{WIDE, With, destroy_of, plan_of, printed, step};
use crate::model::Address;
use crate::plan::{Action, Hold};

#[test]
fn a_replacement_that_loses_data_names_the_flag_and_the_line_that_allow_it() {
    let plan = plan_of(vec![
        step("database", Action::Replace)
            .on_line(12)
            .loses_data()
            .held(Hold::LosesData),
    ]);
    insta::assert_snapshot!(printed(&plan, WIDE), @r"
    Plan for stack wordpress in workspace acme (prod): 1 held back

      -/+ instances.database  replace  linuxserver-docker-mariadb myblog  osc.yaml:12  held back
          why   `DbHost` differs
          held  replacing it would lose its data; to allow that, add
                `--discard-data instances.database`, or write `data: none` under instances.database in
                the manifest if it holds none worth keeping

    Plan: 1 held back
    ");
}

#[test]
fn a_protected_instance_names_the_line_to_remove() {
    let replace = step("database", Action::Replace)
        .on_line(12)
        .protected()
        .held(Hold::Protected);
    insta::assert_snapshot!(printed(&plan_of(vec![replace]), WIDE), @r"
    Plan for stack wordpress in workspace acme (prod): 1 held back

      -/+ instances.database  replace  linuxserver-docker-mariadb myblog  osc.yaml:12  held back
          why   `DbHost` differs
          held  `protect: true` forbids replacing it; to allow that, remove that line under
                instances.database in the manifest (osc.yaml:12)

    Plan: 1 held back
    ");
    let delete = step("database", Action::Delete).held(Hold::Protected);
    let declared = delete.clone().on_line(12).protected();
    let text = printed(&destroy_of(vec![declared]), WIDE);
    assert!(text.contains("forbids deleting it"), "{text}");
    // Nothing in the manifest says so.
    let text = printed(&destroy_of(vec![delete.on_line(12)]), WIDE);
    assert!(text.contains("which its tags remember"), "{text}");
}

#[test]
fn an_unreadable_instance_shows_the_error_and_holds_its_dependants() {
    let needs = || Hold::Needs(Address::instance("database"));
    let plan = plan_of(vec![
        step("database", Action::Unknown).held(Hold::Unreadable),
        step("site", Action::Update).held(needs()),
    ]);
    insta::assert_snapshot!(printed(&plan, WIDE), @r"
    Plan for stack wordpress in workspace acme (prod): 1 held back, 1 unreadable

      ? instances.database  unreadable  linuxserver-docker-mariadb myblog
        why   could not be read: reading instances: no usable answer (502)
        held  nothing is done to what cannot be read

      ~ instances.site      update      wordpress-wordpress myblog  held back
        why   `DbHost` differs
        held  it needs instances.database, which could not be read; it goes on once that is solved

    Plan: 1 held back, 1 unreadable
    ");
}

#[test]
fn what_needs_something_held_back_says_so() {
    let plan = plan_of(vec![
        step("database", Action::Replace).held(Hold::Protected),
        step("site", Action::Create).held(Hold::Needs(Address::instance("database"))),
    ]);
    let text = printed(&plan, WIDE);
    assert!(
        text.contains("it needs instances.database, which is itself held back"),
        "{text}"
    );
}

#[test]
fn what_something_unreadable_may_need_is_kept() {
    let plan = destroy_of(vec![
        step("database", Action::Delete).held(Hold::NeededBy(Address::instance("site"))),
    ]);
    insta::assert_snapshot!(printed(&plan, WIDE), @r"
    Plan to destroy stack wordpress in workspace acme (prod): 1 held back

      - instances.database  delete  linuxserver-docker-mariadb myblog  held back
        why   declared by this stack, which is being destroyed
        held  instances.site could not be read and may still need it

    Plan: 1 held back
    ");
}
