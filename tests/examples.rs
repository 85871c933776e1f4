//! Every file in `examples/` comes up, stays up and goes away again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SCHEMA_LINE: &str = "# yaml-language-server: $schema=../schemas/manifest.schema.json";

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 4);
    files
}

fn run(world: &Path, file: &Path, arguments: &[&str], code: i32) -> String {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_osc-apply"))
        .args(arguments)
        .args(["--sandbox", "--sandbox-speed", "inf", "--file"])
        .arg(file)
        .env_clear()
        .env("OSC_SANDBOX_DIR", world)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?} {}: {stderr}",
        file.display()
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_example_is_validated_planned_applied_planned_empty_and_destroyed() {
    for file in examples() {
        let folder = tempfile::tempdir().unwrap();
        let world = folder.path();
        run(world, &file, &["validate"], 0);
        run(world, &file, &["plan", "--detailed-exitcode"], 2);
        run(world, &file, &["apply", "--yes"], 0);
        run(world, &file, &["plan", "--detailed-exitcode"], 0);
        let again = run(world, &file, &["apply", "--yes"], 0);
        assert!(again.contains("nothing to change"), "{again}");
        run(
            world,
            &file,
            &["destroy", "--yes", "--discard-data", "all"],
            0,
        );
        let status = run(world, &file, &["status", "--json"], 0);
        let status: serde_json::Value = serde_json::from_str(&status).unwrap();
        for instance in status["instances"].as_array().unwrap() {
            assert_eq!(
                instance["state"],
                "absent",
                "{}: {instance}",
                file.display()
            );
        }
    }
}

#[test]
fn the_stacks_can_share_one_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let files = examples();
    for file in &files {
        run(folder.path(), file, &["apply", "--yes"], 0);
    }
    for file in &files {
        run(folder.path(), file, &["plan", "--detailed-exitcode"], 0);
    }
}

#[test]
fn every_example_names_its_schema_for_editors_and_obeys_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = std::fs::read_to_string(root.join("schemas/manifest.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for file in examples() {
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text.lines().next(), Some(SCHEMA_LINE), "{}", file.display());
        let document: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let errors: Vec<String> = schema
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{}: {errors:?}", file.display());
    }
}
