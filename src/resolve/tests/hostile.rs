//! Expressions meant to hurt: each gets a clear finding, and none a panic.

use super::given::{stack, value};

#[test]
fn an_expression_cannot_make_much_of_little() {
    for expression in [
        "'x' * 1000000000",
        "'x' * 50000000",
        "[1] * 1000000000",
        "[1] * 50000000",
        "['x' * 100000] * 1000",
        "[['x' * 1000] * 1000] * 1000",
        "'x' | center(100000000)",
        "'%1000000000d' | format(1)",
        "([1] * 50000000) | join('x')",
        "([1] * 50000000) | list",
        "([3, 1] * 5000000) | sort",
        "('x' * 1000000) | replace('x', 'y' * 1000000)",
        "([1] * 50000000) | batch(2)",
        "(10 ** 30) * 'x'",
    ] {
        let found = value(&format!("\"${{{expression}}}\""));
        assert!(
            found.starts_with("osc.yaml:13:"),
            "{expression}: {:.80}",
            found
        );
        assert!(
            found.lines().count() == 1 && found.len() < 200,
            "{expression}: {:.200}",
            found
        );
    }
}

#[test]
fn an_expression_has_a_greatest_length_and_depth() {
    for (kind, expression) in [
        (
            "brackets",
            format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000)),
        ),
        (
            "fewer brackets",
            format!("{}1{}", "(".repeat(900), ")".repeat(900)),
        ),
        ("open brackets", "(".repeat(1_900)),
        ("lists", format!("{}{}", "[".repeat(900), "]".repeat(900))),
        ("sum", format!("1{}", "+1".repeat(10_000))),
        ("filters", format!("'x'{}", "|trim".repeat(10_000))),
        ("not", format!("{}true", "not ".repeat(10_000))),
        ("attributes", format!("variables.n{}", ".x".repeat(10_000))),
        ("long text", format!("'{}'", "x".repeat(1_000_000))),
        ("long name", format!("variables.{}", "x".repeat(1_000_000))),
    ] {
        let found = value(&format!("\"${{{expression}}}\""));
        assert!(found.starts_with("osc.yaml:13:"), "{kind}: {:.120}", found);
        assert!(found.len() < 300, "{kind}: {:.300}", found);
    }
}

#[test]
fn the_longest_chains_that_are_allowed_are_worked_through() {
    for (chain, wanted) in [
        (format!("1{}", "+1".repeat(999)), "1000"),
        (format!("'x'{}", "|trim".repeat(390)), "x"),
        (format!("'x'{}", "[:]".repeat(600)), "x"),
        (format!("[1]{}[0]", "[:]".repeat(600)), "1"),
        (format!("''{}", "~''".repeat(600)), ""),
        (format!("'y' if 1{} else 'n'", "<2".repeat(400)), "n"),
        (format!("'x'{}", " if true else 'y'".repeat(100)), "x"),
    ] {
        let found = value(&format!("\"${{{chain}}}\""));
        assert_eq!(found, wanted, "{:.40}", chain);
    }
    for chain in [
        format!("{}true", "not ".repeat(450)),
        format!("{}1", "-".repeat(1_900)),
        format!("'x'{}", ".x".repeat(900)),
        format!("'x'{}", "()".repeat(900)),
        format!("'x'{}", "[0]".repeat(600)),
    ] {
        let _ = value(&format!("\"${{{chain}}}\""));
    }
}

#[test]
fn a_text_full_of_expressions_is_put_up_with() {
    let many = "${variables.n}".repeat(10_000);
    assert_eq!(value(&many).len(), 4 * 10_000);
    let more = "${variables.n}".repeat(10_001);
    assert!(value(&more).contains("a text has at most 10000 expressions"));
    let open = "${".repeat(100_000);
    assert!(value(&open).contains("has no end"));
    let literal = "$${".repeat(100_000);
    assert_eq!(value(&literal), "${".repeat(100_000));
    let wrong = "${variables.n +}".repeat(10_000);
    assert_eq!(value(&wrong).lines().count(), 1);
    let different: String = (0..3_000).map(|n| format!("${{variables.x{n}}}")).collect();
    assert!(value(&different).starts_with("- there are more errors than the 1000 shown"));
}

