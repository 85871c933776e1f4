use super::given::{findings, read};
use crate::manifest::{Prune, SecretSource};
use crate::model::{Characters, Recipe};

/// Findings of a manifest with this one secret.
fn secret(text: &str) -> String {
    findings(&format!("version: 1\nstack: shop\nsecrets:\n  a: {text}\n"))
}

#[test]
fn every_source_of_a_secret_is_read() {
    let read = read(&[
        "version: 1\nstack: shop\nsecrets:\n  a: {generate: {length: 40, characters: \
                      hex}}\n  b: {generate: {}}\n  c: {generate: }\n  d: {env: SMTP}\n  e: {file: \
                      secrets/x}\n  f: {command: [sops, -d, '${x}']}\n  g: {access_token: true}\n  \
                      h: {value: 'x${secrets.a}'}\n",
    ]);
    assert_eq!(read.findings(), "");
    let manifest = read.manifest.unwrap();
    let source = |name: &str| manifest.secrets[name].source.clone().unwrap();
    let recipe = |name: &str| match source(name) {
        SecretSource::Generate(recipe) => recipe,
        other => panic!("{other:?}"),
    };
    let (length, characters) = (40, Characters::Hex);
    assert_eq!(recipe("a"), Recipe { length, characters });
    let (length, characters) = (24, Characters::UrlSafe);
    assert_eq!(recipe("b"), Recipe { length, characters });
    assert_eq!(recipe("c"), recipe("b"));
    assert!(matches!(source("d"), SecretSource::Env(name) if name.value == "SMTP"));
    assert!(matches!(source("e"), SecretSource::File(path) if path.value == "secrets/x"));
    // What belongs to a shell is none of our expressions.
    assert!(matches!(source("f"), SecretSource::Command(words) if words[2].value == "${x}"));
    assert!(matches!(source("g"), SecretSource::AccessToken));
    assert!(matches!(source("h"), SecretSource::Value(_)));
}

#[test]
fn each_mistake_in_a_secret_has_its_place_and_what_to_do() {
    const SOURCES: &str = "`generate`, `env`, `file`, `command`, `value`, `access_token`";
    for (text, wanted) in [
        (
            "{}",
            format!("4:3 the secret `a` does not say where it comes from (one of {SOURCES})"),
        ),
        (
            "hunter2",
            "4:6 a secret must be a mapping, this is text (say where it comes from: \
             `{ generate: {} }` or `{ env: NAME }`)"
                .to_owned(),
        ),
        (
            "{comand: [x]}",
            "4:7 a secret has no key `comand` (did you mean `command`?)".to_owned(),
        ),
        (
            "{from: A}",
            "4:7 a secret has no key `from` (known keys: generate, env, file, command, value, \
             access_token)"
                .to_owned(),
        ),
        (
            "{file: x, env: A}",
            "4:21 a secret comes from one place: this has `file` and `env` (take one of them \
             away)\n  4:13 the other one"
                .to_owned(),
        ),
        (
            "{generate: {length: 7}}",
            "4:26 `length` is not a number from 8 to 128".to_owned(),
        ),
        (
            "{generate: {length: long}}",
            "4:26 `length` is not a number from 8 to 128".to_owned(),
        ),
        (
            "{generate: {characters: digit}}",
            "4:30 `characters` cannot be `digit` (did you mean `digits`?)".to_owned(),
        ),
        (
            "{generate: {lenght: 9}}",
            "4:18 `generate` has no key `lenght` (did you mean `length`?)".to_owned(),
        ),
        (
            "{env: p@ss}",
            "4:12 `env` is not the name of a variable (write the name alone: `env: \
             SMTP_PASSWORD`)"
                .to_owned(),
        ),
        ("{file: ''}", "4:13 `file` names no file".to_owned()),
        (
            "{file: '${variables.x}'}",
            "4:13 of what a secret comes from, only `value` takes expressions (write the text \
             itself)"
                .to_owned(),
        ),
        (
            "{command: [x, '${ secrets.b }']}",
            "4:20 of what a secret comes from, only `value` takes expressions (write the text \
             itself)"
                .to_owned(),
        ),
        (
            "{command: sops -d x}",
            "4:16 `command` must be a list, this is text (there is no shell: write each word as \
             an item, as in `[sops, -d, FILE]`)"
                .to_owned(),
        ),
        (
            "{command: []}",
            "4:16 `command` names no program (write it as the first item, as in `[sops, -d, \
             FILE]`)"
                .to_owned(),
        ),
        (
            "{command: [x, 1]}",
            "4:20 `command` must be text, this is a number (write it in quotes)".to_owned(),
        ),
        (
            "{value: [x]}",
            "4:14 `value` must be text, this is a list".to_owned(),
        ),
        (
            "{access_token: false}",
            format!("4:21 `access_token` can only be true (one of {SOURCES})"),
        ),
    ] {
        assert_eq!(secret(text), wanted, "{text}");
    }
}

#[test]
fn what_is_removed_says_of_which_service_it_is() {
    let removed = |text: &str| findings(&format!("version: 1\nstack: shop\nremoved: {text}\n"));
    for (text, wanted) in [
        (
            "{a: {name: x}}",
            "3:11 `a` does not say of which `service` it is (say which: `service: minio-minio`)",
        ),
        (
            "{a: {service: encore, data: keep}}",
            "3:38 `data` cannot be `keep` (discard)",
        ),
        (
            "{a: {service: encore, options: {}}}",
            "3:32 what is removed has no key `options` (known keys: service, name, data)",
        ),
    ] {
        assert_eq!(removed(text), wanted, "{text}");
    }
}

#[test]
fn deleting_what_is_no_longer_declared_is_turned_off_by_one_word() {
    let read = read(&["version: 1\nstack: shop\nprune: never\n"]);
    assert_eq!(read.findings(), "");
    assert_eq!(read.manifest.unwrap().prune.unwrap().value, Prune::Never);
    let found = findings("version: 1\nstack: shop\nprune: sometimes\n");
    assert_eq!(found, "3:8 `prune` cannot be `sometimes` (never)");
}

#[test]
fn secrets_and_what_is_removed_may_come_from_several_files() {
    let read = read(&[
        "version: 1\nstack: shop\nsecrets: {a: {env: A}}\nremoved: {x: {service: encore}}\n",
        "secrets: {b: {env: B}, a: {env: C}}\nremoved: {y: {service: encore}}\n",
    ]);
    assert_eq!(
        read.findings(),
        "b.yaml:1:24 `a` stands in two files\n  3:11 first here"
    );
    let manifest = read.manifest.unwrap();
    assert!(manifest.secrets.keys().eq(["a", "b"]));
    assert!(manifest.removed.keys().eq(["x", "y"]));
}
