use crate::workspace::{PAIR, Workspace};

#[test]
fn before_an_apply_everything_is_absent() {
    insta::assert_snapshot!(Workspace::with(PAIR).run(&["status"]).ok().stdout);
}

#[test]
fn after_an_apply_everything_runs_and_has_a_url() {
    insta::assert_snapshot!(Workspace::with(PAIR).applied().run(&["status"]).ok().stdout);
}

#[test]
fn programs_get_the_same_as_json() {
    insta::assert_snapshot!(
        Workspace::with(PAIR)
            .applied()
            .run(&["status", "--json"])
            .ok()
            .stdout
    );
}