#[test]
fn a_long_value_cannot_be_repeated_without_end() {
    let long = "x".repeat(100_000);
    let text = format!(
        "variables: {{x: {{default: {long}}}}}\ninstances:\n  e:\n    service: encore\n    \
         options:\n      s3Region: {}\n",
        "${variables.x}".repeat(100)
    );
    let found = stack(&text).findings();
    assert!(
        found.contains("this text comes to more than 1 MiB"),
        "{:.200}",
        found
    );
    let instances: String = (0..1_000)
        .map(|n| {
            format!("  e{n}: {{service: encore, options: {{s3Region: '${{variables.x}}'}}}}\n")
        })
        .collect();
    let text = format!("variables: {{x: {{default: {long}}}}}\ninstances:\n{instances}");
    let found = stack(&text).findings();
    assert!(
        found.contains("the values come to more than 64 MiB here"),
        "{:.200}",
        found
    );
    assert_eq!(found.lines().count(), 1);
}

#[test]
fn a_pattern_cannot_take_for_ever() {
    for (pattern, value) in [
        ("^(a+)+$", format!("{}b", "a".repeat(5_000))),
        ("^(?=(a+)+$)(a|aa)+$", format!("{}b", "a".repeat(5_000))),
        ("(((a{1000}){1000}){1000})", "a".to_owned()),
    ] {
        let text = format!("variables: {{x: {{pattern: '{pattern}', default: {value}}}}}\n");
        let found = stack(&text).findings();
        assert!(found.contains("pattern"), "{:.200}", found);
    }
    let deep = format!("{}a{}", "(".repeat(10_000), ")".repeat(10_000));
    let text = format!("variables: {{x: {{pattern: '{deep}', default: a}}}}\n");
    let _ = stack(&text).findings();
}

#[test]
fn a_ring_of_ten_thousand_instances_is_one_cycle() {
    let instances: String = (0..10_000)
        .map(|n| {
            let next = (n + 1) % 10_000;
            format!("  i{n}: {{service: encore, depends_on: [i{next}]}}\n")
        })
        .collect();
    let found = stack(&format!("instances:\n{instances}")).resolve();
    assert_eq!(found.found.error_count(), 1);
}

#[test]
fn secrets_cannot_make_much_of_little() {
    // Each is twice the one before.
    let doubling: String = (1..100)
        .map(|n| {
            let before = n - 1;
            format!("  s{n}: {{value: '${{secrets.s{before}}}${{secrets.s{before}}}'}}\n")
        })
        .collect();
    for (first, wanted) in [("x", "more than 1 MiB"), ("", "")] {
        let found = stack(&format!(
            "variables: {{v: {{default: '{first}'}}}}\nsecrets:\n  s0: {{value: \
             '${{variables.v}}'}}\n{doubling}outputs: {{o: {{value: '${{secrets.s99}}', \
             sensitive: true}}}}\n"
        ))
        .findings();
        assert!(found.contains(wanted), "{found}");
        assert_eq!(found.lines().count(), wanted.len().min(1), "{found}");
    }
}

#[test]
fn a_long_chain_of_secrets_needs_no_recursion() {
    let chain: String = (1..1_000)
        .map(|n| format!("  s{n}: {{value: '${{secrets.s{}}}'}}\n", n - 1))
        .collect();
    let given = stack(&format!(
        "secrets:\n  s0: {{env: A}}\n{chain}outputs: {{o: {{value: '${{secrets.s999}}', \
         sensitive: true}}}}\n"
    ));
    let given = given.secret("s0", "x").resolve();
    assert!(given.desired().scope.has_secret("s999"));
}

#[test]
fn secrets_cannot_tie_everything_to_everything() {
    let instances: String = (0..2_000)
        .map(|n| {
            format!(
                "  i{n}: {{service: encore, name: n{n}, options: {{s3Region: '${{secrets.all}}'}}}}\n"
            )
        })
        .collect();
    let all: String = (0..2_000)
        .map(|n| format!("${{instances.i{n}.service}}"))
        .collect();
    let found = stack(&format!(
        "secrets: {{all: {{value: '{all}'}}}}\ninstances:\n{instances}"
    ))
    .findings();
    assert!(
        found.contains("tie more than 1000000 things together"),
        "{found}"
    );
}
