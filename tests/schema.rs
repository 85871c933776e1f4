//! The checked-in JSON Schema is the one the types make, and agrees with the reader.
#![allow(clippy::unwrap_used, reason = "what cannot be read fails the test")]

use osc_apply::manifest;
use osc_apply::model::{Diagnostics, Sources};

const CHECKED_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/manifest.schema.json");

/// `UPDATE_SCHEMA=1 cargo test --test schema` writes it anew.
#[test]
fn the_checked_in_schema_is_up_to_date() {
    let made = manifest::schema().unwrap();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(CHECKED_IN, &made).unwrap();
    }
    let checked_in = std::fs::read_to_string(CHECKED_IN).unwrap_or_default();
    assert!(
        checked_in == made,
        "run `UPDATE_SCHEMA=1 cargo test --test schema`"
    );
}

fn schema_accepts(text: &str) -> bool {
    let schema = serde_json::from_str(&manifest::schema().unwrap()).unwrap();
    let document: serde_json::Value = serde_yaml::from_str(text).unwrap();
    jsonschema::draft7::new(&schema)
        .unwrap()
        .is_valid(&document)
}

fn reader_accepts(text: &str) -> bool {
    let mut sources = Sources::default();
    let mut found = Diagnostics::default();
    let file = sources.add("osc.yaml", text);
    manifest::load(&[file], &mut sources, &mut found);
    !found.has_errors()
}

/// A manifest that is whole but for what `rest` says.
fn with(rest: &str) -> String {
    format!("version: 1\nstack: shop\n{rest}\n")
}

/// One with an instance that also says `rest`.
fn instance(rest: &str) -> String {
    with(&format!(
        "instances:\n  a:\n    service: encore\n    {rest}"
    ))
}

#[test]
fn good_manifests_pass_the_schema_and_the_reader() {
    for text in [
        with(""),
        with("workspace: acme\nenvironment: prod"),
        with("variables:\nsecrets:\ninstances:\nremoved:\noutputs:"),
        with("prune: never"),
        with("secrets: {a: {generate: {}}, b: {generate: }, c: {access_token: true}}"),
        with("secrets: {a: {generate: {length: 8, characters: hex}}}"),
        with("secrets: {a: {generate: {length: 128}}, b: {generate: {characters: lower}}}"),
        with("secrets: {a: {env: A_1}, b: {file: ../x.txt}, c: {command: [sops, -d, x]}}"),
        with("secrets: {a: {value: '${secrets.b}'}, b: {value: 1}}"),
        with("removed: {a: {service: encore}, b: {service: encore, name: c, data: discard}}"),
        with("variables:\n  a:\n  b: {}\n  c: {type: list, default: [a, 1, true]}"),
        with("variables:\n  a: {default: 1.5, pattern: '^1', description: text}"),
        with("outputs:\n  a: ${stack}\n  b: 1\n  c: {value: true, sensitive: true}"),
        instance("name: ${stack}"),
        instance("options:"),
        instance("options: {a: text, b: 1, c: true, d: null, e: [a, 1], f: {g: {h: x}}}"),
        instance("options: {opts.preset: DD, with space: x}"),
        instance("when: ${not variables.x}"),
        instance("when: false"),
        instance("depends_on: [instances.b, c]"),
        instance("ready: {level: healthy, timeout: 10m}"),
        instance("ready: {timeout: 1h 30m}"),
        instance("ready:"),
        instance("ready: {level: reachable}"),
        instance("ready: {http: {path: /health}}"),
        instance("ready: {level: usable, http: {path: '/a?b=c', method: POST, status: 204}}"),
        instance("ready: {http: {path: /, status: [200, 300-399], body: ok, headers: {A: b}}}"),
        instance("ready: {http: {path: /, status: 200-299, headers: }}"),
        instance("ready: {tcp: true}"),
        instance("ready: {tcp: {port: 6379}, timeout: 90s}"),
        instance("protect: false"),
        instance("data: none"),
        instance("suspended: leave"),
    ] {
        assert!(schema_accepts(&text), "schema: {text}");
        assert!(reader_accepts(&text), "reader: {text}");
    }
}

