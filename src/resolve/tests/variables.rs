use super::given::{Given, stack};

/// The region of an encore is the variable `x`, declared as `declared`.
fn variable(declared: &str) -> Given {
    stack(&format!(
        "variables:\n  x: {declared}\ninstances:\n  e:\n    service: encore\n    options: \
         {{s3Region: '${{variables.x}}'}}\n"
    ))
}

fn value(given: Given) -> String {
    let resolved = given.resolve();
    match &resolved.desired {
        Some(_) => resolved.options("e")["s3Region"].clone(),
        None => resolved.findings(),
    }
}

#[test]
fn a_flag_goes_before_a_file_before_the_environment_before_the_default() {
    let given = || variable("{default: d}");
    assert_eq!(value(given()), "d");
    assert_eq!(value(given().process("x", "p")), "p");
    assert_eq!(value(given().process("x", "p").variable_file("x: f")), "f");
    let all = given().process("x", "p").variable_file("x: f");
    assert_eq!(value(all.flag("x", "1").flag("x", "2")), "2");
}

#[test]
fn a_variable_without_a_value_is_an_error_that_says_how_to_give_one() {
    assert_eq!(
        value(variable("{}")),
        "osc.yaml:4:3 the variable `x` has no value (give it one: `--var x=VALUE`, OSC_VAR_x, a \
         `--var-file`, or a `default`)"
    );
}

#[test]
fn texts_from_outside_are_read_as_the_declared_type() {
    for (declared, text, wanted) in [
        ("{}", "true", "true"),
        ("{type: number}", "1.50", "1.50"),
        ("{type: string}", "", ""),
    ] {
        let given = variable(declared).flag("x", text);
        assert_eq!(value(given), wanted, "{declared}");
    }
    for (declared, text, wanted) in [
        (
            "{type: boolean}",
            "yes",
            "- `--var x=…` must be true or false (the manifest declares `x` with that type)",
        ),
        (
            "{type: number}",
            "1x",
            "- `--var x=…` must be a number (the manifest declares `x` with that type)",
        ),
        (
            "{type: number}",
            "inf",
            "- `--var x=…` must be a number (the manifest declares `x` with that type)",
        ),
    ] {
        assert_eq!(
            value(variable(declared).flag("x", text)),
            wanted,
            "{declared}"
        );
    }
    let joined = "variables: {x: {type: list}}\ninstances:\n  e:\n    service: encore\n    \
                  options: {s3Region: \"${variables.x | join('+')}\"}\n";
    assert_eq!(value(stack(joined).flag("x", "a, b,c")), "a+b+c");
    let condition = "variables: {x: {type: boolean}}\ninstances:\n  e:\n    service: encore\n    \
                     options: {s3Region: \"${'on' if variables.x else 'off'}\"}\n";
    assert_eq!(value(stack(condition).process("x", "false")), "off");
}

#[test]
fn defaults_and_files_must_be_of_the_type() {
    for (declared, wanted) in [
        (
            "{type: number, default: a}",
            "4:30 the default of `x` must be a number",
        ),
        (
            "{type: boolean, default: 'true'}",
            "4:31 the default of `x` must be true or false",
        ),
        (
            "{type: list, default: a}",
            "4:28 the default of `x` must be a list of texts",
        ),
        (
            "{type: string, default: true}",
            "4:30 the default of `x` must be text",
        ),
        (
            "{default: {a: b}}",
            "4:16 a `default` must be a value or a list of values, this is a mapping",
        ),
    ] {
        assert_eq!(
            value(variable(declared)),
            format!("osc.yaml:{wanted}"),
            "{declared}"
        );
    }
    assert_eq!(value(variable("{type: string, default: 1.10}")), "1.10");
    for (file, wanted) in [
        ("x: [a]", "1:4 the value of `x` must be text"),
        ("x: {a: b}", "1:4 the value of `x` must be text"),
        ("x:\n", "1:2 the value of `x` must be text"),
        ("x: a\ny: b\n", "2:1 the manifest has no variable `y`"),
        (
            "- x\n",
            "1:1 a variable file must be a mapping (write one `name: value` a line)",
        ),
    ] {
        let found = variable("{default: d}").variable_file(file).findings();
        assert_eq!(found, format!("vars.yaml:{wanted}"), "{file}");
    }
    assert_eq!(value(variable("{}").variable_file("x: 1.10")), "1.10");
    assert_eq!(
        value(variable("{}").variable_file("x: |\n  a\n  b\n")),
        "a\nb\n"
    );
}

#[test]
fn an_empty_variable_file_gives_nothing() {
    let with = |file: &str| variable("{default: d}").variable_file(file).findings();
    assert_eq!(with("# none\n---\n"), "");
    assert_eq!(with(""), "");
}

#[test]
fn a_variable_file_has_the_limits_of_a_manifest() {
    let bomb = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(10_000),
        "*a, ".repeat(1_000)
    );
    let found = variable("{default: d}").variable_file(&bomb).findings();
    assert!(
        found.contains("anchors and aliases repeat more than 1 MiB"),
        "{found}"
    );
}

#[test]
fn a_pattern_is_held_against_the_value_from_wherever_it_came() {
    let given = || variable("{default: A, pattern: '^[a-z]+$'}");
    assert_eq!(
        value(given()),
        "osc.yaml:4:16 the value of `x` does not match its pattern\n  osc.yaml:4:28 the pattern"
    );
    assert_eq!(
        value(given().flag("x", "B")),
        "- the value of `x` does not match its pattern\n  osc.yaml:4:28 the pattern"
    );
    assert_eq!(
        value(given().variable_file("x: B")),
        "vars.yaml:1:4 the value of `x` does not match its pattern\n  osc.yaml:4:28 the pattern"
    );
    assert_eq!(value(given().flag("x", "b")), "b");
    let broken = value(variable("{default: a, pattern: '('}"));
    assert!(
        broken.starts_with("osc.yaml:4:28 the pattern `(` cannot be applied"),
        "{broken}"
    );
}

#[test]
fn a_flag_for_a_variable_nobody_declared_is_an_error() {
    assert_eq!(
        variable("{default: d}").flag("region", "x").findings(),
        "- `--var region=…` names a variable the manifest does not have"
    );
    let other = stack("variables: {region: {default: a}}\n").flag("regoin", "hunter2");
    assert_eq!(
        other.findings(),
        "- `--var regoin=…` names a variable the manifest does not have (did you mean `region`?)"
    );
}
