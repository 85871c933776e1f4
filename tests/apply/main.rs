//! Carrying out plans against the sandbox in memory.

#![cfg(feature = "sandbox")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../rig/mod.rs"]
mod rig;
#[path = "../cli/canary/search.rs"]
mod search;

mod canaries;
mod contention;
mod create;
mod delete;
mod faults;
mod interruption;
mod keeper;
mod lease;
mod levels;
mod order;
mod ownership;
mod ports;
mod readiness;
mod resume;
mod rotation;
mod secrets;
mod sign_in;
mod stale;
mod suspension;
mod tunnel;
mod two_runs;
mod types;
mod update;

use std::time::Duration;

use osc_apply::apply::Fate;
use osc_apply::model::Address;
use rig::{Rig, Run};

const SECOND: Duration = Duration::from_secs(1);

fn applied(fate: &Fate) -> bool {
    matches!(fate, Fate::Applied)
}

fn skipped_because_of(run: &Run, key: &str, cause: &str) -> bool {
    matches!(run.fate(key), Fate::Skipped(of) if *of == Address::instance(cause))
}

/// When a request whose line contains this was first sent, and answered.
fn span(rig: &Rig, line: &str) -> (Duration, Duration) {
    let seen = rig.platform.first(line);
    (seen.from, seen.to.expect("an answer"))
}

const DIAMOND: &str = "
instances:
  base: { service: valkey-io-valkey }
  left: { service: encore, options: { s3Endpoint: '${instances.base.url}' } }
  right: { service: eyevinn-live-encoding, options: { InputUrl: '${instances.base.url}' } }
  top:
    service: eyevinn-qr-generator
    options: { GotoUrl: '${instances.left.url}', LogoUrl: '${instances.right.url}' }
  alone: { service: eyevinn-test-adserver }
";

const WITH_PORTS: &str = "
instances:
  db: { service: valkey-io-valkey }
  user: { service: eyevinn-live-encoding, options: { InputUrl: 'redis://${instances.db.ports[0].ip}' } }
";

const CACHE: &str =
    "instances: { a: { service: valkey-io-valkey, options: { Password: onecanary } } }";
/// The same, ready as soon as its health says so.
const HEALTHY: &str = "instances: { a: { service: valkey-io-valkey, \
                       options: { Password: onecanary }, ready: { level: healthy } } }";
const COLLECTION: &str = "valkey-io-valkey /valkeyinstance";
const ITS_MEMBER: &str = "https://api-valkey-io-valkey.auto.prod-se.osaas.io/valkeyinstance/a";

fn changed() -> String {
    CACHE.replace("onecanary", "twocanary")
}
