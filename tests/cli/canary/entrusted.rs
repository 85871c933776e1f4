//! The secrets of a stack, and the passwords of instances that are not its own.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicUsize};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::commands::{LEVELS, LOOKS, STEPS};
use super::stack::{self, GIVEN, GIVEN_ANEW};
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

/// The beginnings of the requests that a platform refuses.
const REFUSED: [&str; 6] = [
    "POST /svc/",
    "PATCH /svc/",
    "DELETE /svc/",
    "PUT /deploy/mysecrets/",
    "PUT /deploy/mytenantsecrets/user.oscapply.canary ",
    "PUT /deploy/resourcetags/",
];

/// Commands that make everything, and then change everything there is, with other secrets.
const CHANGES: [&[&str]; 4] = [
    &["apply", "--yes", "--take-over"],
    &["rotate", "--yes", "--take-over", "secrets.generated"],
    &[
        "apply",
        "--yes",
        "--take-over",
        "--replace",
        "instances.store",
    ],
    &["destroy", "--yes", "--take-over", "--discard-data", "all"],
];

#[test]
fn no_refusal_shows_what_was_entrusted() {
    let mut stage = Stage::handed();
    stage.run(&["adopt", "--yes", "instances.taken"], &[]).ok();
    let down = stage.world();
    stage.run(&["apply", "--yes"], &[]).ok();
    let up = stage.world();
    let mut codes = BTreeSet::new();
    for place in REFUSED {
        // What may have been deleted is asked about for minutes.
        let other = if place.starts_with("DELETE ") {
            403
        } else {
            500
        };
        for (status, mode) in [(400, ["-vv"]), (other, ["--json"])] {
            for (change, world) in CHANGES.into_iter().zip([&down, &up, &up, &up]) {
                stage.restore(world);
                refuse(&stage, place, status, world);
                codes.insert(stage.run(change, &mode).code);
                stage.set(GIVEN.0, GIVEN_ANEW);
            }
            stage.set(GIVEN.0, GIVEN.1);
        }
        eprintln!("{place}");
    }
    stage.assert_clean();
    assert_eq!(codes, BTreeSet::from([0, 1, 5, 7]), "{codes:?}");
}

/// Refuses some requests: for good, or a few times where that is a failure after which a command
/// asks for minutes whether it was one.
fn refuse(stage: &Stage, place: &'static str, status: u16, world: &str) {
    // Only the beginning of what an answer says is ever shown.
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let known = known(stage, world);
    let left = AtomicU32::new(if status == 500 { 3 } else { u32::MAX });
    let one_less = |left: u32| left.checked_sub(1);
    stage.recorder.react(move |request| {
        let refused =
            request.starts_with(place) && left.fetch_update(Relaxed, Relaxed, one_less).is_ok();
        refused.then(|| {
            let mut quotes = quotes(request, &known);
            let turn = TURN.fetch_add(1, Relaxed) % quotes.len();
            quotes.rotate_left(turn);
            (status, json!({ "reason": quotes.join(" ") }).to_string())
        })
    });
}

/// A request, whole or cut off, in every form; and whatever its references stand for.
fn quotes(request: &str, known: &[String]) -> Vec<String> {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let part = |from: usize, to: usize| {
        let at = |place: usize| body.floor_char_boundary(body.len() * place / 5);
        body[at(from)..at(to)].to_owned()
    };
    let mut quotes: Vec<String> = (0..5).map(|from| part(from, 5)).collect();
    quotes.extend((1..5).map(|to| STANDARD.encode(part(0, to))));
    quotes.push(url::form_urlencoded::byte_serialize(body.as_bytes()).collect());
    if body.contains("{{secrets.") {
        quotes.extend(known.iter().cloned());
    }
    quotes
}

/// What references stand for: what the stack is given, and what was generated.
fn known(stage: &Stage, world: &str) -> Vec<String> {
    let vault = stack::kept_in(world).into_iter();
    let vault = vault.filter(|(what, _)| *what != stack::SERVICE_SECRET);
    let given = [stack::USER, stack::TOLD, stage.given()].map(str::to_owned);
    vault.map(|(_, text)| text).chain(given).collect()
}
