//! A bad day of the platform, as a user meets it: every fault of the sandbox strikes a command
//! that it can do harm to. What the command says, its exit code and the world agree, and once the
//! fault is gone the next run mends the rest.
//!
//! - `stage`: what there is before, and the command
//! - `said`: what a command said
//! - `sign_in`: faults that strike whoever signs in

mod said;
mod sign_in;
mod stage;

use std::collections::BTreeSet;
use std::sync::Mutex;

use crate::faults::listed;
use stage::Stage::{self, Apply, ApplySlowly, Change, Destroy, Resume};

/// A fault, in the sandbox's text form; the command that it strikes; what it strikes, as the
/// sandbox tells it.
type Row = (&'static str, Stage, &'static str);

/// Deletes and resumes that were lost are not among them: they are followed up for minutes.
const ROWS: &[Row] = &[
    ("create-504", Apply, "POST valkey-io-valkey"),
    ("create-504", Change, "POST eyevinn-app-config-svc"),
    ("create-lost-before", Apply, "POST valkey-io-valkey"),
    ("create-lost-after", Apply, "POST valkey-io-valkey"),
    ("create-500", Apply, "POST valkey-io-valkey"),
    ("create-500", Change, "POST eyevinn-app-config-svc"),
    ("create-unavailable", Apply, "POST valkey-io-valkey"),
    ("create-auth-transient", Apply, "POST valkey-io-valkey"),
    // The first create is taken behind a gateway's back, so that the second meets its name.
    (
        "create-504 name-taken:status=400",
        Apply,
        "POST valkey-io-valkey",
    ),
    (
        "create-504 name-taken:status=500",
        Apply,
        "POST valkey-io-valkey",
    ),
    ("name-taken-falsely", Apply, "POST valkey-io-valkey"),
    ("limit", Apply, "POST valkey-io-valkey"),
    ("drop-before:target=catalog", Apply, "POST catalog"),
    (
        "drop-before:target=deploy",
        Apply,
        "PUT deploy /mytenantsecrets",
    ),
    (
        "drop-before:target=deploy,after=1",
        Apply,
        "PUT deploy /resourcetags",
    ),
    (
        "drop-before:target=valkey-io-valkey",
        Change,
        "PATCH valkey-io-valkey",
    ),
    ("drop-after:target=catalog", Apply, "POST catalog"),
    (
        "drop-after:target=deploy",
        Apply,
        "PUT deploy /mytenantsecrets",
    ),
    (
        "drop-after:target=deploy,after=1",
        Apply,
        "PUT deploy /resourcetags",
    ),
    (
        "drop-after:target=valkey-io-valkey",
        Change,
        "PATCH valkey-io-valkey",
    ),
    (
        "drop-after:target=valkey-io-valkey",
        Destroy,
        "DELETE valkey-io-valkey",
    ),
    ("drop-after:target=deploy,after=1", Resume, "POST deploy"),
    ("gateway-timeout:target=catalog", Apply, "POST catalog"),
    (
        "gateway-timeout:target=deploy,after=1",
        Apply,
        "PUT deploy /resourcetags",
    ),
    (
        "gateway-timeout:target=valkey-io-valkey",
        Change,
        "PATCH valkey-io-valkey",
    ),
    (
        "gateway-timeout:target=valkey-io-valkey",
        Destroy,
        "DELETE valkey-io-valkey",
    ),
    (
        "gateway-timeout:target=deploy,after=1",
        Resume,
        "POST deploy",
    ),
    ("change-echo:target=deploy", Apply, "PUT deploy"),
    (
        "change-echo:target=valkey-io-valkey",
        Apply,
        "POST valkey-io-valkey",
    ),
    (
        "change-echo:target=valkey-io-valkey",
        Change,
        "PATCH valkey-io-valkey",
    ),
    ("patch-ignored", Change, "PATCH valkey-io-valkey"),
    ("delete-lingers", Change, "DELETE eyevinn-app-config-svc"),
    ("delete-lingers", Destroy, "DELETE"),
    ("resume-leaves-record", Resume, "/resume"),
    ("overlaps-lose-records", Resume, "/resume"),
    ("read-401", Apply, "GET"),
    ("read-502", Apply, "GET"),
    ("read-503", Apply, "GET"),
    ("read-504", Apply, "GET"),
    ("read-html-404", Change, "GET"),
    ("read-route-404", Change, "GET"),
    ("read-absent", Apply, "GET valkey-io-valkey"),
    ("read-absent:count=9", Change, "GET"),
    ("read-absent:count=2", Destroy, "GET"),
    ("read-truncated", Change, "GET"),
    ("read-garbled", Resume, "GET"),
    ("read-reason", Destroy, "GET"),
    ("read-empty", Apply, "GET"),
    ("token-short", ApplySlowly, "POST token"),
    ("token-refused", Apply, "valkey-io-valkey"),
    ("token-refused-json", Apply, "valkey-io-valkey"),
    ("pat-refused:target=catalog", Apply, "GET catalog"),
    ("pat-refused:target=token,after=1", Apply, "POST token"),
    // The wait for it has an end of its own.
    ("health-stuck:for=1h", Apply, "GET valkey-io-valkey /health"),
    ("health-failed", Apply, "GET valkey-io-valkey /health"),
    (
        "health-unknown:for=5m",
        Apply,
        "GET valkey-io-valkey /health",
    ),
    (
        "health-job-condition",
        Apply,
        "GET valkey-io-valkey /health",
    ),
    ("health-404", Apply, "GET valkey-io-valkey /health"),
    (
        "endpoint-unreachable:for=5m",
        Apply,
        "CONNECT sandbox-store",
    ),
    ("endpoint-untrusted:for=5m", Apply, "CONNECT sandbox-store"),
    (
        "endpoint-401:for=5m",
        Apply,
        "GET store.eyevinn-app-config-svc",
    ),
    (
        "ports-late:for=60s",
        ApplySlowly,
        "GET valkey-io-valkey /ports",
    ),
    ("ports-change", Apply, "GET valkey-io-valkey /ports"),
    ("rate-limit:count=3", Apply, "GET"),
    (
        "rate-limit:target=valkey-io-valkey,retry-after=1",
        Change,
        "POST token",
    ),
    ("slow:count=9", Apply, "GET"),
    // Shorter than the reads are patient, whatever their jitter.
    ("maintenance:for=8s", Apply, "GET"),
];

