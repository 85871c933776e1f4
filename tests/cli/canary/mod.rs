//! No token, code, verifier or client secret, no secret of a stack and no password of anybody else
//! is ever printed, logged, written anywhere but to where it is kept, or given to another process.
//!
//! - `search`: a secret, looked for in every form
//! - `talk`: the secrets that travelled, from what was recorded
//! - `commands`: every command and every mode
//! - `stack`: a stack with secrets of every source, among instances of others
//! - `stage`: commands whose secrets are known, and what was printed since
//! - `entrusted`: the secrets of a stack, `refusals`: quoted by the platform; those of a sign-in are
//!   here

mod commands;
mod entrusted;
mod refusals;
pub(crate) mod search;
mod stack;
mod stage;
mod talk;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use self::commands::{APPLY, DESTROY, MODES, RUNS, asking};
use self::stage::{Stage, echo};
use crate::sign_in::{kept, parameter};

#[test]
fn no_command_shows_a_secret_in_any_mode() {
    let mut stage = Stage::signed_in();
    for mode in MODES {
        for run in RUNS {
            stage.run(run, mode);
        }
        // It is renewed, taken back and made anew in each mode, too.
        stage.expire();
        stage.run(&["whoami"], mode).ok();
        stage.run(&["logout"], mode).ok();
        stage.login(mode, Url::clone).ok();
    }
    stage.run(&["sandbox", "reset"], &["-vv"]).ok();
    stage.run(&["plan"], &["-vv"]);
    stage.assert_clean();
}

#[test]
fn a_secret_that_is_printed_or_left_in_a_file_is_found() {
    let mut stage = Stage::signed_in();
    stage.assert_clean();
    let sign_in = kept(&stage.workspace);
    let [access, refresh] = ["access_token", "refresh_token"].map(|name| sign_in[name].as_str());
    let header = STANDARD.encode(format!("Bearer {}", access.unwrap()));
    let file = stage.workspace.write("note", header);
    let leak = stage.leak().unwrap();
    assert!(leak.starts_with("access_token is in /"), "{leak}");
    std::fs::remove_file(file).unwrap();
    stage.assert_clean();
    stage.note("planted", refresh.unwrap());
    let leak = stage.leak().unwrap();
    assert!(leak.starts_with("refresh_token is in planted"), "{leak}");
}

/// How a misbehaving platform answers, to requests whose first lines contain what.
const FAILURES: [(&str, &[u16]); 5] = [
    (" /", &[200, 400, 401, 403, 500, 503]),
    ("/servicetoken", &[400, 401, 500]),
    ("instance", &[400, 401, 500]),
    ("DELETE ", &[400, 401, 500]),
    ("POST ", &[400, 401, 500]),
];

#[test]
fn no_failure_shows_a_secret_that_an_answer_quotes() {
    let mut stage = Stage::signed_in();
    for (place, statuses) in FAILURES {
        for (at, &status) in statuses.iter().enumerate() {
            stage.recorder.react(|_| None);
            // A failure may have cost the sign-in.
            stage.login(&[], Url::clone).ok();
            // There must be something to read and delete, or else to create.
            match place {
                "POST " => stage.run(DESTROY, &[]),
                _ => stage.run(APPLY, &[]),
            }
            .ok();
            stage.recorder.react(move |request| {
                let line = request.lines().next().unwrap();
                line.contains(place).then(|| echo(status, request))
            });
            let mode: &[&str] = if at % 2 == 0 { &["-vv"] } else { &["--json"] };
            for run in asking() {
                stage.run(run, mode);
            }
        }
    }
    stage.assert_clean();
}

#[test]
fn no_answer_that_makes_no_sense_is_shown_with_a_secret() {
    let mut stage = Stage::signed_in();
    for shape in [
        "[SAID]",
        "{\"a\":[SAID",
        "SAID",
        "[{\"serviceId\":SAID}]",
        "{\"token\":SAID}",
    ] {
        stage.recorder.react(move |request| {
            let (status, said) = echo(200, request);
            let said = serde_json::Value::from(said).to_string();
            Some((status, shape.replace("SAID", &said)))
        });
        for run in asking() {
            stage.run(run, &["--json", "-vv"]);
        }
    }
    stage.assert_clean();
}

#[test]
fn no_refused_renewal_shows_what_was_sent() {
    let mut stage = Stage::signed_in();
    for status in [200, 400, 401, 500] {
        stage.expire();
        stage.recorder.react(move |request| {
            let token = request.starts_with("POST /app/api/connect/token");
            token.then(|| echo(status, request))
        });
        for run in asking() {
            for mode in [["-vv"].as_slice(), &["--json"]] {
                stage.run(run, mode);
            }
        }
    }
    stage.assert_clean();
}

#[test]
fn no_failed_sign_in_shows_what_was_sent() {
    let mut stage = Stage::signed_in();
    for status in [200, 400, 401, 500] {
        stage.recorder.react(move |request| {
            let token = request.starts_with("POST /app/api/connect/token");
            token.then(|| echo(status, request))
        });
        for mode in MODES {
            stage.login(mode, Url::clone).exits(4);
        }
    }
    // The code may also come where words are expected.
    stage.login(&["-vv"], |right| {
        let (code, state) = (parameter(right, "code"), parameter(right, "state"));
        let query = format!("state={state}&code={code}&error=no&error_description=not+{code}");
        let mut wrong = right.clone();
        wrong.set_query(Some(&query));
        wrong
    });
    stage.recorder.react(|request| Some(echo(403, request)));
    stage.run(&["logout"], &["-vv"]).ok();
    stage
        .run(&["login", "--no-browser", "--register"], &["-vv"])
        .exits(4);
    stage.assert_clean();
}

#[cfg(unix)]
#[test]
fn no_browser_is_given_a_secret() {
    let mut stage = Stage::new();
    let program = crate::opening::browser(&stage.workspace, "browser");
    let mut command = stage
        .workspace
        .at(&stage.recorder.endpoint(), &["login", "-vv"]);
    stage.client().be_named_to(&mut command);
    command.env("BROWSER", program);
    stage.login_by(command, Url::clone).ok();
    // What it was given is in files by now, which are looked through like all others.
    crate::opening::noted(&stage.workspace, "browser");
    stage.assert_clean();
}
