use super::given::stack;

const PRINTS: &str =
    "would print a secret (write it as a mapping with `value:` and `sensitive: true`)";

#[test]
fn an_output_that_would_print_a_secret_must_be_sensitive() {
    let manifest = |output: &str| {
        stack(&format!(
            "variables:\n  db_password: {{default: hunter2}}\n  whole: {{default: hunter2}}\n  \
             part: {{default: hunter2}}\n  link: {{default: 'redis://u:hunter2@h'}}\n  open: \
             {{default: x}}\ninstances:\n  v:\n    service: valkey-io-valkey\n    options: \
             {{Password: '${{variables.whole}}'}}\n  e:\n    service: encore\n    options:\n      \
             s3Region: ${{instances.v.options.Password}}\n      s3Endpoint: \
             redis://d:${{variables.part}}@${{variables.open}}:1\noutputs:\n  o: {output}\n"
        ))
    };
    for secret in [
        "${variables.db_password}",
        "${variables.whole}",
        "${variables.whole | upper}",
        "x ${variables.part}",
        "${variables.link}",
        "${instances.v.options.Password}",
        "${instances.e.options.s3Region}",
        "${instances.e.options.s3Endpoint}",
        "redis://u:pw@${variables.open}",
        "redis://u:${variables.open}@${instances.e.host}",
        "${'redis://u:' ~ 'pw@x'}",
    ] {
        let found = manifest(secret).findings();
        assert!(found.ends_with(PRINTS), "{secret}: {found}");
        assert!(!found.contains("hunter2"), "{found}");
        let sensitive = format!("{{value: \"{secret}\", sensitive: true}}");
        assert_eq!(manifest(&sensitive).findings(), "", "{secret}");
    }
    for open in ["${variables.open}", "${instances.e.url}", "me@example.com"] {
        assert_eq!(manifest(open).findings(), "", "{open}");
    }
}

#[test]
fn what_comes_from_a_secret_is_sensitive_wherever_it_goes() {
    let given = stack(
        "variables:\n  pw: {default: hunter2}\ninstances:\n  v:\n    service: valkey-io-valkey\n    \
         options: {Password: '${variables.pw}'}\n  e:\n    service: encore\n    options:\n      \
         s3Region: ${variables.pw}-x\n      profilesUrl: \
         redis://x:${instances.v.options.Password}@${instances.v.host}\n      s3Endpoint: \
         https://${instances.v.host}\n",
    )
    .resolve();
    let options = &given.desired().instances["e"].options;
    let sensitive: Vec<_> = options
        .iter()
        .map(|it| (it.name.as_str(), it.sensitive))
        .collect();
    assert_eq!(
        sensitive,
        [
            ("s3Region", true),
            ("profilesUrl", true),
            ("s3Endpoint", false)
        ]
    );
}

#[test]
fn a_secret_cannot_be_part_of_what_is_shown() {
    for (line, wanted) in [
        (
            "    name: ${variables.db_password}\n",
            "`name` cannot hold a secret",
        ),
        (
            "    when: ${variables.db_password == 'x'}\n",
            "`when` cannot hold a secret",
        ),
        (
            "    name: ${variables.whole}\n",
            "`name` cannot hold a secret",
        ),
        // Only a part of a secret: allowed, but not quoted.
        (
            "    name: ${variables.part}\n",
            "this cannot be the name of an instance (names are 1 to 20 lower-case letters and digits)",
        ),
    ] {
        let found = stack(&format!(
            "variables:\n  db_password: {{default: Hunter2}}\n  whole: {{default: Hunter2}}\n  \
             part: {{default: Hunter2}}\ninstances:\n  v:\n    service: valkey-io-valkey\n    \
             options: {{Password: '${{variables.whole}}'}}\n  w:\n    service: \
             valkey-io-valkey\n    options: {{Password: 'x${{variables.part}}'}}\n{line}"
        ))
        .findings();
        assert!(found.contains(wanted), "{line}: {found}");
        assert!(!found.to_lowercase().contains("hunter2"), "{found}");
    }
}

#[test]
fn no_finding_quotes_a_secret() {
    const OPTIONS: [&str; 8] = [
        "RootPassword: hunter2",
        "RootPassword: [hunter2]",
        "RootPassword: ${'hunter2' | int}",
        "RootPassword: ${'hunter2' + 1}",
        "RootPassword: ${'hunter2' | host}",
        "RootPassword: ${'hunter2' | nope}",
        "RootPassword: ${variables.pw | int}",
        "RootPassword: ${variables.pw + 1}",
    ];
    for option in OPTIONS {
        let default = if option.contains("pw") {
            "hunter2"
        } else {
            "x"
        };
        let given = stack(&format!(
            "variables:\n  pw: {{default: {default}}}\ninstances:\n  m:\n    service: \
             minio-minio\n    options:\n      {option}\n"
        ))
        .resolve();
        assert!(given.desired.is_none(), "{option}");
        assert!(
            !given.findings().contains("hunter2"),
            "{}",
            given.findings()
        );
        let masked = given.masked();
        assert!(!masked.contains("hunter2"), "{masked}");
    }
    for kind in ["boolean", "number"] {
        let text = format!("variables:\n  pw: {{type: {kind}, pattern: '^x$'}}\n");
        for given in [
            stack(&text).flag("pw", "hunter2"),
            stack(&text).process("pw", "hunter2"),
            stack(&text).variable_file("pw: hunter2"),
        ] {
            assert!(!given.findings().contains("hunter2"));
        }
    }
}

#[test]
fn a_variable_file_is_hidden_whole_even_where_it_cannot_be_read() {
    for text in [
        "a: hunter2\n",
        "hunter2\n",
        "a: [hunter2\n",
        "a: &x hunter2\nb: *x\nb: 1\n",
    ] {
        let given = stack("").variable_file(text).resolve();
        let file = given.sources.get(crate::model::FileId(1)).unwrap();
        assert!(
            !file.masked_text().contains("hunter2"),
            "{}",
            file.masked_text()
        );
        assert!(
            !given.findings().contains("hunter2"),
            "{}",
            given.findings()
        );
    }
}

#[test]
fn nothing_that_holds_secrets_shows_them_in_debug() {
    let given = stack("variables: {pw: {default: hunter2}}\noutputs: {o: '${stack}'}\n").resolve();
    let formula = &given.desired().outputs["o"].formula;
    assert!(!format!("{formula:?}").contains("hunter2"));
}
