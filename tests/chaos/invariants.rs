//! What must hold of every run, whatever the platform does.

use std::collections::BTreeMap;
use std::time::Duration;

use osc_apply::apply::Fate;
use osc_apply::plan::{Action, Purpose};
use osc_apply::sandbox::Timing;

use crate::account::{Account, End};
use crate::level::{Level, Place};
use crate::rig::{Id, Seen, Snapshot, Stored};

type Verdict = Result<(), String>;

/// An invariant by its name.
pub(crate) type Invariant = (&'static str, fn(&Account) -> Verdict);

pub(crate) const INVARIANTS: [Invariant; 12] = [
    ("only what was declared exists", only_declared_exists),
    ("what others have stays as it is", foreign_stays),
    ("only planned changes are sent", only_planned_changes),
    ("protected and kept data survives", data_survives),
    (
        "dependants start when what they need is ready",
        needs_are_ready,
    ),
    ("what is needed goes last", needed_goes_last),
    ("every run ends", it_ends),
    ("what is reported done is done", done_is_done),
    (
        "what is reported not done is not done",
        not_done_is_not_done,
    ),
    (
        "an interruption starts nothing new",
        interruption_starts_nothing,
    ),
    ("nobody is polled by two", one_poller),
    ("secrets are not told", secrets_are_kept),
];

/// The first invariant that a run breaks, and how.
pub(crate) fn broken(account: &Account) -> Option<String> {
    INVARIANTS.iter().find_map(|(name, check)| {
        let verdict = check(account);
        verdict.err().map(|how| format!("{name}: {how}"))
    })
}

fn ensure(holds: bool, how: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(how()) }
}

fn only_declared_exists(account: &Account) -> Verdict {
    account.after.ids().try_for_each(|id| {
        let known = account.ever.contains(&id) || account.foreign.contains(&id);
        ensure(known, || format!("{id:?} was never declared"))
    })
}

fn foreign_stays(account: &Account) -> Verdict {
    account.foreign.iter().try_for_each(|id| {
        let (before, after) = (account.before.get(id), account.after.get(id));
        ensure(before == after, || {
            format!("{id:?}: {before:?} is now {after:?}")
        })
    })
}

fn only_planned_changes(account: &Account) -> Verdict {
    account.changes().try_for_each(|seen| {
        if seen.line == "POST catalog /mysubscriptions" {
            return only_used_services(account, seen);
        }
        let subject = seen.subject().ok_or_else(|| seen.to_string())?;
        if account.pruned.iter().any(|id| subject.is(id)) {
            return ensure(seen.method() == "DELETE", || seen.to_string());
        }
        let planned = account.planned.iter().find(|(key, _)| {
            let declared = account.declared.get(*key);
            declared.is_some_and(|declared| subject.is(&declared.id))
        });
        let fits = match (seen.method(), planned.map(|(_, action)| *action)) {
            ("POST", Some(action)) => matches!(action, Action::Create | Action::Replace),
            ("PATCH", Some(action)) => action == Action::Update,
            ("DELETE", Some(action)) => matches!(action, Action::Delete | Action::Replace),
            _ => false,
        };
        ensure(fits, || seen.to_string())
    })
}

fn only_used_services(account: &Account, seen: &Seen) -> Verdict {
    let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap_or_default();
    let services = body["services"].as_array().into_iter().flatten();
    services
        .filter_map(|service| service.as_str())
        .try_for_each(|service| {
            let mut declared = account.declared.values();
            let used = declared.any(|one| one.id.0 == service);
            ensure(used, || format!("subscribed to {service}"))
        })
}

/// What is protected, or holds data whose loss nobody consented to, is the same instance after.
fn data_survives(account: &Account) -> Verdict {
    account.declared.values().try_for_each(|one| {
        let kept = one.protect || (one.keeps_data && !account.consent);
        match account.before.kept(&one.id) {
            Some(before) if kept => {
                let after = account.after.kept(&one.id).map(|after| after.created);
                ensure(after == Some(before.created), || {
                    format!("{:?} is lost", one.id)
                })
            }
            _ => Ok(()),
        }
    })
}

