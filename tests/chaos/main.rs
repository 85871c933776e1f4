//! Random stacks on a platform that misbehaves at random: what must hold, holds.
//!
//! Each seed is the life of one workspace. `OSC_APPLY_CHAOS_SEEDS=100000` lives as many,
//! `OSC_APPLY_CHAOS_SEED=17` begins with that one.
//!
//! - `dice`: numbers that follow from a seed
//! - `manifest`: random manifests and edits; `level`: how ready their instances have to be
//! - `weather`: random faults
//! - `life`: what is done with them, run after run
//! - `account`: what a run was to do, met and left
//! - `invariants`: what must hold of it; `proofs`: each of them can fail

#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../rig/mod.rs"]
mod rig;

mod account;
mod dice;
mod invariants;
mod level;
mod life;
mod manifest;
mod proofs;
mod weather;

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use account::Account;
use dice::Dice;
use life::Life;
use manifest::Manifest;

const SEEDS: u64 = 2_000;

/// What came of one seed: what its runs saw, or why it failed.
fn live(seed: u64) -> Result<Vec<Account>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    let life = AssertUnwindSafe(|| {
        runtime
            .unwrap()
            .block_on(async { Life::begin(seed).live().await })
    });
    match catch_unwind(life) {
        Ok(Ok(accounts)) => Ok(accounts),
        Ok(Err(broken)) => {
            let mut text = String::new();
            for account in &broken.accounts {
                writeln!(text, "{account}").unwrap();
            }
            Err(format!("{text}\nbroken: {}", broken.what))
        }
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            let words = words.or_else(|| panic.downcast_ref::<&str>().map(|it| it.to_string()));
            Err(format!("panicked: {}", words.unwrap_or_default()))
        }
    }
}

fn given(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {value}")),
    )
}

#[test]
fn whatever_the_platform_does_every_invariant_holds() {
    let first = given("OSC_APPLY_CHAOS_SEED");
    let many = given("OSC_APPLY_CHAOS_SEEDS").unwrap_or(if first.is_some() { 1 } else { SEEDS });
    let next = AtomicU64::new(first.unwrap_or(0));
    let end = first.unwrap_or(0) + many;
    let failed: Mutex<Vec<(u64, String)>> = Mutex::default();
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || failed.lock().unwrap().len() >= 40 {
                        break;
                    }
                    if let Err(why) = live(seed) {
                        failed.lock().unwrap().push((seed, why));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort();
    if let Some((seed, why)) = failed.first() {
        let last = |why: &str| why.lines().last().unwrap_or_default().to_owned();
        let all = failed
            .iter()
            .map(|(seed, why)| format!("{seed}: {}\n", last(why)));
        panic!(
            "{why}\n\nseeds that fail:\n{}replay: OSC_APPLY_CHAOS_SEED={seed} cargo test --test \
             chaos",
            all.collect::<String>()
        );
    }
}

#[test]
fn stacks_have_up_to_twelve_instances() {
    let size = |seed| Manifest::random(&mut Dice::of(seed)).declared().len();
    assert_eq!((0..SEEDS).map(size).max(), Some(12));
}

#[test]
fn the_same_seed_lives_the_same_life() {
    let requests = |seed| -> Vec<String> {
        let accounts = live(seed).unwrap_or_else(|why| panic!("{why}"));
        let seen = accounts.iter().flat_map(|account| &account.seen);
        seen.map(|seen| format!("{seen} {}", seen.body)).collect()
    };
    for seed in 0..8 {
        assert_eq!(requests(seed), requests(seed), "{seed}");
    }
}
