//! Sign-ins in a real Secret Service: that of GNOME, on a bus of its own.
//!
//! - `session`: the bus and the keyring
//! - `presence`: while it is there
//! - `absence`: while it is not
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../served/mod.rs"]
mod served;

mod absence;
mod presence;
mod session;

use libtest_mimic::Arguments;

use served::{Browser, Home, Run, Served, needing};
use session::Session;

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/wordpress.yaml");

fn main() {
    let programs = &["gnome-keyring-daemon", "dbus-daemon", "secret-tool"];
    let trials = presence::TRIALS.into_iter().chain(absence::TRIALS);
    let trials = trials.map(|(name, run)| needing(programs, name, run));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

/// Signs in to a workspace with the real command.
fn sign_in(home: &Home, workspace: &str) -> Run {
    let login = home.login();
    Browser::default().allow(&login.url, workspace);
    login.end().exits(0)
}

/// A home with an open keyring of its own.
fn with_keyring(served: &Served) -> (Home, Session) {
    let mut home = Home::at(served.endpoint());
    let session = Session::unlocked(home.path());
    home.set_keyring(session.variables());
    (home, session)
}
