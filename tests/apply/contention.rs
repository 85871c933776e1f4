//! Runs that want the same lease at the same time, over ways of random length.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use osc_apply::apply::{Claim, LeaseError};
use osc_apply::osc::{Dialing, Exchange, Exchanging};
use osc_apply::vault::{self, lease_key};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::{Instant, sleep};

use crate::SECOND;
use crate::lease::{ask, claim};
use crate::rig::{Platform, Rig, Then};

const SEEDS: u64 = 400;
/// Half of how long a request may take.
const WAY: u64 = 250;

/// The same platform, some way off.
pub(crate) struct Far {
    platform: Arc<Platform>,
    random: Mutex<StdRng>,
    /// Another way for requests of a method.
    other: Option<(http::Method, Duration)>,
}

impl Far {
    pub(crate) fn on(platform: &Arc<Platform>, seed: u64) -> Self {
        Self {
            platform: Arc::clone(platform),
            random: Mutex::new(StdRng::seed_from_u64(seed)),
            other: None,
        }
    }

    fn way(&self) -> Duration {
        let mut random = self.random.lock().unwrap();
        Duration::from_millis(random.random_range(0..WAY))
    }
}

impl Exchange for Far {
    fn exchange(&self, request: http::Request<Bytes>) -> Exchanging<'_> {
        let other = self.other.as_ref();
        let other = other.filter(|(method, _)| method == request.method());
        let there = other.map_or_else(|| self.way(), |(_, way)| *way);
        let (back, platform) = (self.way(), Arc::clone(&self.platform));
        // On its way it arrives, whether or not anybody waits for the answer.
        let arriving = tokio::spawn(async move {
            sleep(there).await;
            platform.exchange(request).await
        });
        Box::pin(async move {
            let answer = arriving.await.unwrap();
            sleep(back).await;
            answer
        })
    }

    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a> {
        self.platform.dial(host, port)
    }
}

/// What the runs of one seed came to.
#[derive(Default)]
struct Tally {
    believing: AtomicU32,
    held: AtomicU32,
}

/// One run: wants the lease at some time, works under it with checks now and then, gives it back.
async fn run(platform: Arc<Platform>, seed: u64, spread: u64, tally: Arc<Tally>) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut within = |most: u64| Duration::from_millis(random.random_range(0..most));
    let rig = Rig::over(Arc::new(Far::on(&platform, !seed)), &platform);
    sleep(within(spread)).await;
    let lease = match ask(&rig, claim(&format!("run{seed}"))).await {
        Err(LeaseError::Held { .. }) => return,
        acquired => acquired.unwrap(),
    };
    tally.held.fetch_add(1, Ordering::SeqCst);
    let others = tally.believing.fetch_add(1, Ordering::SeqCst);
    assert_eq!(others, 0, "two runs hold the lease, seed {seed}");
    for _ in 0..3 {
        sleep(within(2000)).await;
        lease.check().await.unwrap();
    }
    tally.believing.fetch_sub(1, Ordering::SeqCst);
    lease.release().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn no_two_runs_hold_the_lease_whatever_the_order_of_their_requests() {
    let mut second = 0;
    for seed in 0..SEEDS {
        let rig = Rig::new();
        let left_behind = seed % 4 == 0;
        if left_behind {
            // One whose end may come between the questions of two others.
            let left = vault::Lease {
                run: "gone".into(),
                who: "gone@studio".into(),
                until: rig.platform.clock().now() + Duration::from_millis(seed * 7),
            };
            let text = left.to_secret();
            let api = rig.api();
            api.put_tenant_secret(&lease_key("vod"), &text)
                .await
                .unwrap();
        }
        let spread = [1000, 3000, 15_000][seed as usize % 3];
        let tally = Arc::new(Tally::default());
        let runs: Vec<_> = (0..2 + seed % 2)
            .map(|at| {
                let platform = Arc::clone(&rig.platform);
                tokio::spawn(run(platform, seed * 10 + at, spread, Arc::clone(&tally)))
            })
            .collect();
        for run in runs {
            run.await.unwrap();
        }
        let held = tally.held.load(Ordering::SeqCst);
        assert!(held >= 1 || left_behind, "nobody got it, seed {seed}");
        second += held.saturating_sub(1);
    }
    assert!(second > 0, "no run ever began after another had ended");
}

/// A write that takes longer than anybody waits for the lease to settle.
#[tokio::test(start_paused = true)]
async fn a_run_that_was_slow_to_write_waits_until_the_other_has_noticed() {
    for late in [3, 10, 25] {
        let near = Rig::new();
        let slow = Far {
            other: Some((http::Method::PUT, late * SECOND)),
            ..Far::on(&near.platform, late.into())
        };
        let far = Rig::over(Arc::new(slow), &near.platform);
        let begun = Instant::now();
        let (one, two) = tokio::join!(
            async {
                sleep(SECOND).await;
                let lease = ask(&near, claim("one")).await.unwrap();
                lease.lost().cancelled().await;
                (lease.loss().unwrap().clone(), begun.elapsed())
            },
            async {
                let lease = ask(&far, claim("two")).await.unwrap();
                lease.check().await.unwrap();
                begun.elapsed()
            }
        );
        let by_two = LeaseError::Taken {
            who: "two@studio".into(),
        };
        assert_eq!(one.0, by_two);
        assert!(one.1 < two, "{:?} {two:?}", one.1);
    }
}

/// That the lease was free is old news by the time it is heard.
#[tokio::test(start_paused = true)]
async fn a_run_that_was_slow_to_read_reads_again() {
    let rig = Rig::new();
    let line = "GET deploy /mytenantsecrets/user.oscapply.vod.lease";
    rig.platform.at(line, 0..1, Then::Slow(3 * SECOND));
    let (slow, one) = tokio::join!(ask(&rig, claim("slow")), async {
        sleep(SECOND / 2).await;
        ask(&rig, claim("one")).await.unwrap()
    });
    assert!(matches!(slow.err(), Some(LeaseError::Held { .. })));
    one.check().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_interruption_lets_a_write_under_way_come_to_its_end() {
    let near = Rig::new();
    let slow = Far {
        other: Some((http::Method::PUT, 2 * SECOND)),
        ..Far::on(&near.platform, 1)
    };
    let far = Rig::over(Arc::new(slow), &near.platform);
    let (acquired, ()) = tokio::join!(ask(&far, claim("far")), async {
        sleep(SECOND).await;
        far.stop.cancel();
    });
    assert_eq!(acquired.err(), Some(LeaseError::Interrupted));
    sleep(10 * SECOND).await;
    ask(&near, claim("near")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn of_two_that_take_over_at_once_one_stays() {
    for seed in 0..100 {
        let rig = Rig::new();
        let _gone = ask(&rig, claim("gone")).await.unwrap();
        let take = |run: u64| {
            let rig = Rig::over(
                Arc::new(Far::on(&rig.platform, seed * 10 + run)),
                &rig.platform,
            );
            async move {
                let claim = Claim {
                    take_over: true,
                    ..claim(&format!("run{run}"))
                };
                match ask(&rig, claim).await {
                    Ok(lease) => lease.check().await.is_ok(),
                    Err(_) => false,
                }
            }
        };
        let (one, two) = tokio::join!(take(1), take(2));
        assert!(one != two, "seed {seed}: {one} {two}");
    }
}
