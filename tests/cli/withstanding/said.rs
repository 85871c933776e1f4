use std::collections::BTreeMap;

use crate::workspace::Run;

/// What a command said became of an instance or the subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It was changed as planned.
    Done,
    /// It was changed, but does not work.
    NotReady,
    Failed,
    /// Its old instance is gone, and there is no new one.
    NotRecreated,
    Stale,
    Skipped,
}

/// What an apply or destroy said, by address; nothing where it did not get that far.
pub(super) fn of(run: &Run) -> BTreeMap<String, Said> {
    let mut said = BTreeMap::new();
    for line in end_of(run) {
        if let Some((_, skipped)) = line
            .split_once("  skipped because of ")
            .filter(|it| it.0.is_empty())
        {
            let skipped = skipped.split_once(": ").unwrap().1.split(", ");
            said.extend(skipped.map(|address| (address.to_owned(), Said::Skipped)));
        } else if let Some((address, what)) = told(line) {
            said.insert(address.to_owned(), what);
        }
    }
    said
}

/// The last line, as it must be of what was said.
pub(super) fn summary(said: &BTreeMap<String, Said>) -> String {
    let count = |what: &[Said]| said.values().filter(|it| what.contains(it)).count();
    let mut summary = format!("{}", count(&[Said::Done]));
    for (word, what) in [
        ("failed", [Said::Failed, Said::NotRecreated].as_slice()),
        ("not ready", &[Said::NotReady]),
        ("stale", &[Said::Stale]),
        ("skipped", &[Said::Skipped]),
    ] {
        let count = count(what);
        if count > 0 {
            summary.push_str(&format!(", {word} {count}"));
        }
    }
    summary
}

/// What stands after the progress.
fn end_of(run: &Run) -> impl Iterator<Item = &str> {
    run.stderr.lines().filter(|line| line.starts_with("  "))
}

/// A heading: a symbol, an address, and what became of it.
fn told(line: &str) -> Option<(&str, Said)> {
    let (symbol, rest) = line.trim_start().split_once(' ')?;
    let (address, what) = rest.trim_start().split_once("  ")?;
    let bad = symbol == "!";
    let said = match what.trim() {
        "DELETED, NOT RECREATED" => Said::NotRecreated,
        "changed since the plan was made" => Said::Stale,
        what if bad && what.ends_with(" failed") => Said::Failed,
        what if bad && what.ends_with("not ready") => Said::NotReady,
        _ if !bad && ["+", "~", "-", "-/+"].contains(&symbol) => Said::Done,
        _ => return None,
    };
    Some((address, said))
}
