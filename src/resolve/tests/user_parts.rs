//! Expressions in the user part of a URL.

use super::given::stack;

/// What a text comes to with `p` being `a/b:c@d %é`.
fn url(text: &str) -> String {
    let given = stack(&format!(
        "variables: {{p: {{default: 'a/b:c@d %é'}}, h: {{default: host}}, n: {{default: 7}}}}\n\
         instances:\n  e:\n    service: encore\n    options:\n      s3Region: \"{text}\"\n"
    ))
    .resolve();
    given.options("e")["s3Region"].clone()
}

const ESCAPED: &str = "a%2Fb%3Ac%40d%20%25%C3%A9";

#[test]
fn user_and_password_of_a_url_are_escaped_wherever_it_stands() {
    for (text, wanted) in [
        (
            "redis://default:${variables.p}@${variables.h}:1/x",
            "redis://default:{}@host:1/x",
        ),
        ("redis://${variables.p}:${variables.p}@h", "redis://{}:{}@h"),
        (
            "jdbc:postgresql://u:${variables.p}@h/db",
            "jdbc:postgresql://u:{}@h/db",
        ),
        ("${variables.h}://u:x${variables.p}y@h", "host://u:x{}y@h"),
        (
            "a ${variables.n} https://u:${variables.p}@h b",
            "a 7 https://u:{}@h b",
        ),
        (
            "x://a:${variables.p}@h, y://b:${variables.p}@h",
            "x://a:{}@h, y://b:{}@h",
        ),
        ("x://a:${variables.p | upper | lower}@h", "x://a:{}@h"),
    ] {
        assert_eq!(url(text), wanted.replace("{}", ESCAPED), "{text}");
    }
}

#[test]
fn what_is_escaped_already_is_not_escaped_again() {
    let wanted = format!("x://a:{ESCAPED}@h");
    assert_eq!(url("x://a:${variables.p | urlencode}@h"), wanted);
}

#[test]
fn nothing_else_is_escaped() {
    for (text, wanted) in [
        ("${variables.p}", "{}"),
        ("${variables.p}@h", "{}@h"),
        ("https://h/${variables.p}@x", "https://h/{}@x"),
        ("https://h?a=${variables.p}@x", "https://h?a={}@x"),
        ("https://${variables.h}/x@y", "https://host/x@y"),
        ("https://u:pw@h/${variables.p}", "https://u:pw@h/{}"),
        ("${'x://u:' ~ variables.p ~ '@h'}", "x://u:{}@h"),
    ] {
        assert_eq!(url(text), wanted.replace("{}", "a/b:c@d %é"), "{text}");
    }
}
