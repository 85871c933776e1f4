//! A platform that quotes what it was sent, and what that stands for; and one that makes no sense.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicUsize};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::stack::{self, GIVEN, GIVEN_ANEW};
use super::stage::Stage;

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
    let whole: Vec<char> = body.chars().collect();
    let part = |from: usize, to: usize| -> String {
        let at = |place: usize| whole.len() * place / 5;
        whole[at(from)..at(to)].iter().collect()
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

/// What an application logs that complains about what it was given.
#[test]
fn no_log_of_an_instance_shows_what_it_was_given() {
    let mut stage = Stage::handed();
    stage.run(&["adopt", "--yes", "instances.taken"], &[]).ok();
    stage.run(&["apply", "--yes"], &[]).ok();
    let lines: Vec<String> = known(&stage, &stage.world())
        .iter()
        .flat_map(|text| {
            [
                format!("cannot use {text}!"),
                STANDARD.encode(format!("x:{text}")),
            ]
        })
        .collect();
    stage.recorder.react(move |request| {
        let is = |part: &str| request.lines().next().unwrap().contains(part);
        let log = is("/logs/").then(|| (200, json!(lines).to_string()));
        let health = is("/health/").then(|| {
            let word = lines.join(" ");
            (
                200,
                json!({ "status": "failed", "health": "failed", "reason": word }).to_string(),
            )
        });
        log.or(health)
    });
    for mode in [&[][..], &["--json"], &["-vv"]] {
        stage.run(&["status"], mode).ok();
        stage.run(&["apply", "--yes"], mode).exits(8);
        for instance in ["queue", "store", "encoder", "taken"] {
            let run = stage
                .run(&["logs", &format!("instances.{instance}")], mode)
                .ok();
            assert!(
                run.stdout.contains("cannot use (sensitive)!"),
                "{}",
                run.stdout
            );
        }
    }
    stage.assert_clean();
}

/// Of an instance that is not declared, only what was generated is known.
#[test]
fn no_log_of_an_instance_that_is_not_declared_shows_what_was_generated_for_it() {
    let mut stage = Stage::handed();
    stage.run(&["adopt", "--yes", "instances.taken"], &[]).ok();
    stage.run(&["apply", "--yes"], &[]).ok();
    let mut kept = stack::kept_in(&stage.world()).into_iter();
    let (_, generated) = kept.find(|(what, _)| *what == stack::GENERATED).unwrap();
    let line = format!("cannot use {generated}!");
    stage.recorder.react(move |request| {
        let is_log = request.lines().next().unwrap().contains("/logs/");
        is_log.then(|| (200, json!([line]).to_string()))
    });
    let run = stage.run(&["logs", "valkey-io-valkey/queue"], &[]).ok();
    assert_eq!(run.stdout, "cannot use (sensitive)!\n");
    stage.assert_clean();
}

/// Documents with the passwords of others, none of which is what it should be.
#[test]
fn no_answer_of_another_shape_is_quoted() {
    let mut stage = Stage::handed();
    stage.run(&["adopt", "--yes", "instances.taken"], &[]).ok();
    stage.run(&["apply", "--yes"], &[]).ok();
    let mut all = stack::LIVE.to_vec();
    all.extend([stack::USER, stack::TOLD]);
    let options = json!({ "name": all, "Password": all, "RedisUrl": all[0] });
    let vault = json!({ "version": 1, "key": all[0], "values": { "a": all[1] } }).to_string();
    let shapes = [
        ("instance", json!([options]).to_string()),
        ("instance", json!([options]).to_string().replace("]}]", "")),
        ("instance", json!(all).to_string()),
        ("instance", json!({ all[0]: all }).to_string()),
        ("instance", all.join(" ")),
        (
            "/mysuspended",
            json!([{ "parameters": options }]).to_string(),
        ),
        (
            "/mysuspended",
            json!([{ "serviceId": all[0], "instanceName": all[1], "reason": 1,
            "parameters": all }])
            .to_string(),
        ),
        ("/resourcetags", json!({ "resources": all }).to_string()),
        (
            "/mytenantsecrets/",
            json!({ "key": all[2], "value": all[3] }).to_string(),
        ),
        (
            "/mytenantsecrets/",
            json!({ "value": [all[3]] }).to_string(),
        ),
        (
            "/mytenantsecrets/",
            json!({ "key": "user.oscapply.canary", "value": vault }).to_string(),
        ),
        (
            "/mytenantsecrets/",
            json!({ "key": "user.oscapply.canary", "value": vault[..60] }).to_string(),
        ),
        ("/mytenantsecrets/", vault),
    ];
    let mut codes = BTreeSet::new();
    for (at, (place, shape)) in shapes.into_iter().enumerate() {
        stage.recorder.react(move |request| {
            let line = request.lines().next().unwrap();
            let struck = line.starts_with("GET ") && line.contains(place);
            struck.then(|| (200, shape.clone()))
        });
        let mode: &[&str] = if at % 2 == 0 { &["-vv"] } else { &["--json"] };
        for run in LOOKS_AT {
            codes.insert(stage.run(run, mode).code);
        }
    }
    stage.assert_clean();
    assert!(codes.contains(&1) && codes.contains(&5), "{codes:?}");
}

const LOOKS_AT: [&[&str]; 6] = [
    &["plan"],
    &["status"],
    &["output"],
    &["import"],
    &["logs", "instances.queue"],
    &["apply", "--yes", "--take-over"],
];
