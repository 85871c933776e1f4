//! The README is true: its commands are run in order, and what they print is what it shows.
//!
//! `UPDATE_README=1 cargo test --test readme` writes what they print into it, at the sandbox's
//! usual speed. The test runs them at once, so it passes over times, and over what was answered
//! while something was waited for.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Stands in for cargo: `cargo run … -- ARGUMENTS` is the binary of this test run, and building,
/// installing and testing are what is happening anyway.
const CARGO: &str = "#!/bin/sh\ncase \"$1\" in run)\n  while [ \"$1\" != -- ]; do shift; done; \
                     shift\n  exec osc-apply \"$@\" ;;\nesac\n";

#[test]
fn every_command_of_the_readme_prints_what_it_says() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let folder = folder();
    let mut actual = String::new();
    let mut lines = readme.lines().peekable();
    let mut file: Option<PathBuf> = None;
    while let Some(line) = lines.next() {
        actual.push_str(line);
        actual.push('\n');
        if let Some(name) = line
            .strip_prefix("<!-- file: ")
            .and_then(|l| l.strip_suffix(" -->"))
        {
            file = Some(folder.path().join("home").join(name));
        } else if line == "```console" {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            actual.push_str(&run_block(folder.path(), &block));
            actual.push_str("```\n");
        } else if line.starts_with("```") && line.len() > 3 {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let text = block.join("\n") + "\n";
            actual.push_str(&text);
            actual.push_str("```\n");
            if let Some(path) = file.take() {
                fs::write(path, text).unwrap();
            }
        }
    }
    if is_update() {
        fs::write(Path::new(ROOT).join("README.md"), &actual).unwrap();
    } else {
        let (readme, actual) = (without_times(&readme), without_times(&actual));
        let diff = similar::TextDiff::from_lines(&readme, &actual);
        let diff = diff.unified_diff().context_radius(3).to_string();
        assert!(diff.is_empty(), "{diff}");
    }
}

fn is_update() -> bool {
    std::env::var_os("UPDATE_README").is_some()
}

/// The text with `…s` for times. Of progress, only the beginning of a wait stays.
fn without_times(text: &str) -> String {
    let mut kept = String::new();
    let mut last: BTreeMap<&str, String> = BTreeMap::new();
    for line in text.lines() {
        let mut shown = timeless(line);
        if let Some((address, said)) = progress(line) {
            let said = without_answers(said);
            if last.insert(address, said.clone()) == Some(said.clone()) {
                continue;
            }
            shown = format!("…s  {address}  {said}");
        } else {
            last.clear();
        }
        kept.push_str(&shown);
        kept.push('\n');
    }
    kept
}

/// The address in a line of progress, which begins with a time, and what is said of it.
fn progress(line: &str) -> Option<(&str, &str)> {
    let (time, rest) = line.trim_start().split_once("  ")?;
    let is_progress = line.starts_with("  ") && is_time(time);
    rest.split_once("  ").filter(|_| is_progress)
}

/// What is waited for, without since when, how far it is, and what was answered last.
fn without_answers(said: &str) -> String {
    let since = said.strip_prefix("waiting since ");
    let waiting = since.and_then(|since| Some(format!("waiting {}", since.split_once(' ')?.1)));
    let waiting = waiting.unwrap_or_else(|| said.to_owned());
    match waiting.starts_with("waiting ") {
        true => waiting.split(';').next().unwrap().to_owned(),
        false => timeless(&waiting),
    }
}

/// The line with `…s` for times.
fn timeless(line: &str) -> String {
    let words = line
        .split(' ')
        .map(|word| if is_time(word) { "…s" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn is_time(word: &str) -> bool {
    let number = word.strip_suffix('s').unwrap_or_default();
    !number.is_empty() && number.chars().all(|c| c == '.' || c.is_ascii_digit())
}

/// A folder with a checkout's examples, a home and a PATH of its own.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (home, bin) = (folder.path().join("home"), folder.path().join("bin"));
    for path in [&home, &bin, &home.join("examples")] {
        fs::create_dir(path).unwrap();
    }
    for example in fs::read_dir(Path::new(ROOT).join("examples")).unwrap() {
        let from = example.unwrap().path();
        fs::copy(&from, home.join("examples").join(from.file_name().unwrap())).unwrap();
    }
    fs::write(bin.join("cargo"), CARGO).unwrap();
    fs::set_permissions(bin.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_osc-apply"), bin.join("osc-apply")).unwrap();
    folder
}

/// Runs the `$ ` lines of a block and gives it back with what they printed.
fn run_block(folder: &Path, block: &[&str]) -> String {
    let mut actual = String::new();
    for command in block.iter().filter_map(|line| line.strip_prefix("$ ")) {
        let output = Command::new("sh")
            .args(["-c", &format!("{command} 2>&1")])
            .current_dir(folder.join("home"))
            .env_clear()
            .env("HOME", folder.join("home"))
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", folder.join("bin").display()),
            )
            .env("OSC_SANDBOX_SPEED", if is_update() { "10" } else { "inf" })
            .env("COLUMNS", "100")
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        actual.push_str(&format!("$ {command}\n{printed}"));
        if let Some(code) = output.status.code().filter(|code| *code != 0) {
            actual.push_str(&format!("(exit code {code})\n"));
        }
    }
    actual
}
