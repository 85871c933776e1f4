//! Two processes that apply the same new stack, over ways of random length.

use std::sync::Arc;
use std::time::Duration;

use osc_apply::apply::{BarredKind, Fate};
use osc_apply::sandbox::{Rules, Timing};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::sleep;

use crate::contention::Far;
use crate::rig::{Platform, Rig, Run, all_data};
use crate::secrets::{PIPELINE, SECRET_OPTIONS, assert_in_force};

const SEEDS: u64 = 240;

/// Plans and applies at some time, as a process of its own.
async fn run(platform: Arc<Platform>, seed: u64, spread: u64) -> Run {
    let mut random = StdRng::seed_from_u64(seed);
    let mut within = |most: u64| Duration::from_millis(random.random_range(0..most));
    let mut rig = Rig::over(Arc::new(Far::on(&platform, !seed)), &platform);
    rig.takes_over = false;
    rig.give("key", "first-canary-key");
    sleep(within(spread)).await;
    let plan = rig.plan_with(PIPELINE, &all_data()).await;
    sleep(within(spread)).await;
    rig.apply_plan(plan).await
}

/// Whether a run did all it planned; one that did not must have been kept from it by the other.
fn is_whole(run: &Run, seed: u64) -> bool {
    if let Some(barred) = &run.outcome.barred {
        let by_the_other = matches!(barred.kind, BarredKind::Held | BarredKind::Stale);
        assert!(by_the_other, "seed {seed}: {barred:?}");
        return false;
    }
    let mut fates = run.outcome.results.iter().map(|result| &result.fate);
    for fate in fates.clone() {
        let known = fate.lets_dependants_run()
            || matches!(fate, Fate::Stale(_) | Fate::Skipped(_) | Fate::NotBegun);
        assert!(known, "seed {seed}: {fate:?}");
    }
    fates.all(Fate::lets_dependants_run)
}

#[tokio::test(start_paused = true)]
async fn two_that_apply_a_new_stack_at_once_end_with_one_set_of_values_and_no_double() {
    let mut kept_out = 0;
    let mut both = 0;
    for seed in 0..SEEDS {
        let platform = Platform::new(Rules {
            timing: Timing::default().scaled(20.0),
            ..Rules::default()
        });
        let spread = [300, 3000, 200_000][seed as usize % 3];
        let runs = [0, 1].map(|at| {
            let platform = Arc::clone(&platform);
            tokio::spawn(run(platform, seed * 2 + at, spread))
        });
        let mut whole = 0;
        for run in runs {
            let run = run.await.unwrap();
            whole += u32::from(is_whole(&run, seed));
        }
        assert!(whole > 0, "seed {seed}: nobody came to the end");
        kept_out += u32::from(whole == 1);
        both += u32::from(whole == 2);
        let mut rig = Rig::on(&platform);
        rig.give("key", "first-canary-key");
        assert_in_force(&rig);
        for (service, ..) in SECRET_OPTIONS {
            let made = platform.count(&format!("POST {service} /{}", collection(service)));
            assert_eq!(made, 1, "seed {seed}: {service}");
        }
        let plan = rig.plan(PIPELINE).await;
        assert!(!plan.has_changes(), "seed {seed}");
    }
    assert!(kept_out > 20 && both > 5, "{kept_out} {both}");
}

/// What the path of a service's instances begins with.
fn collection(service: &str) -> &'static str {
    match service {
        "minio-minio" => "minioinstance",
        "valkey-io-valkey" => "valkeyinstance",
        "encore" => "encoreinstance",
        _ => "encore-callback-listenerinstance",
    }
}
