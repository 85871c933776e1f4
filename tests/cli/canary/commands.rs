use std::collections::BTreeSet;

use crate::workspace::Workspace;

/// How each command is run, in an order in which each finds what it works on.
pub(super) const RUNS: [&[&str]; 0] = [
    &["validate"],
    &["schema"],
    &["plan"],
    &["apply", "--yes"],
    &["adopt", "--yes", "instances.queue"],
    &["rotate", "--yes", "secrets.none"],
    &["status"],
    &["logs", "instances.queue"],
    &["output"],
    &["import"],
    &["whoami"],
    &["sandbox", "faults"],
    &["sandbox", "client", "App", "http://localhost:1/callback"],
    &["sandbox", "suspend", "valkey-io-valkey/queue"],
    &["destroy", "--yes", "--discard-data", "all"],
    &["logs", "valkey-io-valkey/gone"],
];

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
    let of_runs = RUNS.iter().map(|run| match run[0] {
        "sandbox" => format!("sandbox {}", run[1]),
        name => name.to_owned(),
    });
    let covered: BTreeSet<String> = of_runs.chain(OTHERS.map(str::to_owned)).collect();
    assert_eq!(known, covered);
}