#[test]
fn wrong_manifests_are_refused_by_the_schema_and_the_reader() {
    for text in [
        "[]".to_owned(),
        "version: 1".to_owned(),
        "stack: shop".to_owned(),
        "version: 2\nstack: shop".to_owned(),
        "version: '1'\nstack: shop".to_owned(),
        "version: 1\nstack: 1".to_owned(),
        "version: 1\nstack:".to_owned(),
        with("instanses: {}"),
        with("prune: always"),
        with("prune:"),
        with("secrets: []"),
        with("secrets: {a-b: {env: A}}"),
        with("secrets: {a: {}}"),
        with("secrets: {a: text}"),
        with("secrets: {a: {evn: A}}"),
        with("secrets: {a: {env: A, file: b}}"),
        with("secrets: {a: {generate: {length: 7}}}"),
        with("secrets: {a: {generate: {length: 129}}}"),
        with("secrets: {a: {generate: {length: '24'}}}"),
        with("secrets: {a: {generate: {length: 8.5}}}"),
        with("secrets: {a: {generate: {characters: emoji}}}"),
        with("secrets: {a: {generate: {chars: hex}}}"),
        with("secrets: {a: {generate: true}}"),
        with("secrets: {a: {env: 'A B'}}"),
        with("secrets: {a: {env: }}"),
        with("secrets: {a: {file: ''}}"),
        with("secrets: {a: {command: []}}"),
        with("secrets: {a: {command: sops}}"),
        with("secrets: {a: {command: [1]}}"),
        with("secrets: {a: {value: }}"),
        with("secrets: {a: {value: [b]}}"),
        with("secrets: {a: {access_token: false}}"),
        with("removed: {a: {}}"),
        with("removed: {a: encore}"),
        with("removed: {a: {service: encore, data: none}}"),
        with("removed: {a: {service: encore, options: {}}}"),
        with("workspace:"),
        with("workspace: 1"),
        with("variables: [a]"),
        with("variables: {a: 1}"),
        with("variables: {a: {defualt: 1}}"),
        with("variables: {a: {type: integer}}"),
        with("variables: {a: {default: {b: 1}}}"),
        with("variables: {a: {default: [[b]]}}"),
        with("variables: {a: {pattern: 1}}"),
        with("variables: {a-b: {}}"),
        with("instances: {a: {}}"),
        with("instances: {a: }"),
        with("instances: {1a: {service: encore}}"),
        with("instances: {a: {service: 1}}"),
        with("outputs: {a: [b]}"),
        with("outputs: {a: }"),
        with("outputs: {a: {sensitive: true}}"),
        with("outputs: {a: {value: x, sensitive: maybe}}"),
        with("outputs: {a: {value: x, other: y}}"),
        instance("optoins: {}"),
        instance("options: [a]"),
        instance("options: text"),
        instance("name: 1"),
        instance("name:"),
        instance("when: 1"),
        instance("when:"),
        instance("depends_on: b"),
        instance("depends_on: [1]"),
        instance("ready: healthy"),
        instance("ready: {level: up}"),
        instance("ready: {timeout: 10}"),
        instance("ready: {timeout: soon}"),
        instance("ready: {http: x}"),
        instance("ready: {http: {}}"),
        instance("ready: {http: {path: health}}"),
        instance("ready: {http: {path: '/a b'}}"),
        instance("ready: {http: {path: /, method: get}}"),
        instance("ready: {http: {path: /, method: DELETE}}"),
        instance("ready: {http: {path: /, status: 99}}"),
        instance("ready: {http: {path: /, status: '200'}}"),
        instance("ready: {http: {path: /, status: []}}"),
        instance("ready: {http: {path: /, body: 1}}"),
        instance("ready: {http: {path: /, headers: {A: 1}}}"),
        instance("ready: {http: {path: /, heders: {}}}"),
        instance("ready: {tcp: false}"),
        instance("ready: {tcp: 6379}"),
        instance("ready: {tcp: {}}"),
        instance("ready: {tcp: {port: '6379'}}"),
        instance("ready: {tcp: {port: 65536}}"),
        instance("ready: {tcp: true, http: {path: /}}"),
        instance("ready: {level: healthy, tcp: true}"),
        instance("protect: 'true'"),
        instance("data: keep"),
        instance("suspended: resume"),
    ] {
        assert!(!schema_accepts(&text), "schema: {text}");
        assert!(!reader_accepts(&text), "reader: {text}");
    }
}
