use std::time::Duration;

use osc_apply::apply::{EventKind, Fate, Waiting};
use osc_apply::osc::{Exchange as _, TransportKind};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::rig::{Rig, Then};
use crate::{WITH_PORTS, skipped_because_of};

#[tokio::test(start_paused = true)]
async fn ports_may_appear_late_and_unreadable_ones_are_asked_for_again() {
    let rig = Rig::new();
    rig.platform.at("/ports/db", 0..9, Then::json(200, "[]"));
    rig.platform.at("/ports/db", 9..14, Then::html(502));
    let yaml = WITH_PORTS.replace("valkey }", "valkey, ready: { level: healthy } }");
    let run = rig.apply(&yaml).await;
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
    assert!(
        matches!(run.fate("db"), Fate::AppliedUnchecked(short) if short.why == "it exposes no port")
    );
    assert!(
        run.outcome.took < Duration::from_secs(100),
        "it is waited for once"
    );
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

#[tokio::test(start_paused = true)]
async fn what_is_applied_answers_at_its_external_port() {
    let rig = Rig::new();
    let both = WITH_PORTS.replace(".ip}", ".ip}:${instances.db.ports[0].port}");
    rig.apply(&both).await.assert_good();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let body: Value =
        serde_json::from_str(&rig.platform.first("POST eyevinn-live-encoding").body).unwrap();
    let address = body["InputUrl"].as_str().unwrap();
    let (ip, port) = address
        .strip_prefix("redis://")
        .and_then(|address| address.split_once(':'))
        .unwrap();
    let port: u16 = port.parse().unwrap();
    let mut stream = rig.platform.dial(ip, port).await.unwrap();
    stream.write_all(b"PING\r\nQUIT\r\n").await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "+PONG\r\n+OK\r\n");
    let Err(error) = rig.platform.dial(ip, port + 1).await else {
        panic!("nobody is there");
    };
    assert_eq!(error.kind, TransportKind::Timeout);
}
