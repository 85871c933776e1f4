use std::collections::BTreeSet;

use crate::workspace::Workspace;

/// How each command is run, in an order in which each finds what it works on; whatever became of
/// the lease of the one before.
pub(super) const RUNS: [&[&str]; 16] = [
    &["validate"],
    &["schema"],
    &["plan"],
    &["adopt", "instances.queue", "--yes", "--take-over"],
    APPLY,
    &["status"],
    &["logs", "instances.queue"],
    &["output"],
    &["import"],
    &["rotate", "secrets.generated", "--yes", "--take-over"],
    &["whoami"],
    &["sandbox", "faults"],
    &["sandbox", "client", "App", "http://localhost:1/callback"],
    &["sandbox", "suspend", "valkey-io-valkey/queue"],
    DESTROY,
    &["logs", "valkey-io-valkey/gone"],
];

pub(super) const APPLY: &[&str] = &["apply", "--yes", "--take-over"];
pub(super) const DESTROY: &[&str] = &["destroy", "--yes", "--discard-data", "all", "--take-over"];

/// The life of a stack of secrets, with the exit code of each command.
pub(super) const STEPS: [(&[&str], i32); 26] = [
    (&["validate"], 0),
    (&["schema"], 0),
    (&["plan"], 0),
    (&["apply", "--yes"], 5),
    (&["adopt", "instances.taken", "--yes"], 0),
    (&["apply", "--yes"], 0),
    (&["plan", "--detailed-exitcode"], 0),
    (&["status"], 0),
    (&["logs", "instances.store"], 0),
    (&["output"], 0),
    (&["output", "at"], 0),
    (&["import"], 0),
    (&["whoami"], 0),
    (&["sandbox", "faults"], 0),
    (
        &["sandbox", "client", "App", "http://localhost:1/callback"],
        0,
    ),
    (&["sandbox", "suspend", "valkey-io-valkey/queue"], 0),
    (&["status"], 0),
    (&["import"], 0),
    (&["apply", "--yes"], 5),
    // It comes back at another address, which is part of a secret of the store's.
    (&["apply", "--yes", "--discard-data", "instances.queue"], 5),
    (
        &[
            "apply",
            "--yes",
            "--discard-data",
            "instances.store",
            "--replace",
            "instances.store",
        ],
        0,
    ),
    (&["rotate", "secrets.generated", "--yes"], 0),
    (&["destroy", "--yes", "--strict"], 5),
    (&["destroy", "--yes", "--discard-data", "all"], 0),
    (&["logs", "valkey-io-valkey/gone"], 1),
    (&["logs", "valkey-io-valkey/theirs"], 0),
];

/// How a command looks.
pub(super) const LOOKS: [&[&str]; 5] = [&[], &["--json"], &["--color", "always"], NARROW, &["-q"]];

/// On a narrow terminal; no flag says so.
pub(super) const NARROW: &[&str] = &["--color", "never"];

/// How much a command says.
pub(super) const LEVELS: [&[&str]; 3] = [&[], &["-v"], &["-vv"]];

/// Commands with runs of their own: those that need a browser, end what the others use, or do not
/// end.
const OTHERS: [&str; 4] = ["login", "logout", "sandbox reset", "sandbox serve"];

/// What the command says in each mode.
pub(super) const MODES: [&[&str]; 6] = [
    &[],
    &["--json"],
    &["-v"],
    &["-vv"],
    &["--color", "always"],
    &["--json", "-vv"],
];

/// The commands that talk to the platform.
pub(super) fn asking() -> impl Iterator<Item = &'static [&'static str]> {
    let asks = |run: &&&[&str]| !["validate", "schema", "sandbox"].contains(&run[0]);
    RUNS.iter().filter(asks).copied()
}

/// The commands that the program knows of, by its own help.
fn known() -> BTreeSet<String> {
    let workspace = Workspace::new();
    let listed = |above: &[&str]| -> Vec<String> {
        let mut command = workspace.command(above);
        let help = command.arg("--help").output().unwrap().stdout;
        let help = String::from_utf8(help).unwrap();
        let commands = help.split("\nCommands:\n").nth(1);
        let rows = commands.map_or("", |rest| rest.split("\n\n").next().unwrap());
        let names = rows
            .lines()
            .filter(|row| row.starts_with("  ") && !row.starts_with("   "));
        let names = names.map(|row| row.split_whitespace().next().unwrap().to_owned());
        names.filter(|name| name != "help").collect()
    };
    let mut leaves = BTreeSet::new();
    for name in listed(&[]) {
        let below = listed(&[&name]);
        match below.is_empty() {
            true => drop(leaves.insert(name)),
            false => leaves.extend(below.iter().map(|last| format!("{name} {last}"))),
        }
    }
    leaves
}

#[test]
fn every_command_has_a_run_that_looks_for_secrets() {
    let known = known();
    assert!(
        known.contains("apply") && known.contains("sandbox serve"),
        "{known:?}"
    );
    let covered = |runs: &mut dyn Iterator<Item = &&[&str]>| -> BTreeSet<String> {
        let names = runs.map(|run| match run[0] {
            "sandbox" => format!("sandbox {}", run[1]),
            name => name.to_owned(),
        });
        names.chain(OTHERS.map(str::to_owned)).collect()
    };
    assert_eq!(known, covered(&mut RUNS.iter()));
    assert_eq!(known, covered(&mut STEPS.iter().map(|(run, _)| run)));
}
