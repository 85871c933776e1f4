//! Signing in with a real browser, at the pages of a served sandbox and the closing page.
//!
//! One browser and one sandbox serve all trials, one after the other. With
//! `OSC_APPLY_PICTURES=FOLDER` pictures of the pages are put there.
//!
//! - `driver`: Chromium, by the WebDriver protocol
//! - `page`: what a person does and sees, and what the browser says of it
//! - `desk`: the browser and the sandbox
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../served/mod.rs"]
mod served;

mod desk;
mod driver;
mod page;
mod trials;

use std::sync::{Mutex, PoisonError};

use libtest_mimic::Arguments;

use desk::Desk;
use served::needing;

static DESK: Mutex<Option<Desk>> = Mutex::new(None);

fn main() {
    let programs = &["chromium", "chromedriver"];
    let trials = trials::ALL.map(|(name, run)| needing(programs, name, run));
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials.into());
    drop(DESK.lock().unwrap_or_else(PoisonError::into_inner).take());
    conclusion.exit();
}

/// Gives the desk to a trial, when nobody else is at it.
fn at_desk(run: impl FnOnce(&Desk)) {
    let mut desk = DESK.lock().unwrap_or_else(PoisonError::into_inner);
    let desk = desk.get_or_insert_with(Desk::new);
    desk.browser.forget();
    run(desk);
}
