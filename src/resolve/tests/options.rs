use super::given::{Resolved, stack};

/// Resolves one instance of a service with these options, in flow style.
fn options(service: &str, options: &str) -> Resolved {
    stack(&format!(
        "instances:\n  a:\n    service: {service}\n    options: {options}\n"
    ))
    .resolve()
}

#[test]
fn values_take_the_form_the_platform_keeps() {
    let given = options(
        "channel-engine",
        "{type: Playlist, url: 'https://a.example', opts: {useDemuxedAudio: false, \
         langList: [en, sv], preroll: {url: 'http://x'}}, opts.preset: HEVC, opts.defaultSlateUri: null}",
    );
    let values = given.options("a");
    assert_eq!(values["type"], "Playlist");
    assert_eq!(values["opts.useDemuxedAudio"], "false");
    assert_eq!(values["opts.langList"], "en,sv");
    assert_eq!(values["opts.preroll.url"], "http://x");
    assert_eq!(values["opts.preset"], "HEVC");
    assert_eq!(values["opts.defaultSlateUri"], "unset");
}

#[test]
fn an_empty_text_is_a_value_and_an_empty_list_too() {
    let given = options("channel-engine", "{url: 'http://x', opts: {langList: []}}");
    let empty = options("encore", "{s3Region: ''}");
    assert_eq!(empty.options("a")["s3Region"], "");
    assert_eq!(given.options("a")["opts.langList"], "");
}

#[test]
fn each_wrong_option_is_named_at_its_place() {
    for (service, given, offender, wanted) in [
        (
            "encore",
            "{s3Regoin: x}",
            "s3Regoin",
            "encore has no option `s3Regoin` (did you mean `s3Region`?)",
        ),
        (
            "encore",
            "{S3REGION: x}",
            "S3REGION",
            "encore has no option `S3REGION` (did you mean `s3Region`?)",
        ),
        (
            "encore",
            "{name: x}",
            "name",
            "the name is not an option here (write `name:` beside `options:`)",
        ),
        (
            "encore",
            "{s3Region: true}",
            "true",
            "`s3Region` must be text, this is a boolean (write it in quotes)",
        ),
        (
            "encore",
            "{s3Region: [a]}",
            "[a]",
            "`s3Region` must be text, this is a list (write the items as one text with commas between them)",
        ),
        (
            "encore",
            "{s3Region: {a: b}}",
            "{a",
            "this must be a single value or a list, this is a mapping",
        ),
        (
            "channel-engine",
            "{url: 'http://u', type: Loob}",
            "Loob",
            "`type` cannot be `Loob` (did you mean `Loop`?)",
        ),
        (
            "channel-engine",
            "{url: 'http://u', type: zebra}",
            "zebra",
            "`type` cannot be `zebra` (one of: Loop, Playlist, WebHook, Barker)",
        ),
        (
            "channel-engine",
            "{url: 'http://u', type: null}",
            "null",
            "`type` is mandatory and cannot be null",
        ),
        (
            "channel-engine",
            "{url: 'http://u', opts: {useDemuxedAudio: 'true'}}",
            "'true'",
            "`opts.useDemuxedAudio` must be true or false, this is text (write it without quotes)",
        ),
        (
            "channel-engine",
            "{url: 'http://u', opts: {useDemuxedAudio: 1}}",
            "1",
            "`opts.useDemuxedAudio` must be true or false, this is a number",
        ),
        (
            "channel-engine",
            "{url: 'http://u', opts: {langList: [a, 'b,c']}}",
            "'b,c'",
            "an item of `opts.langList` contains a comma (the platform keeps lists as comma-separated text)",
        ),
        (
            "channel-engine",
            "{url: 'http://u', opts: {langList: [a, [b]]}}",
            "[b]",
            "an item of `opts.langList` must be text, this is a list",
        ),
        (
            "channel-engine",
            "{url: 'http://u', opts: {langList: true}}",
            "true",
            "`opts.langList` must be a list, this is a boolean",
        ),
        (
            "channel-engine",
            "{url: 'http://u', opts: DD}",
            "DD",
            "`opts` is a group of options, not one (write its options below it, as in `opts:` and an indented line each)",
        ),
        (
            "channel-engine",
            "{url: 'http://u', opts: {presset: DD}}",
            "presset",
            "channel-engine has no option `opts.presset` (did you mean `opts.preset`?)",
        ),
        (
            "channel-engine",
            "{url: x}",
            "x",
            "the value of `url` does not match its pattern (the service wants ^http)",
        ),
        (
            "minio-minio",
            "{RootPassword: short}",
            "short",
            "the value of `RootPassword` does not match its pattern (the service wants ^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d).{10,}$)",
        ),
    ] {
        let found = options(service, given).findings();
        let column = 14 + given.find(offender).unwrap();
        assert_eq!(found, format!("osc.yaml:6:{column} {wanted}"), "{given}");
    }
    let twice = "{url: 'http://u', opts: {preset: DD}, opts.preset: DD}";
    let found = options("channel-engine", twice).findings();
    assert_eq!(
        found,
        "osc.yaml:6:52 the option `opts.preset` stands here twice\n  osc.yaml:6:39 first here"
    );
}