/// Whoever is created or changed needs nothing that is not ready at that moment, in the world
/// and as far as this run was told.
fn needs_are_ready(account: &Account) -> Verdict {
    if account.purpose == Purpose::Destroy {
        return Ok(());
    }
    account.changes().try_for_each(|seen| {
        let one = account.declared.values().find(|one| {
            let subject = seen.subject();
            seen.method() != "DELETE" && subject.is_some_and(|subject| subject.is(&one.id))
        });
        let needs = one.into_iter().flat_map(|one| &one.needs);
        needs.into_iter().try_for_each(|need| {
            let need = &account.declared[need];
            let world = seen.change.as_ref().map(|change| &*change.before);
            let ready = world.is_some_and(|world| is_ready(account, world, &need.id, need.ready));
            ensure(ready, || format!("{:?} is not ready at {seen}", need.id))?;
            let asked = !matches!(need.ready, Level::Accepted | Level::Unchecked);
            let told = !asked || was_told(account, &need.id, seen.from);
            ensure(told, || {
                format!("nobody said that {:?} runs before {seen}", need.id)
            })
        })
    })
}

fn is_ready(account: &Account, world: &Snapshot, id: &Id, level: Level) -> bool {
    // What somebody else deletes is shown for a while, and nobody looks twice.
    let deleted = |stored: &Stored| stored.deleted.is_some();
    if account.before.get(id).is_some_and(deleted) {
        return true;
    }
    let (created, started) = ages(level, &account.timing);
    world.is_aged(id, &account.timing, created, started)
}

/// How long ago an instance must have been created and last been started to be at a level.
fn ages(level: Level, timing: &Timing) -> (Duration, Duration) {
    let trusted = timing.endpoint_unreachable_for + timing.endpoint_untrusted_for;
    let answers = timing.healthy_after + timing.application_after;
    match level {
        Level::Accepted | Level::Unchecked => (Duration::ZERO, Duration::ZERO),
        Level::Healthy => (Duration::ZERO, timing.healthy_after),
        Level::Reachable => (trusted, timing.healthy_after),
        Level::Connecting => (timing.ports_after, timing.healthy_after),
        Level::Usable(Place::Host) => (trusted + timing.endpoint_401_for, answers),
        Level::Usable(Place::Port) => (timing.ports_after, answers),
    }
}

/// Whether a health check said `running` after the last change of the instance in this run.
fn was_told(account: &Account, id: &Id, until: Duration) -> bool {
    let earlier = || {
        account
            .seen
            .iter()
            .filter(|seen| seen.to.is_some_and(|to| to <= until))
    };
    let changed = earlier().filter(|seen| {
        let subject = seen.change.as_ref().and_then(|_| seen.subject());
        subject.is_some_and(|subject| subject.is(id))
    });
    let since = changed.map(|seen| seen.from).max().unwrap_or_default();
    let mut told = earlier().filter(|seen| seen.says_running(id));
    told.any(|seen| seen.from >= since)
}

/// In a destroy nothing goes as long as somebody who goes, too, may still need it.
fn needed_goes_last(account: &Account) -> Verdict {
    if account.purpose == Purpose::Apply {
        return Ok(());
    }
    let deletes = account.changes().filter(|seen| seen.method() == "DELETE");
    deletes.into_iter().try_for_each(|seen| {
        let goes = |id: &Id| seen.subject().is_some_and(|subject| subject.is(id));
        let Some((key, _)) = account.declared.iter().find(|(_, one)| goes(&one.id)) else {
            return Ok(());
        };
        let world = seen.change.as_ref().map(|change| &*change.before);
        let planned = account
            .planned
            .keys()
            .filter_map(|key| account.declared.get(key));
        let mut dependants = planned.filter(|one| one.needs.contains(key));
        let still = dependants
            .find(|one| world.is_some_and(|world| world.shown(&one.id, &account.timing).is_some()));
        ensure(still.is_none(), || {
            format!("{:?} is still there at {seen}", still.map(|it| &it.id))
        })
    })
}

const LONGEST: Duration = Duration::from_secs(3 * 3600);
const MOST_REQUESTS: usize = 600;

/// In bounded time, with a bounded number of requests, and without a bug.
fn it_ends(account: &Account) -> Verdict {
    ensure(account.took < LONGEST, || {
        format!("after {:?}", account.took)
    })?;
    let most = MOST_REQUESTS * (account.declared.len() + 1);
    ensure(account.seen.len() < most, || {
        format!("{} requests", account.seen.len())
    })?;
    let bug = account.text.contains("a bug in osc-apply");
    ensure(!bug, || account.text.clone())
}

