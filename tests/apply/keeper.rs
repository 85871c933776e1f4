use std::sync::Arc;

use osc_apply::apply::{Keeper, KeeperError, LeaseError, Verified, read_vault};
use osc_apply::osc::Class;
use osc_apply::vault::{Vault, VaultError, vault_key};
use secrecy::ExposeSecret;
use tokio::time::Instant;

use crate::SECOND;
use crate::lease::{ask, claim, taken_over, without_tenant_secrets};
use crate::rig::{Rig, Seen, Then};

const READ: &str = "GET deploy /mytenantsecrets/user.oscapply.vod";
const WRITE: &str = "PUT deploy /mytenantsecrets/user.oscapply.vod";

/// A keeper, with the lease already held.
async fn keeper(rig: &Rig) -> Keeper {
    let lease = Arc::new(ask(rig, claim("one")).await.unwrap());
    Keeper::open(lease, [7; 32], &rig.stop).await.unwrap()
}

async fn read(rig: &Rig) -> Result<Option<Vault>, KeeperError> {
    read_vault(rig.api().reads(), "vod", &rig.limits, &rig.stop).await
}

/// What the platform keeps, as text.
async fn kept(rig: &Rig) -> Option<String> {
    match rig.api().reads().tenant_secret(&vault_key("vod")).await {
        Ok(text) => Some(text.expose_secret().to_owned()),
        Err(error) if error.class == Class::Absent => None,
        Err(error) => panic!("{error}"),
    }
}

async fn somebody_writes(rig: &Rig, text: &str) {
    let api = rig.api();
    let key = vault_key("vod");
    api.put_tenant_secret(&key, &text.into()).await.unwrap();
}

fn with(name: &'static str) -> impl FnOnce(&mut Vault) {
    move |vault| vault.set_value(name, "canary-value".into())
}

fn names(vault: Option<Vault>) -> Vec<String> {
    let vault = vault.unwrap();
    vault.names().map(str::to_owned).collect()
}

/// Happens to the vault and not to the lease.
fn always(rig: &Rig, line: &'static str, then: Then) {
    let weather = move |seen: &Seen| (seen.line == line).then(|| then.clone());
    rig.platform.weather(weather);
}

fn count(rig: &Rig, line: &str) -> usize {
    let lines = rig.platform.lines();
    lines.iter().filter(|seen| *seen == line).count()
}

#[tokio::test(start_paused = true)]
async fn what_is_written_is_what_the_next_run_reads() {
    let rig = Rig::new();
    let keeper = keeper(&rig).await;
    assert!(keeper.vault().await.is_none());
    keeper.write(with("a")).await.unwrap();
    keeper.write(with("b")).await.unwrap();
    assert_eq!(names(keeper.vault().await), ["a", "b"]);
    assert!(read(&rig).await.unwrap() == keeper.vault().await);
    assert_eq!(keeper.verify().await, Ok(Verified::Intact));
}

#[tokio::test(start_paused = true)]
async fn a_change_of_nothing_asks_nothing() {
    let rig = Rig::new();
    let keeper = keeper(&rig).await;
    keeper.write(with("a")).await.unwrap();
    let before = rig.platform.lines().len();
    keeper.write(with("a")).await.unwrap();
    keeper.write(|_| {}).await.unwrap();
    assert_eq!(rig.platform.lines().len(), before);
}

