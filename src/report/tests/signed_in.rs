use std::time::{Duration, SystemTime};

use super::builder::{WIDE, plain, text};
use crate::report::{self, Look, SignedIn, json};

fn in_the_keyring() -> SignedIn {
    SignedIn {
        workspace: "acme".to_owned(),
        environment: "prod".to_owned(),
        user: Some("u1".to_owned()),
        expires: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)),
        renewable: true,
        kept: "the system's keyring".to_owned(),
        why_no_keyring: None,
    }
}

fn in_a_file() -> SignedIn {
    SignedIn {
        user: None,
        renewable: false,
        kept: "/home/me/kept.json".to_owned(),
        why_no_keyring: Some("it is locked".to_owned()),
        ..in_the_keyring()
    }
}

fn printed(it: &SignedIn, look: Look) -> String {
    let mut out = Vec::new();
    report::signed_in(&mut out, it, look).unwrap();
    text(out)
}

#[test]
fn a_sign_in_says_to_what_for_how_long_and_where() {
    insta::assert_snapshot!(printed(&in_the_keyring(), WIDE), @r"
    Signed in to the workspace acme (prod) as u1.
    The access token lasts until 2027-01-15T08:00:00Z and is renewed by itself.
    It is kept in the system's keyring.
    ");
}

#[test]
fn what_it_lacks_is_said_out_loud() {
    insta::assert_snapshot!(printed(&in_a_file(), plain(60)), @r"
    Signed in to the workspace acme (prod).
    The access token lasts until 2027-01-15T08:00:00Z, and the
    server gave no means to renew it: sign in again then.
    It is kept in /home/me/kept.json, which only you can read;
    the system's keyring is not used: it is locked.
    ");
}

#[test]
fn programs_get_the_same() {
    let mut out = Vec::new();
    json::signed_in(&mut out, &in_a_file()).unwrap();
    insta::assert_snapshot!(text(out), @r#"{"format":"osc-apply/signed-in","version":1,"workspace":"acme","environment":"prod","user":null,"expires":"2027-01-15T08:00:00Z","renewable":false,"kept":"/home/me/kept.json"}"#);
}

#[test]
fn a_token_that_may_not_last_is_warned_of() {
    let mut out = Vec::new();
    report::ending(&mut out, Duration::from_secs(724), WIDE).unwrap();
    insta::assert_snapshot!(text(out), @r"
    warning: the access token ends in 12m 04s and cannot be renewed
      help: sign in anew before a long run; one that it ends is taken up by the next
    ");
}
