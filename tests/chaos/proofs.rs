//! Each invariant can fail: an honest run is made to break it.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use osc_apply::apply::{Failure, Fate};
use osc_apply::plan::{Action, Purpose};

use crate::account::{Account, End};
use crate::invariants::INVARIANTS;
use crate::level::{Level, Place};
use crate::rig::{Seen, Stored};

/// What some lives left.
static HONEST: LazyLock<Vec<Account>> = LazyLock::new(|| {
    let lives = (0..120).map(|seed| crate::live(seed).unwrap_or_else(|why| panic!("{why}")));
    lives.flatten().collect()
});

/// Falsifies the first run that can be falsified so, and expects it to break this invariant.
fn breaks(invariant: &str, falsify: impl Fn(&mut Account) -> Option<()>) {
    let (_, check) = INVARIANTS
        .iter()
        .find(|(name, _)| *name == invariant)
        .unwrap();
    let falsified = HONEST.iter().find_map(|honest| {
        assert_eq!(check(honest), Ok(()));
        let mut account = honest.clone();
        falsify(&mut account).map(|()| account)
    });
    let account = falsified.expect("a run that can be falsified");
    assert!(check(&account).is_err(), "{account}");
}

fn stored() -> Stored {
    Stored {
        created: 1,
        started: 1,
        deleted: None,
        options: serde_json::Value::Null,
    }
}

/// The first change of this method that took effect.
fn change<'a>(account: &'a mut Account, method: &str) -> Option<&'a mut Seen> {
    account.seen.iter_mut().find(|seen| {
        let effective = seen.change.as_ref().is_some_and(|change| change.effective);
        effective && seen.method() == method && !seen.line.contains("mysubscriptions")
    })
}

fn fates(account: &mut Account) -> impl Iterator<Item = &mut (Action, Fate)> {
    match &mut account.end {
        End::Over(fates) => Some(fates.values_mut()),
        End::Killed | End::Unplanned(_) => None,
    }
    .into_iter()
    .flatten()
}

#[test]
fn an_instance_that_was_never_declared() {
    breaks("only what was declared exists", |account| {
        let id = ("encore".to_owned(), "surprise".to_owned());
        account.after.insert(id, stored());
        Some(())
    });
}

#[test]
fn an_instance_of_others_that_was_restarted_or_is_gone() {
    let invariant = "what others have stays as it is";
    breaks(invariant, |account| {
        let id = account.foreign.first()?.clone();
        account.after.insert(id, stored());
        Some(())
    });
    breaks(invariant, |account| {
        account.after.remove(&account.foreign.first()?.clone());
        Some(())
    });
}

#[test]
fn a_change_that_was_not_planned() {
    let invariant = "only planned changes are sent";
    breaks(invariant, |account| {
        change(account, "POST")?;
        account.planned.clear();
        Some(())
    });
    breaks(invariant, |account| {
        let seen = change(account, "DELETE")?;
        seen.line = format!("{}x", seen.line);
        Some(())
    });
}

#[test]
fn data_that_was_lost_without_consent() {
    breaks("protected and kept data survives", |account| {
        let declared = account.declared.values();
        let mut keeping = declared.filter(|one| one.keeps_data || one.protect);
        let id = keeping
            .find(|one| account.before.kept(&one.id).is_some())?
            .id
            .clone();
        account.consent = false;
        account.after.insert(id, stored());
        Some(())
    });
}

#[test]
fn a_dependant_that_started_too_early() {
    let invariant = "dependants start when what they need is ready";
    let early = |account: &Account| -> Option<usize> {
        account.seen.iter().position(|seen| {
            let mut declared = account.declared.values();
            let subject = seen.change.as_ref().and_then(|_| seen.subject());
            let one = subject.and_then(|it| declared.find(|one| it.is(&one.id)));
            let mut needs = one.into_iter().flat_map(|one| &one.needs);
            let awaited = needs.any(|need| {
                let need = &account.declared[need];
                let there = account.before.get(&need.id);
                need.ready == Level::Healthy && there.is_none_or(|it| it.deleted.is_none())
            });
            seen.method() == "POST" && awaited && account.purpose == Purpose::Apply
        })
    };
    breaks(invariant, |account| {
        let at = early(account)?;
        let change = account.seen[at].change.as_mut()?;
        Arc::make_mut(&mut change.before).at = 0;
        Some(())
    });
    // The world is ready, but nobody has asked.
    breaks(invariant, |account| {
        early(account)?;
        for seen in &mut account.seen {
            seen.answer = seen.answer.replace("running", "starting");
        }
        Some(())
    });
}

/// A dependant that is made when what it needs is healthy, and not yet at its level.
fn starts_when_healthy(level: Level) {
    breaks("dependants start when what they need is ready", |account| {
        let (at, id) = account.seen.iter().enumerate().find_map(|(at, seen)| {
            seen.change.as_ref().filter(|_| seen.method() == "POST")?;
            let subject = seen.subject()?;
            let mut declared = account.declared.values();
            let one = declared.find(|one| subject.is(&one.id))?;
            let mut needs = one.needs.iter().map(|need| &account.declared[need]);
            let need = needs.find(|need| need.ready == level)?;
            // An old instance has been at its level before.
            let is_new = account.before.get(&need.id).is_none();
            is_new.then(|| (at, need.id.clone()))
        })?;
        let running = account
            .seen
            .iter()
            .position(|seen| seen.says_running(&id))?;
        let told = account.seen[running].to?;
        let change = account.seen[at].change.as_mut()?;
        let before = Arc::make_mut(&mut change.before);
        before.at = before.get(&id)?.started + 20_000;
        account.seen[at].from = told;
        Some(())
    });
}