/// Faults that no command can be shown to withstand here, and where they are instead.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "hang",
        "a client waits for a minute and a half; tests/apply has a clock that does not",
    ),
    ("hang-after", "the same"),
    (
        "restart-ignored",
        "no command restarts an instance; the sandbox's own tests do",
    ),
];

/// The one that shows only later that it has struck.
const EXPIRED: &str = "token-expired";

#[test]
fn every_fault_strikes_in_some_row() {
    let rows = ROWS.iter().map(|row| row.0);
    let all = rows.chain(sign_in::ROWS.iter().map(|row| row.0));
    let all = all.chain(ELSEWHERE.iter().map(|row| row.0));
    let shown: BTreeSet<&str> = all.chain([EXPIRED]).map(name_of).collect();
    let listed = listed();
    let listed = listed.iter().map(|fault| fault["name"].as_str().unwrap());
    assert_eq!(shown, listed.collect());
}

/// The name of the last fault, which is the one that matters.
fn name_of(faults: &'static str) -> &'static str {
    let last = faults.rsplit(' ').next().unwrap();
    last.split(':').next().unwrap()
}

#[test]
fn under_every_fault_exit_code_summary_and_world_agree_and_a_second_run_converges() {
    let rows = Mutex::new(ROWS.iter());
    let next = || rows.lock().unwrap().next();
    let not_withstood = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some((faults, stage, strikes)) = next() {
                    let withstand = || stage.withstand(faults, strikes);
                    if std::panic::catch_unwind(withstand).is_err() {
                        not_withstood.lock().unwrap().push((faults, stage));
                    }
                }
            });
        }
    });
    let not_withstood = not_withstood.into_inner().unwrap();
    assert!(not_withstood.is_empty(), "{not_withstood:?}");
}

#[test]
fn a_token_that_ends_before_it_says_is_noticed_by_its_refusal() {
    let run = ApplySlowly.withstand(EXPIRED, "POST token");
    assert!(run.stderr.contains(" -> 401 in "), "{}", run.stderr);
}
