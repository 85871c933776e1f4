use super::builder::{With, between, change, coloured, new, plain, plan_of, printed, shown, step};
use crate::plan::{Action, After, FieldChange};

fn updated(change: FieldChange) -> String {
    let plan = plan_of(vec![step("site", Action::Update).fields(vec![change])]);
    body(&printed(&plan, plain(60)))
}

/// What stands between the heading and the last summary.
fn body(text: &str) -> String {
    let start = text.find("    why").unwrap();
    text[start..text.rfind("\n\nPlan").unwrap()].to_owned()
}

#[test]
fn texts_of_several_lines_are_compared_line_by_line() {
    let before = "[mysqld]\nbind=0.0.0.0\nport=3306\nuser=mysql\nlog=on\nkeep=1\n";
    let after = "[mysqld]\nbind=0.0.0.0\nport=3307\nuser=mysql\nlog=on\nkeep=1\n";
    insta::assert_snapshot!(updated(between("Config", before, after)), @r"
    why     `DbHost` differs
    Config    [mysqld]
              bind=0.0.0.0
            - port=3306
            + port=3307
              user=mysql
              log=on
    ");
}

#[test]
fn differences_far_apart_are_groups_with_a_gap() {
    let text = |first: &str, last: &str| {
        let middle: Vec<String> = (1..20).map(|n| format!("line {n}")).collect();
        format!("{first}\n{}\n{last}", middle.join("\n"))
    };
    insta::assert_snapshot!(updated(between("Config", &text("a", "y"), &text("b", "z"))), @r"
    why     `DbHost` differs
    Config  - a
            + b
              line 1
              line 2
            …
              line 18
              line 19
            - y
            + z
    ");
}

#[test]
fn json_is_compared_with_a_line_for_each_value() {
    let before = r#"{"name":"x","tags":["a","b"],"deep":{"on":true}}"#;
    let after = r#"{"name":"x","tags":["a","c"],"deep":{"on":true}}"#;
    insta::assert_snapshot!(updated(between("Json", before, after)), @r#"
    why   `DbHost` differs
    Json      "tags": [
                "a",
          -     "b"
          +     "c"
              ],
              "deep": {
    "#);
}

#[test]
fn json_that_differs_in_spaces_only_is_shown_as_text() {
    insta::assert_snapshot!(updated(between("Json", r#"{"a":1}"#, r#"{ "a": 1 }"#)), @r#"
    why   `DbHost` differs
    Json  {"a":1} → { "a": 1 }
    "#);
}

#[test]
fn a_number_or_a_word_is_not_taken_for_json() {
    let text = updated(between("Count", "1", "2"));
    assert!(text.ends_with("Count  1 → 2"), "{text}");
}

#[test]
fn a_line_end_or_space_at_the_end_of_a_line_is_a_visible_difference() {
    insta::assert_snapshot!(updated(between("Config", "a\nb\n", "a\nb")), @r"
    why     `DbHost` differs
    Config    a
            - b
            + b (no line end)
    ");
    insta::assert_snapshot!(updated(between("Config", "a\nb", "a \nb")), @r"
    why     `DbHost` differs
    Config  - a
            + a·
              b
    ");
}

#[test]
fn a_changed_line_is_broken_and_not_cut() {
    let long = |end: &str| format!("first\n{}{end}", "0123456789".repeat(8));
    insta::assert_snapshot!(updated(between("Config", &long("x"), &long("y"))), @r"
    why     `DbHost` differs
    Config    first
            - 0123456789012345678901234567890123456789012345
              6789012345678901234567890123456789x
            + 0123456789012345678901234567890123456789012345
              6789012345678901234567890123456789y
    ");
}

#[test]
fn lines_that_come_or_go_altogether_are_shown_up_to_a_limit() {
    let lines: Vec<String> = (1..=30).map(|n| format!("line {n}")).collect();
    let many = shown(&lines.join("\n"));
    let unset = updated(change("Config", Some(many.clone()), After::Unset));
    assert!(
        unset.contains("- line 1\n") && unset.contains("- line 20\n"),
        "{unset}"
    );
    assert!(
        !unset.contains("line 21") && unset.ends_with("… 10 more lines"),
        "{unset}"
    );
    let set = updated(change("Config", None, After::Value(many)));
    assert!(
        set.contains("+ line 20\n") && set.ends_with("… 10 more lines"),
        "{set}"
    );
}

#[test]
fn a_new_value_of_several_lines_is_shown_as_a_block() {
    let plan = plan_of(vec![
        step("site", Action::Create).fields(vec![new("Config", "a: 1\n  b: 2\n")]),
    ]);
    insta::assert_snapshot!(body(&printed(&plan, plain(60))), @r"
    why     absent from the workspace
    Config  | a: 1
            |   b: 2
    ");
}

#[test]
fn removed_lines_are_red_and_added_ones_green() {
    let field = between("Config", "a\nb", "a\nc");
    let plan = plan_of(vec![step("site", Action::Update).fields(vec![field])]);
    let text = printed(&plan, coloured(60));
    assert!(text.contains("\x1b[31m- b\x1b[0m"), "{text}");
    assert!(text.contains("\x1b[32m+ c\x1b[0m"), "{text}");
}

#[test]
fn texts_too_long_to_compare_are_only_counted() {
    let many = |word: &str| format!("{word}\n").repeat(11_000);
    let text = updated(between("Config", &many("a"), &many("b")));
    assert!(
        text.ends_with("22000 lines are too many to compare here"),
        "{text}"
    );
}
