use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::served::{Home, Served};
use crate::session::Session;
use crate::{MANIFEST, sign_in, with_keyring};

pub(crate) const TRIALS: [(&str, fn()); 4] = [
    (
        "without_a_keyring_there_is_a_file_and_a_word_about_it",
        no_keyring,
    ),
    (
        "with_a_locked_keyring_there_is_a_file_and_a_word_about_it",
        locked,
    ),
    ("a_keyring_that_is_gone_is_an_error_in_clear_words", gone),
    (
        "signing_in_while_the_keyring_is_gone_leaves_nothing_in_it",
        gone_for_a_while,
    ),
];

/// Signs in, which goes to a file for this reason; the file.
fn sign_in_to_file(home: &Home, why: &str) -> PathBuf {
    let said = sign_in(home, "sandbox").stdout;
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let why = format!("the system's keyring is not used: {why}.");
    assert!(words.ends_with(&why), "{said}");
    let who = home.run(&["whoami", "--json"]).exits(0).json();
    let source = who["token"]["source"].as_str().unwrap();
    source.strip_prefix("the sign-in in ").unwrap().into()
}

fn falls_back(home: &Home, why: &str) {
    let file = sign_in_to_file(home, why);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    home.run(&["logout"]).exits(0);
    assert!(!file.exists());
}

fn no_keyring() {
    let served = Served::start();
    let mut home = Home::at(served.endpoint());
    home.set_keyring(nowhere());
    falls_back(&home, "there is none");
}

/// A bus that is not there.
fn nowhere() -> Vec<(String, String)> {
    let address = "unix:path=/nonexistent/bus".to_owned();
    vec![("DBUS_SESSION_BUS_ADDRESS".to_owned(), address)]
}

fn locked() {
    let served = Served::start();
    let mut home = Home::at(served.endpoint());
    let session = Session::locked(home.path());
    home.set_keyring(session.variables());
    falls_back(&home, "it is locked");
}

fn gone() {
    let served = Served::start();
    let (mut home, session) = with_keyring(&served);
    sign_in(&home, "sandbox");
    drop(session);
    cannot_be_used(&home, "there is none");
    let session = Session::locked(home.path());
    home.set_keyring(session.variables());
    cannot_be_used(&home, "it is locked");
    drop(session);
    let session = Session::unlocked(home.path());
    home.set_keyring(session.variables());
    home.run(&["whoami"]).exits(0);
}

/// Every command that needs the sign-in says that the keyring fails it, and why.
fn cannot_be_used(home: &Home, why: &str) {
    let commands: [&[&str]; 4] = [
        &["whoami"],
        &["plan", "--file", MANIFEST],
        &["logout"],
        &["logout", "--all"],
    ];
    for command in commands {
        let said = home.run(command).exits(4).stderr;
        let error = format!("error: the system's keyring cannot be used: {why}\n");
        assert!(said.starts_with(&error), "{said}");
        assert!(
            said.contains("unlock it, or run `osc-apply login` again"),
            "{said}"
        );
    }
}

fn gone_for_a_while() {
    let served = Served::start();
    let (mut home, session) = with_keyring(&served);
    sign_in(&home, "sandbox");
    home.set_keyring(nowhere());
    let file = sign_in_to_file(&home, "there is none");
    home.set_keyring(session.variables());
    assert_eq!(session.secrets().len(), 1);
    home.run(&["logout"]).exits(0);
    assert!(!file.exists());
    assert_eq!(session.secrets().len(), 0);
}
