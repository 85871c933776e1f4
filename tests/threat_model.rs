//! Every defence that the threat model claims names a test that exists.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::Path;

const MODEL: &str = include_str!("../docs/threat-model.md");

#[test]
fn each_defence_names_a_test_that_exists() {
    let tests = tests();
    let defences = MODEL.split("## Defences").nth(1).unwrap();
    let rows: Vec<&str> = defences
        .split("\n## ")
        .next()
        .unwrap()
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .collect();
    assert!(rows.len() > 10);
    for row in rows {
        let proof = row.trim_end_matches(" |").rsplit('|').next().unwrap();
        let named: Vec<&str> = proof.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "no test: {row}");
        for name in named {
            assert!(tests.contains(name), "there is no test `{name}`: {row}");
        }
    }
}

/// The names of all functions that stand right below a test attribute.
fn tests() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for folder in ["src", "tests"] {
        collect(&root.join(folder), &mut found);
    }
    found
}

fn collect(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let tests = lines
                .windows(2)
                .filter(|pair| pair[0].starts_with("#[") && pair[0].contains("test"))
                .filter_map(|pair| pair[1].split("fn ").nth(1)?.split('(').next());
            found.extend(tests.map(str::to_owned));
        }
    }
}
