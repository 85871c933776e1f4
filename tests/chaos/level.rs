//! How ready an instance has to be, and what a manifest says of that.

use crate::dice::Dice;

/// How ready an instance has to be; where another level is added, this is the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Accepted,
    /// Where the platform cannot tell, as good as accepted.
    Unchecked,
    Healthy,
    /// A page at its host can be opened, too.
    Reachable,
    /// Its port takes connections, too.
    Connecting,
    /// Its own application answers, at its host or at its port.
    Usable(Place),
}

/// Where an application is asked whether it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Host,
    Port,
}

/// Services that expose a port.
pub(crate) const WITH_PORTS: [&str; 4] = [
    "atmoz-sftp",
    "birme-osc-postgresql",
    "linuxserver-docker-mariadb",
    "valkey-io-valkey",
];

/// Services that have no health route (API notes 6.1).
const WITHOUT_HEALTH: [&str; 1] = ["eyevinn-function-scenes"];

/// Services whose own application is asked whether it works, at the host of the instance.
const ASKED_AT_THEIR_HOST: [&str; 4] = [
    "apache-couchdb",
    "encore",
    "eyevinn-app-config-svc",
    "minio-minio",
];

/// The same at its port.
const ASKED_AT_THEIR_PORT: [&str; 3] = [
    "birme-osc-postgresql",
    "linuxserver-docker-mariadb",
    "valkey-io-valkey",
];

/// Services with a page and nothing else that could be asked.
const WITH_PAGES: [&str; 3] = ["grafana-grafana", "jgraph-drawio", "wordpress-wordpress"];

/// What `ready` says, and of which services it can.
type Saying = (&'static str, fn(&str) -> bool);

/// What `ready` can say of an instance; what cannot be told must not be asked for.
const READY: [Saying; 6] = [
    ("level: accepted", |_| true),
    ("level: healthy, timeout: 70s", |id| {
        !WITHOUT_HEALTH.contains(&id)
    }),
    ("level: reachable, timeout: 5m", has_host),
    ("level: usable, timeout: 5m", |id| asked_at(id).is_some()),
    ("http: { path: /, status: 200 }", |id| {
        has_host(id) && asked_at(id) != Some(Place::Host)
    }),
    ("tcp: true", |id| WITH_PORTS.contains(&id)),
];

/// Whether its instances have hosts of their own that answer.
fn has_host(id: &str) -> bool {
    id != "channel-engine" && !WITHOUT_HEALTH.contains(&id)
}

fn asked_at(id: &str) -> Option<Place> {
    if ASKED_AT_THEIR_HOST.contains(&id) {
        Some(Place::Host)
    } else {
        ASKED_AT_THEIR_PORT.contains(&id).then_some(Place::Port)
    }
}

impl Level {
    /// What an instance of a service has to be, with this said of it.
    pub(crate) fn of(id: &str, ready: Option<&str>) -> Self {
        let by_default = match asked_at(id) {
            // With a password it asks for that also while it loads, which nobody can tell from here.
            Some(_) if id == "valkey-io-valkey" => Self::Connecting,
            Some(place) => Self::Usable(place),
            None if WITH_PAGES.contains(&id) => Self::Reachable,
            None if WITHOUT_HEALTH.contains(&id) => Self::Unchecked,
            None => Self::Healthy,
        };
        let said = ready.map(|ready| ready.split([':', ',']).map(str::trim).collect::<Vec<_>>());
        match said.as_deref() {
            Some(["level", "accepted", ..]) => Self::Accepted,
            Some(["level", "healthy", ..]) => Self::Healthy,
            Some(["level", "reachable", ..] | ["http", ..]) => Self::Reachable,
            Some(["tcp", ..]) => Self::Connecting,
            _ => by_default,
        }
    }
}

/// What the manifest says of how ready an instance has to be, often nothing.
pub(crate) fn said(dice: &mut Dice, id: &str) -> Option<&'static str> {
    let (said, can_be) = *dice.pick(&READY);
    (dice.one_in(2) && can_be(id)).then_some(said)
}
