use std::time::{Duration, SystemTime};

use super::builder::{WIDE, plain, text};
use crate::report::{self, Expiry, Look, WhoAmI, json};

fn of_the_console() -> WhoAmI {
    WhoAmI {
        workspace: "acme".to_owned(),
        environment: "prod".to_owned(),
        user: Some("u1".to_owned()),
        tenant_plan: Ok("PRO".to_owned()),
        remaining_tokens: None,
        service_limits: None,
        source: "OSC_ACCESS_TOKEN".to_owned(),
        expires: None,
    }
}

/// Everything that can be known.
fn signed_in() -> WhoAmI {
    WhoAmI {
        remaining_tokens: Some(850),
        service_limits: Some(5),
        source: "/home/me/.osc/token".to_owned(),
        expires: ends(1_800_000_000, 3544),
        ..of_the_console()
    }
}

fn ends(at: u64, left: u64) -> Option<Expiry> {
    Some(Expiry {
        at: SystemTime::UNIX_EPOCH + Duration::from_secs(at),
        left: Duration::from_secs(left),
        renewable: true,
    })
}

fn unreadable() -> WhoAmI {
    let why = "reading the workspace's plan failed: the answer makes no sense: boom (HTTP 500)";
    WhoAmI {
        user: None,
        tenant_plan: Err(why.to_owned()),
        ..of_the_console()
    }
}

fn printed(who: &WhoAmI, look: Look) -> String {
    let mut out = Vec::new();
    report::whoami(&mut out, who, look).unwrap();
    text(out)
}

fn as_json(who: &WhoAmI) -> String {
    let mut out = Vec::new();
    json::whoami(&mut out, who).unwrap();
    text(out)
}

#[test]
fn a_token_of_the_console_never_ends() {
    insta::assert_snapshot!(printed(&of_the_console(), WIDE), @r"
    workspace    acme
    environment  prod
    user         u1
    plan         PRO
    token        personal access token
    source       OSC_ACCESS_TOKEN
    expires      never, unless it is revoked
    ");
}

#[test]
fn a_sign_in_says_when_it_ends_and_everything_else_that_is_known() {
    insta::assert_snapshot!(printed(&signed_in(), WIDE), @r"
    workspace       acme
    environment     prod
    user            u1
    plan            PRO
    balance         850 tokens
    service limits  5
    token           from a sign-in
    source          /home/me/.osc/token
    expires         2027-01-15T08:00:00Z, in 59m 04s; renewed by itself
    ");
}

#[test]
fn a_plan_that_could_not_be_read_says_why() {
    insta::assert_snapshot!(printed(&unreadable(), WIDE), @r"
    workspace    acme
    environment  prod
    plan         could not be read: reading the workspace's plan failed: the answer makes no sense: boom
                 (HTTP 500)
    token        personal access token
    source       OSC_ACCESS_TOKEN
    expires      never, unless it is revoked
    ");
}

#[test]
fn where_there_is_no_room_values_go_on_below() {
    insta::assert_snapshot!(printed(&unreadable(), plain(30)), @r"
    workspace  acme
    environment  prod
    plan       could not be read:
               reading the
               workspace's plan
               failed: the answer
               makes no sense:
               boom (HTTP 500)
    token      personal access
               token
    source     OSC_ACCESS_TOKEN
    expires    never, unless it is
               revoked
    ");
    insta::assert_snapshot!(printed(&signed_in(), plain(20)), @r"
    workspace
      acme
    environment
      prod
    user
      u1
    plan
      PRO
    balance
      850 tokens
    service limits
      5
    token
      from a sign-in
    source
      /home/me/.osc/token
    expires
      2027-01-15T08:00:00Z,
      in 59m 04s;
      renewed by itself
    ");
}

#[test]
fn programs_get_every_field_known_or_not() {
    insta::assert_snapshot!(as_json(&signed_in()), @r#"{"format":"osc-apply/whoami","version":1,"workspace":"acme","environment":"prod","user":"u1","tenant_plan":"PRO","tenant_plan_unreadable":null,"remaining_tokens":850,"service_limits":5,"token":{"kind":"sign_in","source":"/home/me/.osc/token","expires":"2027-01-15T08:00:00Z","seconds_left":3544,"renewable":true}}"#);
    insta::assert_snapshot!(as_json(&unreadable()), @r#"{"format":"osc-apply/whoami","version":1,"workspace":"acme","environment":"prod","user":null,"tenant_plan":null,"tenant_plan_unreadable":"reading the workspace's plan failed: the answer makes no sense: boom (HTTP 500)","remaining_tokens":null,"service_limits":null,"token":{"kind":"personal_access_token","source":"OSC_ACCESS_TOKEN","expires":null,"seconds_left":null,"renewable":false}}"#);
}

#[test]
fn an_end_beyond_all_calendars_is_shown_as_their_last_second() {
    let who = WhoAmI {
        expires: ends(1_800_000_000_000, 60),
        ..of_the_console()
    };
    assert!(printed(&who, WIDE).contains("9999-12-31T23:59:59Z, in 1m 00s"));
}

#[test]
fn words_of_the_token_and_the_platform_cannot_steer_the_terminal() {
    let who = WhoAmI {
        user: Some("u\x1b[2J".to_owned()),
        tenant_plan: Ok("PRO\u{9b}".to_owned()),
        source: "/home/\x07/token".to_owned(),
        ..signed_in()
    };
    for shown in [printed(&who, WIDE), as_json(&who)] {
        let steers = |c: char| c.is_control() && c != '\n';
        assert!(!shown.contains(steers), "{shown:?}");
    }
}