#[tokio::test(start_paused = true)]
async fn changes_at_once_are_made_one_after_the_other() {
    let rig = Rig::new();
    let keeper = keeper(&rig).await;
    let (one, two, three) = tokio::join!(
        keeper.write(with("a")),
        keeper.write(with("b")),
        keeper.write(with("c"))
    );
    one.and(two).and(three).unwrap();
    assert_eq!(names(read(&rig).await.unwrap()), ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn a_vault_is_absent_only_after_four_answers_over_fifteen_seconds() {
    let rig = Rig::new();
    let begun = Instant::now();
    assert!(read(&rig).await.unwrap().is_none());
    assert_eq!(rig.platform.count(READ), 4);
    assert!(begun.elapsed() >= 15 * SECOND);

    let keeper = keeper(&rig).await;
    keeper.write(with("a")).await.unwrap();
    rig.platform.at(READ, 0..3, Then::reason(404, "No secret"));
    assert_eq!(names(read(&rig).await.unwrap()), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn no_other_answer_is_an_absent_vault() {
    for then in [
        Then::html(404),
        Then::html(401),
        Then::html(502),
        Then::json(404, r#"{"message":"gone"}"#),
        Then::json(200, ""),
        Then::json(200, "null"),
        Then::reason(403, "Not allowed"),
        Then::Broken,
        Then::json(
            404,
            r#"{"message":"Route GET:/mytenantsecrets/x not found"}"#,
        ),
    ] {
        let rig = Rig::new();
        // One that says so does not make the next a second.
        rig.platform.at(READ, 0..1, Then::reason(404, "No secret"));
        rig.platform.at(READ, 1..usize::MAX, then);
        read(&rig).await.unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_is_not_understood_is_no_absent_one() {
    let rig = Rig::new();
    somebody_writes(&rig, r#"{"version":2,"canary":1}"#).await;
    let newer = KeeperError::NotUnderstood(VaultError::Newer { version: 2 });
    assert_eq!(read(&rig).await.unwrap_err(), newer);
    for text in ["canary", "", "{}"] {
        somebody_writes(&rig, text).await;
        let error = read(&rig).await.unwrap_err();
        assert!(matches!(error, KeeperError::NotUnderstood(_)), "{error:?}");
        assert!(!format!("{error:?}").contains("canary"));
        assert!(error.hint().unwrap().contains("console"));
    }
}

#[tokio::test(start_paused = true)]
async fn without_tenant_secrets_nothing_can_be_kept() {
    let rig = without_tenant_secrets();
    let error = read(&rig).await.unwrap_err();
    assert_eq!(error, KeeperError::Unsupported);
    assert!(error.hint().unwrap().contains("`env:`"));
}

#[tokio::test(start_paused = true)]
async fn what_the_platform_does_not_keep_is_not_used() {
    type Expected = fn(&KeeperError) -> bool;
    let told: [(Then, Expected); 6] = [
        (Then::reason(413, "Too large"), |error| {
            *error == KeeperError::TooLarge
        }),
        (Then::Echo(413), |error| *error == KeeperError::TooLarge),
        (Then::Echo(400), |error| {
            matches!(error, KeeperError::NotTaken(_))
        }),
        (Then::reason(403, "Not allowed"), |error| {
            matches!(error, KeeperError::NotTaken(_))
        }),
        (Then::html(502), |error| {
            matches!(error, KeeperError::NotTaken(_))
        }),
        (Then::json(200, "{}"), |error| {
            *error == KeeperError::NotKept
        }),
    ];
    for (then, expected) in told {
        let rig = Rig::new();
        let keeper = keeper(&rig).await;
        keeper.write(with("a")).await.unwrap();
        always(&rig, WRITE, then);
        let error = keeper.write(with("b")).await.unwrap_err();
        assert!(expected(&error), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("canary-value"));
        assert_eq!(names(keeper.vault().await), ["a"]);
        rig.platform.behave();
        keeper.write(with("c")).await.unwrap();
        assert_eq!(names(read(&rig).await.unwrap()), ["a", "c"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_comes_back_as_another_is_not_used() {
    let rig = Rig::new();
    let keeper = keeper(&rig).await;
    keeper.write(with("a")).await.unwrap();
    let other = serde_json::json!({
        "key": vault_key("vod"),
        "value": Vault::new([8; 32]).to_secret().expose_secret(),
    });
    always(&rig, READ, Then::json(200, &other.to_string()));
    let error = keeper.write(with("b")).await.unwrap_err();
    assert_eq!(error, KeeperError::NotKept);
    assert_eq!(names(keeper.vault().await), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_taken_without_a_good_answer_counts() {
    for then in [Then::lost(504), Then::Garbled] {
        let rig = Rig::new();
        let keeper = keeper(&rig).await;
        always(&rig, WRITE, then);
        keeper.write(with("a")).await.unwrap();
        assert_eq!(names(keeper.vault().await), ["a"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_that_lags_behind_is_asked_again() {
    let rig = Rig::new();
    let keeper = keeper(&rig).await;
    let mut lagging = 3;
    rig.platform.weather(move |seen| {
        lagging -= i32::from(seen.line == READ);
        (seen.line == READ && lagging >= 0).then(|| Then::reason(404, "No secret"))
    });
    keeper.write(with("a")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_the_lease_nothing_is_written() {
    let rig = Rig::new();
    let keeper = keeper(&rig).await;
    keeper.write(with("a")).await.unwrap();
    let before = count(&rig, WRITE);
    let other = taken_over(&rig, "two").await;
    let taken = KeeperError::Lease(LeaseError::Taken {
        who: "two@studio".into(),
    });
    assert_eq!(keeper.write(with("b")).await.unwrap_err(), taken);
    assert_eq!(keeper.verify().await, Ok(Verified::Intact));
    assert_eq!(count(&rig, WRITE), before);
    somebody_writes(&rig, "other").await;
    assert_eq!(keeper.verify().await.unwrap_err(), taken);
    assert_eq!(kept(&rig).await.as_deref(), Some("other"));
    other.check().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_somebody_did_to_the_vault_meanwhile_is_undone() {
    let rig = Rig::new();
    let keeper = keeper(&rig).await;
    keeper.write(with("a")).await.unwrap();
    let good = kept(&rig).await;
    for text in ["other", r#"{"version":2}"#] {
        somebody_writes(&rig, text).await;
        assert_eq!(keeper.verify().await, Ok(Verified::Restored));
        assert_eq!(kept(&rig).await, good);
    }
    let api = rig.api();
    api.delete_tenant_secret(&vault_key("vod")).await.unwrap();
    assert_eq!(keeper.verify().await, Ok(Verified::Restored));
    assert_eq!(kept(&rig).await, good);
    assert_eq!(keeper.verify().await, Ok(Verified::Intact));
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_is_not_there_is_not_verified() {
    let rig = Rig::new();
    let keeper = keeper(&rig).await;
    let before = rig.platform.lines().len();
    assert_eq!(keeper.verify().await, Ok(Verified::Intact));
    assert_eq!(rig.platform.lines().len(), before);
}

#[tokio::test(start_paused = true)]
async fn an_interruption_ends_the_wait_for_certainty() {
    let rig = Rig::new();
    let (read, ()) = tokio::join!(read(&rig), async {
        tokio::time::sleep(SECOND).await;
        rig.stop.cancel();
    });
    assert_eq!(read.unwrap_err(), KeeperError::Interrupted);
}
