//! Input that is made to hurt: a clear finding, never a panic or a kill.

use crate::workspace::{Run, Workspace};

fn refused(manifest: impl AsRef<[u8]>) -> String {
    let workspace = Workspace::new();
    workspace.write("osc.yaml", manifest);
    let run = bounded(&workspace).exits(3);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    run.stderr
}

/// Validates in 200 MB of memory beside what an unused process reserves, where the system can
/// limit it.
fn bounded(workspace: &Workspace) -> Run {
    let program = env!("CARGO_BIN_EXE_osc-apply");
    let output = std::process::Command::new("sh")
        .args([
            "-c",
            "ulimit -v 400000 2>/dev/null; exec \"$0\" validate",
            program,
        ])
        .current_dir(workspace.path())
        .env_clear()
        .output()
        .unwrap();
    Run::of(output)
}

#[test]
fn ten_megabytes_are_too_many() {
    let line = "# a comment that goes on for a while, and then for a while longer\n";
    assert!(refused(line.repeat(10_000_000 / line.len())).contains("larger than"));
}

#[test]
fn an_alias_bomb_does_not_go_off() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..10 {
        let refs = vec![format!("*a{}", n - 1); 10].join(", ");
        bomb.push_str(&format!("a{n}: &a{n} [{refs}]\n"));
    }
    assert!(refused(bomb).contains("aliases repeat more than"));
}

#[test]
fn few_nodes_of_a_lot_of_text_are_a_bomb_too() {
    let text = "x".repeat(100_000);
    let bomb = format!("a: &a {text}\nb: [{}]\n", vec!["*a"; 20_000].join(", "));
    assert!(refused(bomb).contains("aliases repeat more than"));
}

#[test]
fn ten_thousand_levels_are_too_deep() {
    for (open, between) in [("[", ""), ("{a: ", ""), ("- ", ""), ("? ", "")] {
        let text = refused(format!(
            "a:\n  {}",
            format!("{open}{between}").repeat(10_000)
        ));
        assert!(text.contains("osc.yaml:"), "{text}");
    }
    refused(format!(
        "stack: ${{{}1{}}}\n",
        "(".repeat(10_000),
        ")".repeat(10_000)
    ));
}

#[test]
fn a_cyclic_alias_is_refused() {
    assert!(refused("a: &a [1, *a]\n").contains("osc.yaml:1:"));
}

#[test]
fn text_that_is_not_utf8_is_refused_where_it_begins() {
    assert!(refused(b"version: 1\nstack: \xff\n").contains("osc.yaml:2:8"));
}

#[test]
fn an_empty_file_and_one_of_comments_say_what_is_missing() {
    assert!(refused("").contains("the file is empty"));
    assert!(refused("# nothing\n").contains("osc.yaml"));
}

#[test]
fn a_folder_without_manifests_and_a_file_that_is_a_folder_are_told_apart() {
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.path().join("osc.yaml")).unwrap();
    let run = workspace.run_outside(&["validate"]).exits(3);
    assert!(
        run.stderr.contains("osc.yaml is a folder"),
        "{}",
        run.stderr
    );
    let run = workspace
        .run_outside(&["validate", "-f", "osc.yaml"])
        .exits(3);
    assert!(run.stderr.contains("holds no .yaml"), "{}", run.stderr);
}