fn done_is_done(account: &Account) -> Verdict {
    account.fates().try_for_each(|(key, id, action, fate)| {
        let ready = match fate {
            // What somebody has deleted is shown for a while, and can be marked until then.
            Fate::Applied if action == Action::Mark => return Ok(()),
            Fate::Applied => true,
            Fate::AppliedUnchecked(_) | Fate::AlreadySo => false,
            _ => return Ok(()),
        };
        if matches!(action, Action::Delete | Action::Unmark) {
            // A create of an earlier run may have come late, and made another one.
            let shown = account.after.shown(id, &account.timing);
            let same = shown.is_some_and(|it| it.created <= account.before.at);
            return ensure(!same, || format!("{id:?} is still there"));
        }
        let there = account.after.kept(id).is_some();
        ensure(there, || format!("{id:?} is not there"))?;
        let level = account.declared[key].ready;
        let runs = !ready || is_ready(account, &account.after, id, level);
        ensure(runs, || format!("{id:?} is not ready"))?;
        let is_open = |key: &String| account.again.contains(key);
        // What it refers to may have been changed by somebody else.
        let moved = account.declared[key].needs.iter().any(is_open);
        ensure(moved || !is_open(&key.to_owned()), || {
            format!("{id:?} would be changed again")
        })
    })
}

fn not_done_is_not_done(account: &Account) -> Verdict {
    account.fates().try_for_each(|(_, id, _, fate)| {
        let untouched = match fate {
            Fate::Failed(failure) | Fate::NotReady(failure) => !failure.sent,
            Fate::Applied | Fate::AppliedUnchecked(_) | Fate::NotAwaited => false,
            Fate::AlreadySo | Fate::Kept | Fate::Held(_) => true,
            Fate::Stale(_) | Fate::Skipped(_) | Fate::NotBegun => true,
        };
        ensure(!untouched || !account.touched(id), || {
            format!("{id:?}: {fate:?}")
        })
    })?;
    let nothing = matches!(account.end, End::Unplanned(_))
        || (account.planned.is_empty() && account.pruned.is_empty());
    let mut changes = account.changes();
    ensure(!nothing || changes.next().is_none(), || {
        "nothing was planned".to_owned()
    })
}

/// After an interruption a change is at most sent again, or for the first time where its service
/// token was being asked for.
fn interruption_starts_nothing(account: &Account) -> Verdict {
    let Some(stopped) = account.stopped else {
        return Ok(());
    };
    let (earlier, later): (Vec<_>, Vec<_>) =
        account.changes().partition(|seen| seen.from <= stopped);
    later.into_iter().try_for_each(|seen| {
        let again = earlier
            .iter()
            .any(|it| it.line == seen.line && it.body == seen.body);
        let in_flight = account.seen.iter().any(|it| {
            let service = seen.line.split(' ').nth(1).unwrap_or_default();
            let token = it.line.starts_with("POST token ") && it.body.contains(service);
            token && it.from <= stopped && it.to.is_some_and(|to| to > stopped)
        });
        ensure(again || in_flight, || seen.to_string())
    })
}

/// Health is asked of one instance by one at a time, and not again before the shortest pause,
/// but for one last time at the limit of a wait, or where the answer was none.
fn one_poller(account: &Account) -> Verdict {
    account.declared.values().try_for_each(|one| {
        let polls: Vec<&Seen> = account
            .seen
            .iter()
            .filter(|it| it.asks_health(&one.id))
            .collect();
        polls.windows(2).enumerate().try_for_each(|(at, pair)| {
            let (answered, next) = (pair[0].to.unwrap_or(Duration::MAX), pair[1].from);
            ensure(answered <= next, || {
                format!("{} overlaps {}", pair[0], pair[1])
            })?;
            let good = pair[0].answer.starts_with("200 {\"status");
            let last = at + 2 == polls.len();
            // Waits part ways by up to a fifth of a pause.
            let paused = next - answered >= account.limits.shortest_pause * 4 / 5;
            ensure(paused || !good || last, || {
                format!("{} soon after {}", pair[1], pair[0])
            })
        })
    })
}

/// Neither what the manifest knows as secret nor a token.
fn secrets_are_kept(account: &Account) -> Verdict {
    let secrets: BTreeMap<&str, &str> = [("canary", "a password"), ("eyJ", "a token")].into();
    secrets.into_iter().try_for_each(|(secret, what)| {
        let found = account.text.find(secret);
        ensure(found.is_none(), || {
            let at = found.unwrap_or_default();
            let around = account.text.get(at.saturating_sub(200)..at + 60);
            format!("{what}: {around:?}")
        })
    })
}
