use super::given::{findings, read};

/// Each text holds `hunter2` once or more; none of it may be left.
#[test]
fn literal_secrets_are_hidden_wherever_they_stand() {
    for text in [
        "instances:\n  a:\n    options:\n      RootPassword: hunter2\n",
        "instances:\n  a:\n    options:\n      RootPassword: 'hunter2'\n",
        "instances:\n  a:\n    options:\n      RootPassword: \"hunter2\\n\"\n",
        "instances: {a: {options: {RootPassword: hunter2, b: c}}}\n",
        "instances:\n  a:\n    options:\n      RootPassword: |\n        hunter2\n        and hunter2\n      b: c\n",
        "instances:\n  a:\n    options:\n      RootPassword: >-\n\n        hunter2\n\n        hunter2\n",
        "instances:\n  a:\n    options:\n      RootPassword:\n        hunter2\n        hunter2\n",
        "instances:\n  a:\n    options:\n      Tokens: [hunter2, x, hunter2]\n",
        "instances:\n  a:\n    options:\n      Tokens:\n      - hunter2\n      - hunter2\n",
        "instances:\n  a:\n    options:\n      RootPassword: {hunter2: hunter2}\n",
        "instances:\n  a:\n    options:\n      Url: redis://u:hunter2@host:1/x\n",
        "instances:\n  a:\n    options:\n      RootPassword: ${'hunter2'}\n",
        "instances:\n  a:\n    options:\n      Config: '{\"password\":\"hunter2\"}'\n",
        "instances:\n  a:\n    options: RootPassword:hunter2\n",
        "instances:\n  a:\n    options:\n      RootPassword: &x hunter2\n      Other: *x\n",
        "instances:\n  a:\n    options:\n      Other: &x hunter2\n      RootPassword: *x\n",
        "instances:\n  a:\n    ready: {http: {headers: {Authorization: Bearer hunter2}}}\n",
        "instances:\n  a:\n    ready:\n      http:\n        headers:\n          X-Api-Key: hunter2\n",
        "variables:\n  db_password: {default: hunter2}\n",
        "variables:\n  db_password: hunter2\n",
        "variables:\n  p: {default: hunter2}\ninstances:\n  a: {options: {Password: \"${variables.p}\"}}\n",
        "variables:\n  p: {default: [hunter2]}\ninstances:\n  a: {options: {Password: \"${variables.p | join('')}\"}}\n",
        "variables:\n  p: {default: hunter2}\ninstances:\n  a: {options: {U: \"redis://x:${variables.p}@h\"}}\n",
        "outputs:\n  db_password: hunter2\n",
        "outputs:\n  db_password: {value: hunter2}\n",
        "secrets:\n  a: {value: hunter2}\n",
        "secrets: hunter2\n",
        "secrets:\n  a: hunter2\n",
        "secrets:\n  a: [hunter2]\n",
        "secrets:\n  a: {vaule: hunter2}\n",
        "secrets:\n  a: {value: \"x ${secrets.b} hunter2\"}\n",
        "secrets:\n  a: {value: [hunter2]}\n",
        "secrets:\n  a: {env: hunter2!}\n",
        "secrets:\n  a: {env: [hunter2]}\n",
        "secrets:\n  a: {file: 'https://u:hunter2@h'}\n",
        "secrets:\n  a: {command: [curl, -u, hunter2]}\n",
        "secrets:\n  a: {command: curl -u hunter2}\n",
        "secrets:\n  a: {generate: hunter2}\n",
        "secrets:\n  a: {access_token: hunter2}\n",
        "secrets:\n  a: {secret: hunter2, other: hunter2}\n",
        "variables:\n  p: {default: hunter2}\nsecrets:\n  a: {value: \"${variables.p}\"}\n",
        "secrets: {a: {value: hunter2}\nb: [\n",
        // Not YAML: hidden by what the lines look like.
        "RootPassword: hunter2: x\n",
        "a: {RootPassword: hunter2\n",
        "RootPassword: |\n  hunter2\n  hunter2\nb: [\n",
        "RootPassword: \"hunter2\nhunter2\n",
        "Tokens:\n- hunter2\n- hunter2\nb: [\n",
        "Url: x redis://u:hunter2@h\nb: [\n",
        "p: {default: hunter2}\nPassword: ${variables.p}\nb: [\n",
        "\"RootPassword\" : hunter2\nb: [\n",
        "headers:\n  Cookie: a=hunter2\n  X-Api-Key: hunter2\nb: [\n",
        "RootPassword:\n  hunter2\nb: [\n",
        "a: RootPassword=hunter2\nb: [\n",
    ] {
        let read = read(&[text]);
        let masked = read.masked();
        assert!(!masked.contains("hunter2"), "{text}\n{masked}");
        assert_eq!(masked.lines().count(), text.lines().count(), "{text}");
        assert!(!read.findings().contains("hunter2"), "{}", read.findings());
    }
}

#[test]
fn what_is_no_secret_stays_readable() {
    for text in [
        "instances:\n  token_service:\n    service: encore\n    options: {S3Region: a}\n",
        "instances:\n  a:\n    options:\n      RootPassword: ${variables.x}\n      b: '{{secrets.x}}'\n",
        "instances:\n  a:\n    options:\n      Password: '{{secrets.x}}'\n",
        "variables:\n  db_password: {type: string, pattern: a, description: b}\n",
        "a: [\nb: c\n",
        "secrets:\n  a: {generate: {length: 2, characters: x}}\n  b: {env: SMTP_PASS}\n  c: \
         {file: a/b.txt}\n  d: {command: [sops]}\n  e: {access_token: true}\n  f: {value: \
         \"${secrets.a}\"}\n",
        "removed:\n  token_service: {service: encore, name: a}\n",
    ] {
        assert_eq!(read(&[text]).masked(), text);
    }
}

#[test]
fn a_second_file_is_hidden_as_well_as_the_first() {
    let read = read(&[
        "variables:\n  p: {default: hunter2}\n",
        "instances:\n  a: {options: {Password: \"${variables.p}\"}}\n",
    ]);
    assert!(!read.masked().contains("hunter2"));
}

#[test]
fn no_finding_of_the_reader_quotes_a_value_under_a_secret_name() {
    let found = findings("stack: a\nversion: 1\ndb_password: hunter2\nsecrets: {x: hunter2}\n");
    assert!(!found.contains("hunter2"), "{found}");
}
