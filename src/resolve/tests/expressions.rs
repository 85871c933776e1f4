use super::given::{stack, value};

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
    assert_eq!(
        stack("instances:\n  e:\n    service: encore\n").findings(),
        ""
    );
}
