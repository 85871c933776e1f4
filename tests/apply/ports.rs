use osc_apply::apply::{EventKind, Fate, Waiting};

use crate::rig::{Rig, Then};
use crate::{WITH_PORTS, applied, skipped_because_of};

#[tokio::test(start_paused = true)]
async fn ports_may_appear_late_and_unreadable_ones_are_asked_for_again() {
    let rig = Rig::new();
    rig.platform.at("/ports/db", 0..9, Then::json(200, "[]"));
    rig.platform.at("/ports/db", 9..14, Then::html(502));
    let run = rig.apply(WITH_PORTS).await;
    run.assert_good();
    let waits = run.kinds("db");
    assert!(
        waits
            .iter()
            .any(|it| matches!(it, EventKind::Waiting(Waiting::Ports)))
    );
}

#[tokio::test(start_paused = true)]
async fn ports_that_never_appear_fail_who_needs_them_and_leave_the_internal_address() {
    let rig = Rig::new();
    rig.platform.always("/ports/db", Then::json(200, "[]"));
    let run = rig.apply(WITH_PORTS).await;
    assert!(applied(run.fate("db")));
    let message = &run.failure("user").message;
    assert!(message.contains("instances.db.ports[0].ip"), "{message}");
    let internal = WITH_PORTS.replace("${instances.db.ports[0].ip}", "${instances.db.address}");
    rig.apply(&internal).await.assert_good();
    let body = rig.platform.first("POST eyevinn-live-encoding").body;
    assert!(body.contains("redis://sandbox-db.valkey-io-valkey.svc.cluster.local:6379"));
}

#[tokio::test(start_paused = true)]
async fn ports_that_cannot_be_read_at_all_stop_the_dependants() {
    let rig = Rig::new();
    rig.platform.always("/ports/db", Then::html(502));
    let run = rig.apply(WITH_PORTS).await;
    assert!(matches!(run.fate("db"), Fate::NotReady(_)));
    assert!(skipped_because_of(&run, "user", "db"));
}
