//! Connections to an instance's external port: what speaks something else than HTTP.
//!
//! Without I/O: a conversation is told what came in and says what goes out. Only what a probe or a
//! client's first steps need is spoken; there is no data behind it.
//!
//! | file | what is in it |
//! |---|---|
//! | `valkey`, `resp` | Valkey, and the protocol it shares with Redis |
//! | `postgresql` | PostgreSQL until the password |
//! | `mariadb` | MariaDB until the password |

mod mariadb;
mod postgresql;
mod resp;
mod valkey;

use std::time::SystemTime;

use bytes::Bytes;

use super::external_port;
use super::rules::Rules;
use super::world::World;

const SSH_BANNER: &[u8] = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n";

/// What comes of a connection.
pub enum Dialed {
    /// The address leads to an instance that does not listen.
    Refused,
    /// The address leads nowhere, and nobody says so.
    Silent,
    /// Somebody listens.
    Open(Conversation),
}

/// What is said in answer, and whether the connection ends then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// The bytes, be there any or not.
    pub bytes: Bytes,
    /// Whether the connection is closed after them.
    pub close: bool,
}

/// A connection to an instance, in the protocol of its service.
// Without `Debug`: it knows a password.
pub struct Conversation(Protocol);

enum Protocol {
    Valkey(valkey::Session),
    Postgresql(postgresql::Session),
    Mariadb,
    /// Greets as an SSH server, and says no more.
    Sftp,
    /// Takes the connection, and says nothing.
    Quiet,
}

/// Connects to an address as `/ports` lists it.
///
/// Refused while the instance is too young to have a port or does not run. What runs takes
/// connections before it is ready, and says so in its protocol; but MariaDB listens last.
pub fn dial(world: &World, rules: &Rules, now: SystemTime, host: &str, port: u16) -> Dialed {
    let (timing, now) = (&rules.timing, now.into());
    let mut all = world.workspaces().flat_map(|workspace| {
        let instances = workspace.all_instances();
        instances.map(|(service, name, instance)| (workspace.tenant(), service, name, instance))
    });
    let found = all.find_map(|(tenant, service, name, instance)| {
        let gone = instance.is_gone(timing, now) || instance.is_suspended(now);
        let outside = external_port::of(tenant, service, name, instance)?;
        let here = !gone && outside.ip == host && outside.external == port;
        here.then_some((instance, outside.internal))
    });
    let Some((instance, internal)) = found else {
        return Dialed::Silent;
    };
    let ready = now >= instance.answers_at(timing);
    let runs = instance.deleted.is_none() && instance.is_up(timing, now);
    if !runs || !instance.has_ports(timing, now) || (internal == 3306 && !ready) {
        return Dialed::Refused;
    }
    Dialed::Open(Conversation(match internal {
        22 => Protocol::Sftp,
        3306 => Protocol::Mariadb,
        5432 => Protocol::Postgresql(postgresql::Session::new(ready)),
        6379 => {
            let password = instance.text(timing, now, "Password");
            let password = password.filter(|it| !it.is_empty()).map(str::to_owned);
            Protocol::Valkey(valkey::Session::new(password, ready))
        }
        _ => Protocol::Quiet,
    }))
}

impl Conversation {
    /// What the instance says first.
    pub fn greeting(&self) -> Bytes {
        match &self.0 {
            Protocol::Mariadb => mariadb::handshake(),
            Protocol::Sftp => Bytes::from_static(SSH_BANNER),
            _ => Bytes::new(),
        }
    }

    /// What the instance says to this; it may be part of a message, or several.
    pub fn receive(&mut self, bytes: &[u8]) -> Spoken {
        match &mut self.0 {
            Protocol::Valkey(session) => session.receive(bytes),
            Protocol::Postgresql(session) => session.receive(bytes),
            Protocol::Mariadb => mariadb::refusal(),
            Protocol::Sftp | Protocol::Quiet => Spoken::default(),
        }
    }
}

impl Spoken {
    /// Says this, and hangs up.
    fn last(bytes: impl Into<Bytes>) -> Spoken {
        let bytes = bytes.into();
        Spoken { bytes, close: true }
    }
}
