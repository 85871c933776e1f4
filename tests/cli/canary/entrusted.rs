//! The secrets of a stack, and the passwords of instances that are not its own.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use super::commands::{LEVELS, LOOKS, STEPS};
use super::stack;
use super::stage::Stage;
use crate::workspace::Run;

fn in_every_look(level: &[&str]) {
    let mut stage = Stage::handed();
    let planted = stage.world();
    for look in LOOKS {
        stage.restore(&planted);
        let mode = [look, level].concat();
        for (step, code) in STEPS {
            let run = stage.run(step, &mode);
            assert_eq!(run.code, code, "{step:?} {mode:?}: {}", run.stderr);
        }
    }
    stage.assert_clean();
}

#[test]
fn no_command_shows_a_secret_of_a_stack() {
    in_every_look(LEVELS[0]);
}

#[test]
fn no_command_shows_a_secret_of_a_stack_with_each_request() {
    in_every_look(LEVELS[1]);
}

#[test]
fn no_command_shows_a_secret_of_a_stack_with_all_that_happens() {
    in_every_look(LEVELS[2]);
}

#[test]
fn an_output_that_is_asked_for_by_its_name_is_all_that_shows_a_secret() {
    let mut stage = Stage::handed();
    stage.run(&["adopt", "--yes", "instances.taken"], &[]).ok();
    stage.run(&["apply", "--yes"], &[]).ok();
    for (mode, shown) in [
        (&[][..], format!("{}\n", stack::TOLD)),
        (&["--json"], format!("{}\n", serde_json::json!(stack::TOLD))),
    ] {
        for level in LEVELS {
            let mut command = stage.command(&["output", "told"]);
            let run = Run::of(command.args(mode).args(level).output().unwrap()).ok();
            assert_eq!(run.stdout, shown);
            stage.note("what is said about it", &run.stderr);
            stage.run(&["output"], &[mode, level].concat()).ok();
        }
    }
    stage.assert_clean();
}

/// The command's arguments, the program's own, and its environment but for what is meant for it.
#[cfg(target_os = "linux")]
#[test]
fn a_program_that_tells_a_secret_sees_no_other() {
    let mut stage = Stage::handed();
    stage.set("CLIENT_SECRET", "cl1ent-c4n4ry-secret");
    stage.set("OSC_VAR_lasting", "true");
    stage.run(&["adopt", "--yes", "instances.taken"], &[]).ok();
    stage.run(&["apply", "--yes"], &[]).ok();
    let seen = std::fs::read_to_string(stage.workspace.path().join(stack::SEEN)).unwrap();
    for expected in ["apply\n--yes\n", "given/tell\n", "HOME="] {
        assert!(seen.contains(expected), "{seen}");
    }
    for ours in ["OSC_", "CLIENT_", "cl1ent-c4n4ry"] {
        assert!(!seen.contains(ours), "{seen}");
    }
    // What it saw is a file like every other.
    stage.assert_clean();
}

/// An apply in the sandbox inside of the command, read until its progress holds `until` so often.
fn begun(
    stage: &Stage,
    (until, times): (&str, usize),
) -> (std::process::Child, String, impl Read + use<>) {
    let mut command = stage.command(&["apply", "--yes", "--take-over", "-vv", "--sandbox"]);
    command.env("OSC_SANDBOX_SPEED", "20");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while said.matches(until).count() < times {
        assert!(reader.read_line(&mut said).unwrap() > 0, "{said}");
    }
    (child, said, reader)
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_or_killed_leaves_no_secret_behind() {
    let mut stage = Stage::handed();
    stage.run(&["adopt", "--yes", "instances.taken"], &[]).ok();
    for (signal, until, code) in [
        ("-INT", ("waiting until", 1), Some(130)),
        ("-KILL", ("PUT https", 3), None),
        ("-KILL", ("waiting until", 3), None),
    ] {
        let (mut child, mut said, mut rest) = begun(&stage, until);
        let id = child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().code(), code);
        rest.read_to_string(&mut said).unwrap();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        stage.note("an apply that did not end by itself", &said);
    }
    stage.assert_clean();
    stage.run(&["apply", "--yes", "--take-over"], &["-vv"]).ok();
    stage.assert_clean();
}

#[test]
fn no_run_that_is_held_back_shows_a_secret() {
    let mut stage = Stage::handed();
    stage.run(&["adopt", "--yes", "instances.taken"], &[]).ok();
    stage.run(&["apply", "--yes"], &[]).ok();
    let up = stage.world();
    // Something to do.
    stage.set(stack::GIVEN.0, stack::GIVEN_ANEW);
    let other = r#"{"version":1,"run":"other","who":"ada","until":9999999999999}"#;
    let vault = "user.oscapply.canary";
    let lease = "user.oscapply.canary.lease";
    for (key, text) in [
        (vault, None),
        (vault, Some(stack::TOLD)),
        (lease, Some(other)),
    ] {
        stack::change_world(&stage.workspace, |world| {
            let kept = world["tenant_secrets"].as_object_mut().unwrap();
            match text {
                None => drop(kept.remove(key)),
                Some(text) => {
                    let secret = serde_json::json!({ "value": text, "updated": 0 });
                    kept.insert(key.to_owned(), secret);
                }
            }
        });
        for mode in [&["-vv"][..], &["--json"]] {
            stage.run(&["plan"], mode);
            stage.run(&["apply", "--yes"], mode).exits(5);
            stage
                .run(&["rotate", "--yes", "secrets.generated"], mode)
                .exits(5);
        }
        stage.restore(&up);
    }
    stage.assert_clean();
}
