//! Each way in which a sign-in comes to nothing.

use std::sync::Mutex;
use std::sync::mpsc::channel;

use url::Url;

use crate::browser::Browser;
use crate::http;
use crate::recorder::Recorder;
use crate::served::{Served, WORLD};
use crate::sign_in::{FIRST, Waiting, kept_files, parameter};
use crate::workspace::{Run, Workspace};

/// Lets a sign-in fail: the terminal says why, in these words, and so does the page.
#[track_caller]
fn fails(workspace: &Workspace, waiting: Waiting, callback: &Url, words: &str) -> Run {
    let page = http::get(callback);
    for told in ["Not signed in", words] {
        let page = page.body.to_lowercase();
        assert!(page.contains(&told.to_lowercase()), "{page}");
    }
    let run = waiting.end().exits(4);
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert!(run.stderr.contains("osc-apply login"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    assert!(kept_files(workspace).is_empty());
    run
}

#[test]
fn whoever_presses_deny_is_not_signed_in() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let waiting = Waiting::login(&workspace, &served.endpoint, &[]);
    let callback = Browser::default().decide(&waiting.url, FIRST, "deny");
    let run = fails(&workspace, waiting, &callback, "access was denied");
    assert!(run.stderr.contains("press Allow"), "{}", run.stderr);
}

#[test]
fn what_is_not_the_answer_is_turned_away_and_the_wait_goes_on() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let waiting = Waiting::login(&workspace, &served.endpoint, &[]);
    let mut browser = Browser::default();
    let right = browser.decide(&waiting.url, FIRST, "allow");
    let code = parameter(&right, "code");
    let state = waiting.parameter("state");
    for wrong in [
        format!("code={code}"),
        format!("code={code}&state="),
        format!("code={code}&state={}", &state[1..]),
        format!("code={code}&state={}", state.to_lowercase()),
        "error=access_denied&state=x".to_owned(),
    ] {
        assert_eq!(http::get(&waiting.callback(&wrong)).status, 400, "{wrong}");
    }
    let mut elsewhere = right.clone();
    for path in [
        "/",
        "/favicon.ico",
        "/callback/",
        "/Callback",
        "/callback.html",
    ] {
        elsewhere.set_path(path);
        assert_eq!(http::get(&elsewhere).status, 404, "{path}");
    }
    for method in ["POST", "PUT", "OPTIONS"] {
        assert_eq!(http::ask(method, &right, &[], "").status, 404, "{method}");
    }
    assert_eq!(browser.visit(&right).unwrap().status, 200);
    waiting.end().ok();
}

#[test]
fn a_code_that_was_used_before_is_refused_and_ends_the_sign_in_it_came_from() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let first = Waiting::login(&workspace, &served.endpoint, &[]);
    let callback = Browser::default().decide(&first.url, FIRST, "allow");
    let code = parameter(&callback, "code");
    http::get(&callback);
    first.end().ok();
    workspace.run_at(&served.endpoint, &["whoami"]).ok();

    let other = Workspace::new();
    let second = Waiting::login(&other, &served.endpoint, &[]);
    let replayed = format!("code={code}&state={}", second.parameter("state"));
    let callback = second.callback(&replayed);
    let run = fails(&other, second, &callback, "expired, used or not ours");
    assert!(run.stderr.contains("used before"), "{}", run.stderr);
    assert!(!run.stderr.contains(&code), "{}", run.stderr);
    workspace.run_at(&served.endpoint, &["whoami"]).exits(4);
}

#[test]
fn a_code_that_has_expired_is_refused() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let waiting = Waiting::login(&workspace, &served.endpoint, &[]);
    let callback = Browser::default().decide(&waiting.url, FIRST, "allow");
    let world = workspace.path().join(WORLD).join("world.json");
    let mut document: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&world).unwrap()).unwrap();
    for grant in document["oauth"]["grants"]
        .as_object_mut()
        .unwrap()
        .values_mut()
    {
        grant["code_until"] = serde_json::json!(1);
    }
    std::fs::write(&world, document.to_string()).unwrap();
    let run = fails(&workspace, waiting, &callback, "expired, used or not ours");
    assert!(
        run.stderr.contains("The code has expired"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_answer_counts_once() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let recorder = Recorder::before(&served.endpoint);
    let (asked, being_asked) = channel();
    let (release, released) = channel::<()>();
    let (asked, released) = (Mutex::new(asked), Mutex::new(released));
    recorder.react(move |request| {
        if request.starts_with("POST /app/api/connect/token") {
            let _ = asked.lock().unwrap().send(());
            let _ = released.lock().unwrap().recv();
        }
        None
    });
    let waiting = Waiting::login(&workspace, &recorder.endpoint(), &[]);
    let callback = Browser::default().decide(&waiting.url, FIRST, "allow");
    let first = std::thread::spawn({
        let callback = callback.clone();
        move || http::get(&callback)
    });
    being_asked.recv().unwrap();
    let second = http::get(&callback);
    assert_eq!(second.status, 409);
    assert!(second.body.contains("Answered already"), "{}", second.body);
    release.send(()).unwrap();
    assert_eq!(first.join().unwrap().status, 200);
    waiting.end().ok();
    assert_eq!(recorder.requests("/api/connect/token").len(), 1);
}

#[test]
fn a_server_that_is_not_there_is_told_before_a_browser_opens() {
    let workspace = Workspace::new();
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let run = workspace.run_at(&format!("http://{gone}"), &["login", "--no-browser"]);
    let run = run.exits(4);
    let told = format!("the sign-in server at {gone} cannot be reached");
    assert!(run.stderr.contains(&told), "{}", run.stderr);
    assert!(!run.stderr.contains("/authorize"), "{}", run.stderr);
}

#[test]
fn a_server_that_goes_away_meanwhile_is_told_in_both_places() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let waiting = Waiting::login(&workspace, &served.endpoint, &[]);
    let callback = Browser::default().decide(&waiting.url, FIRST, "allow");
    drop(served);
    let page = http::get(&callback);
    assert!(page.body.contains("cannot be reached"), "{}", page.body);
    let run = waiting.end().exits(4);
    assert!(run.stderr.contains("cannot be reached"), "{}", run.stderr);
}

#[test]
fn a_server_that_gives_no_token_is_told_with_its_words() {
    let workspace = Workspace::new();
    for (fault, words) in [
        ("grant-503", "HTTP 503"),
        ("grant-lost-after", "cannot be reached"),
    ] {
        let served = Served::with(&workspace, &["--sandbox-fault", fault]);
        let waiting = Waiting::login(&workspace, &served.endpoint, &[]);
        waiting.allow(FIRST);
        let run = waiting.end().exits(4);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert!(kept_files(&workspace).is_empty());
    }
}

#[test]
fn the_sandbox_inside_a_command_has_nobody_to_sign_in() {
    let run = Workspace::new().run(&["login", "--no-browser"]).exits(3);
    assert!(run.stderr.contains("sandbox serve"), "{}", run.stderr);
}
