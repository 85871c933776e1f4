use std::time::{Duration, SystemTime};

use osc_apply::apply::{Claim, Lease, LeaseError, Leased};
use osc_apply::osc::Class;
use osc_apply::sandbox::{Quirks, Rules};
use osc_apply::vault::{self, VaultError, lease_key};
use tokio::time::{Instant, sleep};

use crate::SECOND;
use crate::rig::{Rig, Then};

const KEY: &str = "/mytenantsecrets/user.oscapply.vod.lease";
const MINUTE: Duration = Duration::from_secs(60);

pub(crate) fn claim(run: &str) -> Claim {
    Claim {
        stack: "vod".into(),
        run: run.into(),
        who: format!("{run}@studio"),
        take_over: false,
    }
}

pub(crate) async fn ask(rig: &Rig, claim: Claim) -> Result<Lease, LeaseError> {
    let clock = rig.platform.clock();
    match Lease::acquire(&rig.api(), clock, rig.limits, claim, &rig.stop).await? {
        Leased::Held(lease) => Ok(lease),
        Leased::Unsupported => panic!("the platform has tenant secrets"),
    }
}

async fn hold(rig: &Rig, run: &str) -> Lease {
    ask(rig, claim(run)).await.unwrap()
}

async fn refused(rig: &Rig, claim: Claim) -> LeaseError {
    ask(rig, claim).await.err().expect("a refusal")
}

pub(crate) async fn taken_over(rig: &Rig, run: &str) -> Lease {
    let claim = Claim {
        take_over: true,
        ..claim(run)
    };
    ask(rig, claim).await.unwrap()
}

pub(crate) fn without_tenant_secrets() -> Rig {
    let quirks = Quirks {
        no_tenant_secrets: true,
        ..Quirks::default()
    };
    Rig::with(Rules {
        quirks,
        ..Rules::default()
    })
}

/// Who is said to change the stack.
async fn holder(rig: &Rig) -> Option<String> {
    match rig.api().reads().tenant_secret(&lease_key("vod")).await {
        Ok(text) => Some(vault::Lease::parse(&text).unwrap().run),
        Err(error) if error.class == Class::Absent => None,
        Err(error) => panic!("{error}"),
    }
}

