use super::given::value;

#[test]
fn texts_and_expressions_come_to_their_values() {
    for (text, wanted) in [
        ("plain", "plain"),
        ("''", ""),
        ("${variables.n}", "shop"),
        ("${ variables.n }", "shop"),
        ("a-${variables.n}-${variables.yes}-b", "a-shop-true-b"),
        ("$${variables.n}", "${variables.n}"),
        ("a $${b} ${variables.n}", "a ${b} shop"),
        ("'{{secrets.x}}'", "{{secrets.x}}"),
        ("'[template.x]'", "[template.x]"),
        ("${variables.u | host}", "a.example"),
        ("${variables.u | trim_slash}", "https://a.example/x"),
        ("${'a b/c' | urlencode}", "a%20b/c"),
        ("${variables.n | upper}", "SHOP"),
        ("${'x' if variables.yes else 'y'}", "x"),
        ("${'x' if not variables.yes else 'y'}", "y"),
        ("${variables.n ~ '-x'}", "shop-x"),
        ("${variables.n[1:3]}", "ho"),
        ("${variables.l | join('+')}", "a+b"),
        ("${variables.l[1]}", "b"),
        ("\"${ {'a': '}'}.a }\"", "}"),
        ("${variables.n if variables.n is defined else ''}", "shop"),
        ("${stack}/${environment}", "shop/prod"),
        ("${variables . n}", "shop"),
    ] {
        assert_eq!(value(text), wanted, "{text}");
    }
}

#[test]
fn a_number_keeps_its_digits() {
    assert_eq!(value("${variables.v}"), "1.10");
    assert_eq!(value("v${variables.v}"), "v1.10");
    assert_eq!(value("1.10"), "1.10");
}

#[test]
fn default_stands_in_for_what_has_no_value_only() {
    assert_eq!(value("${variables.n | default('x')}"), "shop");
    assert_eq!(value("${'' | default('x')}"), "");
}

#[test]
fn what_is_wrong_with_an_expression_is_said_at_its_place() {
    for (text, wanted) in [
        (
            "a ${variables.n",
            "13:19 this expression has no end (`${` begins an expression that ends with `}`; a literal `${` is `$${`)",
        ),
        (
            "${variables.m}",
            "13:19 there is no variable `m` (declare it under `variables:`)",
        ),
        (
            "n ${ variables.n } ${ variables.nn }",
            "13:39 there is no variable `nn` (declare it under `variables:`)",
        ),
        (
            "${instances.x.url}",
            "13:19 there is no instance `x` (declare it under `instances:`)",
        ),
        ("${variables.n | uper}", "13:33 there is no filter `uper`"),
        ("${variables.n is nice}", "13:34 there is no test `nice`"),
        (
            "${varables.n}",
            "13:19 `varables` is nothing an expression can refer to (did you mean `variables`?)",
        ),
        (
            "${'x' ~ secrets.a}",
            "13:25 there is no secret `a` (declare it under `secrets:`)",
        ),
        (
            "${apps.a.url}",
            "13:19 `apps` is not supported by this version of osc-apply",
        ),
        (
            "${secrets}",
            "13:19 `secrets` alone refers to nothing (write `secrets.NAME`)",
        ),
        ("${secrets.n.x}", "13:19 `secrets.n` has no `x`"),
        (
            "${variables}",
            "13:19 `variables` alone refers to nothing (write `variables.NAME`)",
        ),
        ("${variables.n.x}", "13:19 `variables.n` has no `x`"),
        (
            "${instances.e.uri}",
            "13:19 an instance has no `uri` (known: url, host, address, ports, name, service, options)",
        ),
        (
            "${instances.e.options}",
            "13:19 `instances.e.options` does not say which option (name one: `instances.KEY.options.OPTION`)",
        ),
        ("${stack.x}", "13:19 `stack` is text and has no `x`"),
        (
            "${range(3)}",
            "13:19 `range` is nothing an expression can refer to (known: variables, secrets, instances, workspace, stack, environment)",
        ),
        (
            "x${variables.n +}",
            "13:20 not a valid expression: unexpected end of input, expected expression",
        ),
        ("a${variables.l}", "13:20 a list cannot stand inside text"),
        (
            "${'x' | host}",
            "13:19 `host` needs a URL with a host, such as https://example.com",
        ),
        (
            "${1 | trim_slash}",
            "13:19 `trim_slash` needs text, this is number",
        ),
    ] {
        assert_eq!(value(text), format!("osc.yaml:{wanted}"), "{text}");
    }
}

#[test]
fn places_are_found_inside_every_kind_of_scalar() {
    for (text, wanted) in [
        ("x ${variables.m}", "13:21"),
        ("'it''s ${variables.m}'", "13:26"),
        ("\"q \\\" ${variables.m}\"", "13:25"),
        (
            "\"${variables.n | default(\\\"x\\\")} ${variables.m | default(\\\"y\\\")}\"",
            "13:52",
        ),
        ("'${variables.m | default(''x'')}'", "13:20"),
        ("|\n        one\n        two ${variables.m}", "15:15"),
        (">-\n        one\n        ${variables.m} x", "15:11"),
        ("[a, \"${variables.m}\"]", "13:24"),
        ("one\n        two ${variables.m}", "14:15"),
        ("$${variables.m} ${variables.m}", "13:35"),
        ("variables.m ${variables.m}", "13:31"),
        ("${variables.n ~ 'variables.m' ~ variables.m}", "13:49"),
        ("\"\\x24{variables.m}\"", "13:17"),
    ] {
        let found = value(text);
        let at = found.split(' ').next().unwrap();
        assert_eq!(at, format!("osc.yaml:{wanted}"), "{text}: {found}");
    }
}

#[test]
fn a_mistake_that_stands_twice_in_a_text_is_said_once() {
    assert_eq!(
        value("${variables.m +} ${variables.m +}").lines().count(),
        1
    );
}
