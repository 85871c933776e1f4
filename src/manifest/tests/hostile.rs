//! Input meant to hurt: each gets a clear finding, and none a panic.

use super::given::{findings, read};

/// The first line of the findings, shortened.
fn first(text: &str) -> String {
    let all = findings(text);
    all.lines().next().unwrap_or("").chars().take(110).collect()
}

#[test]
fn aliases_that_repeat_too_much_are_refused() {
    let nested = (1..30).fold(String::from("a0: &a0 [x, x]\n"), |text, n| {
        let m = n - 1;
        format!("{text}a{n}: &a{n} [*a{m}, *a{m}, *a{m}, *a{m}, *a{m}, *a{m}, *a{m}]\n")
    });
    assert!(first(&nested).ends_with("anchors and aliases repeat more than 1 MiB in this file"));
    let aliases = "- *a\n".repeat(20_000);
    let long = format!("- &a {}\n{aliases}", "x".repeat(100_000));
    assert!(first(&long).ends_with("anchors and aliases repeat more than 1 MiB in this file"));
}

#[test]
fn anchors_inside_each_other_are_refused_when_they_keep_too_much() {
    let open: String = (0..100).map(|n| format!("[&a{n} ")).collect();
    let text = format!("{open}[{}]{}", "x,".repeat(100_000), "]".repeat(100));
    assert!(first(&text).ends_with("anchors and aliases repeat more than 1 MiB in this file"));
}

#[test]
fn an_alias_inside_what_it_repeats_is_refused() {
    assert_eq!(
        first("a: &a\n  b: *a\n"),
        "2:6 this alias stands inside what it repeats"
    );
}

#[test]
fn an_alias_without_an_anchor_is_refused() {
    assert_eq!(
        first("a: *b\n"),
        "1:4 not valid YAML: while parsing node, found unknown anchor"
    );
}

#[test]
fn nesting_of_every_kind_has_a_limit() {
    let stairs: String = (0..10_000)
        .map(|n| format!("{}a:\n", " ".repeat(n)))
        .take(1_000)
        .collect();
    for (kind, text) in [
        ("[", "[".repeat(10_000)),
        ("{", "{".repeat(10_000)),
        ("{a: ", "{a: ".repeat(10_000)),
        ("- ", "- ".repeat(10_000)),
        ("? ", "? ".repeat(10_000)),
        ("a:", stairs),
        (
            "closed",
            format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)),
        ),
    ] {
        let found = first(&text);
        assert!(
            found.contains("nest") || found.contains("recursion") || found.contains("depth"),
            "{kind}: {found}"
        );
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let large = format!("a: {}", "x".repeat(8 << 20));
    assert_eq!(first(&large), "1:1 the file is larger than 8 MiB");
    let many = format!("[{}]", "1,".repeat(1_000_001));
    assert!(first(&many).ends_with("the file holds more than 1000000 values"));
}

#[test]
fn a_quote_without_an_end_is_found_where_it_begins_or_ends() {
    for quote in ['"', '\''] {
        let text = format!("a: {quote}{}", "x\n ".repeat(100_000));
        assert!(first(&text).contains("not valid YAML"), "{}", first(&text));
    }
}

#[test]
fn a_file_without_a_value_is_empty() {
    for text in [
        "",
        "\n\n",
        "# nothing\n# here\n",
        "\u{feff}",
        "---\n",
        "   \n",
    ] {
        assert!(first(text).contains("the file is empty"), "{text:?}");
    }
}

#[test]
fn what_is_no_yaml_of_ours_is_refused_at_its_place() {
    for (text, wanted) in [
        (
            "version: 1\n---\nversion: 1\n",
            "2:1 a manifest is one document: this is a second one",
        ),
        ("a: 1\n\tb: 2\n", "found a tab"),
        ("a: \0\n", "1:4 not valid YAML: "),
        ("a: \u{7}b\n", "1:4 not valid YAML: "),
        ("a: [1, 2\n", "not valid YAML: "),
        ("a: }\n", "1:4 not valid YAML: "),
        ("a: b: c\n", "not valid YAML: "),
        (
            "<<: {a: 1}\n",
            "1:1 merge keys (`<<`) are not part of YAML 1.2",
        ),
        ("? [a]\n: b\n", "1:3 a key must be text, this is a list"),
        (
            "- a\n- b\n",
            "1:1 a manifest must be a mapping, this is a list",
        ),
        (
            "just text\n",
            "1:1 a manifest must be a mapping, this is text",
        ),
    ] {
        let found = first(text);
        assert!(found.contains(wanted), "{text:?}: {found}");
    }
}

#[test]
fn line_ends_and_byte_order_marks_of_other_systems_are_read() {
    let text = "version: 1\r\nstack: shop\r\ninstances:\r\n  a: {service: encore, nmae: x}\r\n";
    assert_eq!(
        findings(text),
        "4:24 an instance has no key `nmae` (did you mean `name`?)"
    );
    let text = format!("\u{feff}{}", text.replace("\r\n", "\n"));
    assert!(findings(&text).starts_with("4:24 "), "{}", findings(&text));
}

#[test]
fn thousands_of_wrong_keys_and_a_huge_one_are_put_up_with() {
    let many: String = (0..20_000).map(|n| format!("k{n}: 1\n")).collect();
    assert_eq!(read(&[&many]).found.sorted().len(), 1_001);
    let huge = format!("{}: 1\n", "k".repeat(1_000));
    assert!(first(&huge).contains("a key has at most 256 characters"));
    let huge = format!("? {}\n: 1\n", "k".repeat(4 << 20));
    assert!(first(&huge).contains("a key has at most 256 characters"));
}