/// How long until it is lost, within an hour.
async fn time_until_lost(lease: &Lease) -> Option<Duration> {
    let begun = Instant::now();
    let lost = lease.lost().cancelled();
    tokio::time::timeout(60 * MINUTE, lost).await.ok()?;
    Some(begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_stack_is_changed_by_one_run_at_a_time() {
    let rig = Rig::new();
    let one = hold(&rig, "one").await;
    one.check().await.unwrap();
    let error = refused(&rig, claim("two")).await;
    let words = error.to_string();
    assert!(
        words.starts_with("another run is changing this stack: one@studio, for up to 4m 5"),
        "{words}"
    );
    assert!(error.hint().unwrap().contains("--take-over"));
    one.check().await.unwrap();
    one.release().await.unwrap();
    assert_eq!(holder(&rig).await, None);
    hold(&rig, "two").await.check().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn other_stacks_are_other_leases() {
    let rig = Rig::new();
    let _one = hold(&rig, "one").await;
    let other = Claim {
        stack: "web".into(),
        ..claim("two")
    };
    ask(&rig, other).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_for_as_long_as_it_is_held() {
    let rig = Rig::new();
    let one = hold(&rig, "one").await;
    for _ in 0..5 {
        sleep(4 * MINUTE).await;
        one.check().await.unwrap();
        refused(&rig, claim("two")).await;
    }
    assert!(one.loss().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_gone_is_waited_for_no_longer_than_its_lease() {
    let rig = Rig::new();
    drop(hold(&rig, "one").await);
    sleep(4 * MINUTE).await;
    refused(&rig, claim("two")).await;
    sleep(MINUTE).await;
    hold(&rig, "two").await;
}

#[tokio::test(start_paused = true)]
async fn whoever_is_taken_over_notices_at_the_next_check() {
    let rig = Rig::new();
    let one = hold(&rig, "one").await;
    let two = taken_over(&rig, "two").await;
    let by_two = LeaseError::Taken {
        who: "two@studio".into(),
    };
    assert_eq!(one.check().await, Err(by_two.clone()));
    assert!(one.lost().is_cancelled());
    assert_eq!(one.loss(), Some(&by_two));
    one.release().await.unwrap();
    two.check().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn whoever_is_taken_over_or_removed_notices_without_a_check_within_a_renewal() {
    for take in [true, false] {
        let rig = Rig::new();
        let one = hold(&rig, "one").await;
        let _two = match take {
            true => Some(taken_over(&rig, "two").await),
            false => {
                let api = rig.api();
                api.delete_tenant_secret(&lease_key("vod")).await.unwrap();
                None
            }
        };
        let noticed = time_until_lost(&one).await.unwrap();
        assert!(noticed < MINUTE + 20 * SECOND, "{noticed:?}");
        let loss = one.loss().unwrap();
        assert_eq!(*loss == LeaseError::Removed, !take, "{loss:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_cannot_be_renewed_is_lost_before_it_ends() {
    for then in [Then::html(502), Then::Broken, Then::lost(502)] {
        let rig = Rig::new();
        let one = hold(&rig, "one").await;
        rig.platform.always(&format!("PUT deploy {KEY}"), then);
        let noticed = time_until_lost(&one).await;
        rig.platform.behave();
        // What was taken without an answer to it is seen in the next attempt.
        let Some(noticed) = noticed else { continue };
        assert!(noticed > 3 * MINUTE, "{noticed:?}");
        assert!(noticed < 5 * MINUTE - 20 * SECOND, "{noticed:?}");
        let loss = one.loss().unwrap();
        assert!(matches!(loss, LeaseError::Ended(_)), "{loss:?}");
        assert_eq!(one.check().await.as_ref(), Err(loss));
        refused(&rig, claim("two")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_fails_for_two_minutes_costs_no_lease() {
    for then in [Then::html(502), Then::Broken, Then::reason(500, "oops")] {
        let rig = Rig::new();
        let one = hold(&rig, "one").await;
        rig.platform.always(KEY, then);
        sleep(2 * MINUTE).await;
        rig.platform.behave();
        sleep(30 * MINUTE).await;
        one.check().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_check_that_cannot_be_made_does_not_say_that_all_is_well() {
    let rig = Rig::new();
    let one = hold(&rig, "one").await;
    rig.platform.always(KEY, Then::reason(500, "oops"));
    let error = one.check().await.unwrap_err();
    assert!(matches!(error, LeaseError::Failed(_)), "{error:?}");
    assert!(one.loss().is_none());
    rig.platform.behave();
    one.check().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_answer_that_there_is_none_is_not_believed() {
    let rig = Rig::new();
    let one = hold(&rig, "one").await;
    rig.platform
        .at(&format!("GET deploy {KEY}"), 0..2, Then::reason(404, "?"));
    one.check().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_was_taken_without_a_good_answer_is_held() {
    for then in [Then::lost(504), Then::Garbled] {
        let rig = Rig::new();
        rig.platform.always(&format!("PUT deploy {KEY}"), then);
        hold(&rig, "one").await.check().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_cannot_be_written_is_not_held() {
    let rig = Rig::new();
    rig.platform.always(
        &format!("PUT deploy {KEY}"),
        Then::reason(403, "Not allowed"),
    );
    let error = refused(&rig, claim("one")).await;
    assert!(error.to_string().contains("Not allowed"), "{error}");
    assert!(matches!(error, LeaseError::Failed(_)));
}

#[tokio::test(start_paused = true)]
async fn without_tenant_secrets_there_is_no_lease() {
    let rig = without_tenant_secrets();
    let clock = rig.platform.clock();
    let leased = Lease::acquire(&rig.api(), clock, rig.limits, claim("one"), &rig.stop).await;
    assert!(matches!(leased, Ok(Leased::Unsupported)));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_understood_may_be_a_lease() {
    let rig = Rig::new();
    for text in [r#"{"version":2,"holders":["one"]}"#, "canary"] {
        let api = rig.api();
        api.put_tenant_secret(&lease_key("vod"), &text.into())
            .await
            .unwrap();
        let error = refused(&rig, claim("one")).await;
        assert!(
            matches!(
                error,
                LeaseError::NotUnderstood(VaultError::Newer { version: 2 })
                    | LeaseError::NotUnderstood(VaultError::Malformed { .. })
            ),
            "{error:?}"
        );
        assert!(!format!("{error} {error:?}").contains("canary"));
        let one = taken_over(&rig, "one").await;
        one.check().await.unwrap();
        one.release().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn an_interruption_before_it_is_held_gives_it_back() {
    let rig = Rig::new();
    let (acquired, ()) = tokio::join!(ask(&rig, claim("one")), async {
        sleep(SECOND).await;
        assert_eq!(holder(&rig).await.as_deref(), Some("one"));
        rig.stop.cancel();
    });
    assert_eq!(acquired.err(), Some(LeaseError::Interrupted));
    assert_eq!(holder(&rig).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_under_way_does_not_outlive_the_lease() {
    let rig = Rig::new();
    let one = hold(&rig, "one").await;
    rig.platform.always(
        &format!("PUT deploy {KEY}"),
        Then::Later(Duration::from_secs(2)),
    );
    sleep(MINUTE + SECOND).await;
    let asked = rig.platform.count(&format!("PUT deploy {KEY}"));
    assert_eq!(asked, 2, "a renewal is under way");
    let released = one.release().await;
    sleep(MINUTE).await;
    match released {
        Ok(()) => assert_eq!(holder(&rig).await, None),
        Err(error) => assert_eq!(error, LeaseError::NotGivenBack),
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_near_its_end_is_left_to_whoever_may_be_taking_it() {
    let rig = Rig::new();
    let one = hold(&rig, "one").await;
    rig.platform
        .always(&format!("PUT deploy {KEY}"), Then::html(502));
    time_until_lost(&one).await.unwrap();
    rig.platform.behave();
    let before = rig.platform.count("DELETE");
    one.release().await.unwrap();
    assert_eq!(rig.platform.count("DELETE"), before);
}

#[tokio::test(start_paused = true)]
async fn another_clock_decides_nothing_but_the_end() {
    let rig = Rig::new();
    let far = vault::Lease {
        run: "far".into(),
        who: "far@studio".into(),
        until: SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40),
    };
    let api = rig.api();
    api.put_tenant_secret(&lease_key("vod"), &far.to_secret())
        .await
        .unwrap();
    let error = refused(&rig, claim("one")).await;
    assert!(error.to_string().contains("far@studio"), "{error}");
    taken_over(&rig, "one").await.check().await.unwrap();
}
