//! The binary as a user meets it: one file a command, in an empty environment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod apply;
#[path = "../served/browser.rs"]
mod browser;
mod canary;
mod clients;
mod destroy;
mod errors;
mod faults;
mod given_secrets;
mod hostile;
#[path = "../served/http.rs"]
mod http;
mod import;
mod interrupt;
mod issuer;
mod listener;
mod login;
mod login_failures;
mod logout;
mod logs;
mod opening;
mod output;
mod plan;
mod platform;
mod recorder;
mod renewal;
mod sandbox;
mod secrets;
mod served;
mod sign_in;
mod status;
mod stored;
mod tokens;
mod validate;
mod whoami;
mod withstanding;
mod workspace;
