use super::builder::{
    WIDE, With, between, change, new, plain, plan_of, printed, secret, shown, step,
};
use crate::plan::{Action, After, FieldChange};

/// The lines of one option of an updated instance.
fn updated(change: FieldChange, width: usize) -> String {
    options(Action::Update, change, width)
}

fn options(action: Action, change: FieldChange, width: usize) -> String {
    let plan = plan_of(vec![step("site", action).fields(vec![change])]);
    let text = printed(&plan, plain(width));
    let (_, text) = text
        .split_once("absent from the workspace\n")
        .unwrap_or_else(|| text.split_once("`DbHost` differs\n").unwrap());
    let text = text.split_once("\n\n").unwrap().0;
    let indent = text.len() - text.trim_start().len();
    text.lines()
        .map(|line| &line[indent..])
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn an_empty_value_and_space_at_its_ends_are_visible() {
    assert_eq!(updated(between("A", "", "x"), 80), r#"A    "" → x"#);
    assert_eq!(updated(between("A", "x", "x "), 80), r#"A    x → "x ""#);
    assert_eq!(updated(between("A", "x", "x\t"), 80), r#"A    x → x⇥"#);
}

#[test]
fn a_value_that_reads_like_our_words_is_quoted() {
    assert_eq!(
        updated(between("A", "(unset)", "x"), 80),
        r#"A    "(unset)" → x"#
    );
}

#[test]
fn values_that_are_not_there_have_words() {
    let unknown = |sensitive| After::Unknown { sensitive };
    let cases = [
        (
            change("A", None, After::Value(shown("x"))),
            "A    (unset) → x",
        ),
        (
            change("A", Some(shown("x")), After::Unset),
            "A    x → (unset)",
        ),
        (
            change("A", Some(shown("x")), unknown(false)),
            "A    x → (known after apply)",
        ),
        (
            change("A", None, After::Value(secret("x"))),
            "A    (unset) → (sensitive)",
        ),
        (
            change("A", Some(secret("x")), unknown(true)),
            "A    (sensitive) → (known after apply)",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(updated(change, 80), expected);
    }
}

#[test]
fn one_sensitive_side_hides_the_other_whatever_the_plan_says() {
    let after = change("A", Some(shown("old")), After::Value(secret("new")));
    assert_eq!(updated(after, 80), "A    (sensitive) → (sensitive)");
    let before = change("A", Some(secret("old")), After::Value(shown("new")));
    assert_eq!(updated(before, 80), "A    (sensitive) → (sensitive)");
    let unknown = change("A", Some(shown("old")), After::Unknown { sensitive: true });
    assert_eq!(
        updated(unknown, 80),
        "A    (sensitive) → (known after apply)"
    );
}

#[test]
fn two_values_too_long_for_a_line_stand_below_each_other() {
    let change = between("Url", &"a".repeat(30), &"b".repeat(30));
    insta::assert_snapshot!(updated(change, 60), @r"
    Url  - aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
         + bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
    ");
}

#[test]
fn long_values_are_cut_where_their_difference_is_still_seen() {
    let long = |word: &str| {
        format!(
            "https://example.com/{}/{word}/rest/of/it",
            "path".repeat(20)
        )
    };
    insta::assert_snapshot!(updated(between("Url", &long("old"), &long("new")), 60), @r"
    Url  - …athpath/old/rest/of/it
         + …athpath/new/rest/of/it
    ");
}

#[test]
fn a_long_new_value_is_cut_to_the_width() {
    let text = options(Action::Create, new("Url", &"é".repeat(200)), 60);
    assert_eq!(text, format!("Url  {}…", "é".repeat(50)));
}

#[test]
fn wide_characters_count_twice() {
    let text = options(Action::Create, new("Url", &"漢".repeat(200)), 60);
    assert_eq!(text, format!("Url  {}…", "漢".repeat(25)));
}

#[test]
fn an_option_name_too_long_to_align_is_not_cut() {
    let name = "an.option.with.a.name.longer.than.most.columns";
    assert_eq!(
        updated(between(name, "a", "b"), 80),
        format!("{name}  a → b")
    );
    let plan = plan_of(vec![
        step("site", Action::Create).fields(vec![new(name, "v"), new("B", "w")]),
    ]);
    insta::assert_snapshot!(printed(&plan, WIDE), @r"
    Plan for stack wordpress in workspace acme (prod): 1 to create

      + instances.site  create  wordpress-wordpress myblog
        why  absent from the workspace
        an.option.with.a.name.longer.than.most.columns  v
        B    w

    Plan: 1 to create
    ");
}
