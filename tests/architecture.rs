//! The code keeps to the table in `ARCHITECTURE.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Modules that may wait for something.
const ASYNC: &[&str] = &["osc", "auth", "live", "probe", "apply", "sandbox", "cli"];

/// What reqwest and rustls offer for not looking at certificates, or for reading along.
const MEANS_TO_TRUST_ANYBODY: &[&str] = &[
    "danger",
    "accept_invalid",
    "ServerCertVerifier",
    "tls_backend_preconfigured",
    "tls_sslkeylogfile",
];

type Table = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_module_uses_only_what_the_table_allows() {
    let table = table();
    let mut wrong = Vec::new();
    for (module, allowed) in &table {
        for (file, line, text) in code_of(module) {
            for used in paths_after(&text, "crate::") {
                let is_module = table.contains_key(&used);
                if is_module && used != *module && !allowed.contains(&used) {
                    wrong.push(format!("{}:{line}: {module} uses {used}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_table_names_every_module_and_no_other() {
    let folders: BTreeSet<String> = fs::read_dir(Path::new(ROOT).join("src"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(table().into_keys().collect::<BTreeSet<_>>(), folders);
}

#[test]
fn everything_the_table_allows_is_used() {
    for (module, allowed) in table() {
        let code = code_of(&module);
        let used: BTreeSet<String> = code
            .iter()
            .flat_map(|(_, _, text)| paths_after(text, "crate::"))
            .collect();
        let unused: Vec<_> = allowed.difference(&used).collect();
        assert!(
            unused.is_empty(),
            "{module} may use {unused:?} and does not"
        );
    }
}

#[test]
fn the_pure_stages_never_wait() {
    for module in table()
        .keys()
        .filter(|module| !ASYNC.contains(&module.as_str()))
    {
        for (file, line, text) in code_of(module) {
            assert!(
                !text.contains("async "),
                "{}:{line}: {text}",
                file.display()
            );
            assert!(
                !text.contains(".await"),
                "{}:{line}: {text}",
                file.display()
            );
        }
    }
}

/// Comments and tests are looked at, too: there is no reason to name these anywhere.
#[test]
fn nothing_can_switch_the_check_of_certificates_off() {
    let files = rust_files(&Path::new(ROOT).join("src"));
    assert!(files.len() > 100);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for means in MEANS_TO_TRUST_ANYBODY {
            assert!(!text.contains(means), "{}: {means}", file.display());
        }
    }
}

#[test]
fn the_architecture_fits_on_two_pages() {
    let lines = architecture().lines().count();
    assert!(lines <= 120, "{lines} lines");
}

fn architecture() -> String {
    fs::read_to_string(Path::new(ROOT).join("ARCHITECTURE.md")).unwrap()
}

/// Module and what it may use, from the table of modules.
fn table() -> Table {
    architecture()
        .lines()
        .skip_while(|line| !line.starts_with("| module |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let module = cells[1].trim_matches('`').to_owned();
            (
                module,
                cells[3].split_whitespace().map(str::to_owned).collect(),
            )
        })
        .collect()
}

/// The lines of a module's code, without comments and without its tests.
fn code_of(module: &str) -> Vec<(PathBuf, usize, String)> {
    let mut lines = Vec::new();
    for file in rust_files(&Path::new(ROOT).join("src").join(module)) {
        let text = fs::read_to_string(&file).unwrap();
        for (at, line) in text.lines().enumerate() {
            if line.trim() == "#[cfg(test)]" && !file.ends_with("mod.rs") {
                break;
            }
            let code = line.split("//").next().unwrap();
            lines.push((file.clone(), at + 1, code.to_owned()));
        }
    }
    lines
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_tests = path
            .file_stem()
            .is_some_and(|stem| stem == "tests" || stem == "testing");
        if path.is_dir() && !is_tests {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_tests {
            files.push(path);
        }
    }
    files
}

/// The first segments of every path that begins with `prefix`, also those in braces.
fn paths_after(text: &str, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(prefix) {
        let rest = &text[at + prefix.len()..];
        let group = rest
            .strip_prefix('{')
            .and_then(|rest| rest.split('}').next());
        for path in group
            .unwrap_or(rest)
            .split(',')
            .take(if group.is_some() { 99 } else { 1 })
        {
            let end = path
                .trim()
                .find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
            let name = path.trim();
            found.push(name[..end.unwrap_or(name.len())].to_owned());
        }
    }
    found
}
