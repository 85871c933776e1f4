//! The secrets of a stack, and the passwords of instances that are not its own.

use super::commands::{LEVELS, LOOKS, STEPS};
use super::stage::Stage;

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