#[test]
fn a_wrong_service_or_a_missing_option_is_named_with_what_to_do() {
    for (service, given, wanted) in [
        (
            "wordpress-wordpress",
            "{DbHost: x}",
            "4:3 wordpress-wordpress: mandatory options are missing: `DbUser`, `DbPassword` (add `DbUser`, `DbPassword` to the `options` of `a`)",
        ),
        (
            "wordpress-wordpress",
            "{DbHost: x, DbUser: x}",
            "4:3 wordpress-wordpress: mandatory option is missing: `DbPassword` (add `DbPassword` to the `options` of `a`)",
        ),
        (
            "encor",
            "{s3Regoin: x}",
            "5:14 there is no service `encor` in the catalog (did you mean `encore`?)",
        ),
        (
            "valkey",
            "{}",
            "5:14 there is no service `valkey` in the catalog (did you mean `valkey-io-valkey`?)",
        ),
        (
            "zzzzzz",
            "{}",
            "5:14 there is no service `zzzzzz` in the catalog (a service id is the organisation and repository: `valkey-io-valkey`)",
        ),
        (
            "birme-goatcli",
            "{}",
            "5:14 `birme-goatcli` makes jobs, which this version cannot run",
        ),
        (
            "'${stack}'",
            "{}",
            "5:14 `service` cannot hold an expression (it decides which options there are: write the id itself)",
        ),
    ] {
        let found = options(service, given).findings();
        assert_eq!(found, format!("osc.yaml:{wanted}"), "{given}");
    }
}

#[test]
fn a_pattern_with_look_ahead_is_applied_but_not_to_a_reference() {
    for good in ["Abcdefgh12", "'{{secrets.minio}}'", "' {{secrets.minio}} '"] {
        let given = options("minio-minio", &format!("{{RootPassword: {good}}}"));
        assert_eq!(given.findings(), "", "{good}");
    }
}

#[test]
fn a_value_that_is_not_known_yet_is_checked_later() {
    let given = stack(
        "instances:\n  a:\n    service: minio-minio\n    options:\n      RootPassword: \
         ${instances.b.url}\n  b: {service: encore}\n",
    )
    .resolve();
    assert_eq!(given.options("a")["RootPassword"], "later");
}

#[test]
fn mandatory_options_with_a_default_are_sent_though_not_written() {
    let given = options("channel-engine", "{url: 'http://x'}");
    assert_eq!(given.options("a")["type"], "Loop");
}

#[test]
fn options_of_an_unknown_service_are_still_looked_into() {
    let found = options("encor", "{a: '${variables.x}', b: {c: '${nope'}}").findings();
    assert!(found.contains("there is no variable `x`"), "{found}");
    assert!(found.contains("this expression has no end"), "{found}");
    assert_eq!(found.lines().count(), 3, "{found}");
}