#[test]
fn a_dependant_that_started_when_a_page_could_not_be_opened_yet() {
    starts_when_healthy(Level::Reachable);
}

#[test]
fn a_dependant_that_started_when_a_port_took_no_connections_yet() {
    starts_when_healthy(Level::Connecting);
}

#[test]
fn a_dependant_that_started_when_an_application_did_not_answer_yet() {
    starts_when_healthy(Level::Usable(Place::Host));
    starts_when_healthy(Level::Usable(Place::Port));
}

#[test]
fn something_needed_that_was_deleted_first() {
    breaks("what is needed goes last", |account| {
        let deleted: Vec<_> = account.planned.keys().cloned().collect();
        if account.purpose == Purpose::Apply
            || deleted.len() < 2
            || !matches!(account.end, End::Over(_))
        {
            return None;
        }
        // Whoever went first is said to be needed by whoever went last.
        let deletes = account.seen.iter().filter(|seen| seen.method() == "DELETE");
        let first = deletes.into_iter().next()?.subject()?;
        let is_first = |key: &&String| first.is(&account.declared[*key].id);
        let first = deleted.iter().find(is_first)?.clone();
        let last = deleted.iter().find(|key| **key != first)?;
        account.declared.get_mut(last)?.needs.insert(first);
        Some(())
    });
}

#[test]
fn a_run_without_end() {
    let invariant = "every run ends";
    breaks(invariant, |account| {
        account.took = Duration::from_secs(4 * 3600);
        Some(())
    });
    breaks(invariant, |account| {
        let seen = account.seen.first()?.clone();
        account.seen = vec![seen; 10_000];
        Some(())
    });
    breaks(invariant, |account| {
        account
            .text
            .push_str("a bug in osc-apply stopped this step");
        Some(())
    });
}

#[test]
fn something_reported_done_that_is_not() {
    let invariant = "what is reported done is done";
    let applied = |account: &Account, action: Action| {
        let mut fates = account.fates();
        let is_done = |fate: &Fate| matches!(fate, Fate::Applied);
        let found = fates.find(|(_, _, of, fate)| *of == action && is_done(fate));
        found.map(|(key, id, ..)| (key.to_owned(), id.clone()))
    };
    breaks(invariant, |account| {
        let (_, id) = applied(account, Action::Create)?;
        account.after.remove(&id);
        Some(())
    });
    breaks(invariant, |account| {
        let (_, id) = applied(account, Action::Delete)?;
        account.after.insert(id, stored());
        Some(())
    });
    breaks(invariant, |account| {
        let (key, _) = applied(account, Action::Create)?;
        account.declared.get_mut(&key)?.needs.clear();
        account.again.insert(key);
        Some(())
    });
}

#[test]
fn something_done_that_is_reported_not_done() {
    let invariant = "what is reported not done is not done";
    for method in ["POST", "PATCH", "DELETE"] {
        breaks(invariant, |account| {
            change(account, method)?;
            for (_, fate) in fates(account) {
                *fate = Fate::NotBegun;
            }
            matches!(account.end, End::Over(_)).then_some(())
        });
    }
    breaks(invariant, |account| {
        change(account, "POST")?;
        account.end = End::Unplanned("unreadable".to_owned());
        Some(())
    });
}

#[test]
fn a_failure_that_hides_what_was_sent() {
    breaks("what is reported not done is not done", |account| {
        change(account, "POST")?;
        fates(account)
            .find(|(_, fate)| matches!(fate, Fate::Failed(Failure { sent: true, .. })))?;
        for (_, fate) in fates(account) {
            if let Fate::Failed(failure) = fate {
                failure.sent = false;
            }
        }
        let hidden = account
            .fates()
            .any(|(_, id, _, fate)| matches!(fate, Fate::Failed(_)) && account.touched(id));
        hidden.then_some(())
    });
}

#[test]
fn something_new_after_an_interruption() {
    breaks("an interruption starts nothing new", |account| {
        let from = change(account, "POST")?.from;
        account.stopped = Some(from.saturating_sub(Duration::from_millis(1)));
        Some(())
    });
}

#[test]
fn two_who_ask_for_the_same_health() {
    let invariant = "nobody is polled by two";
    let health = |account: &Account| {
        account.seen.iter().position(|seen| {
            let mut declared = account.declared.values();
            seen.answer.starts_with("200 {\"status")
                && declared.any(|one| seen.asks_health(&one.id))
        })
    };
    breaks(invariant, |account| {
        let at = health(account)?;
        let twice = account.seen[at].clone();
        account.seen.insert(at, twice);
        Some(())
    });
    breaks(invariant, |account| {
        let at = health(account)?;
        let mut soon = account.seen[at].clone();
        let to = soon.to?;
        (soon.from, soon.to) = (to, Some(to + Duration::from_millis(20)));
        account.seen.insert(at + 1, soon);
        // With another one after it, so that it is not the last.
        account.seen[at + 2..]
            .iter()
            .any(|seen| seen.line == account.seen[at].line)
            .then_some(())
    });
}

#[test]
fn a_secret_that_is_told() {
    for secret in ["canary1Passw0rd", "eyJhbGciOiJIUzI1NiJ9.e30.x"] {
        breaks("secrets are not told", |account| {
            account.text.push_str(secret);
            Some(())
        });
    }
}
