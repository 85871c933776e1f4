//! The emulator served over HTTP: it lends the function a clock, a place for the world, and
//! patience.
//!
//! | file | what is in it |
//! |---|---|
//! | `state` | where the world is kept |
//! | `http` | from a request on the wire to an answer on it |
//! | `local` | the platform under its own host names, over TLS on the loopback |
//! | `certificates` | a certificate authority per world, and a certificate per host |
//! | `handshake` | what meets a new TLS connection |
//! | `connections` | taking connections, and ending them |
//! | `tunnel`, `converse` | bare connections |

mod certificates;
mod connections;
mod converse;
mod handshake;
mod http;
mod local;
mod state;
mod tunnel;

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use ::http::Request;
use bytes::Bytes;

use super::addressing::Addressing;
use super::answer::{Answer, Cut, answer_connected, answer_with, connection, tenant_of};
use super::destination;
use super::faults::Faults;
use super::folder::FolderError;
use super::rules::Rules;
use super::world::World;

pub use converse::converse;
pub use http::serve;
pub use local::{Local, start_local};
pub use state::State;

/// How many requests are remembered.
const REMEMBERED: usize = 10_000;

/// What tells the time.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Why a sandbox could not be served.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// The world could not be read or kept.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// No port on the loopback address could be had.
    #[error("cannot listen on the loopback address for the sandbox: {0}")]
    Listen(#[source] io::Error),
    /// The certificates could not be made.
    #[error(
        "cannot make the sandbox's certificates: {0}; if the world's own authority is at fault, \
         start over with `osc-apply sandbox reset`"
    )]
    Certificates(String),
}

/// A world with its rules and its clock, ready to answer requests.
pub struct Shell {
    state: State,
    rules: Rules,
    faults: Mutex<Faults>,
    clock: Clock,
    answered: AtomicU64,
    requests: Mutex<VecDeque<String>>,
}

impl Shell {
    /// A shell around this world.
    pub fn new(state: impl Into<State>, rules: Rules, clock: Clock) -> Shell {
        Shell {
            state: state.into(),
            rules,
            faults: Mutex::default(),
            clock,
            answered: AtomicU64::new(0),
            requests: Mutex::new(VecDeque::new()),
        }
    }

    /// The same, misbehaving in these ways.
    pub fn with_faults(self, faults: Faults) -> Shell {
        Shell {
            faults: Mutex::new(faults),
            ..self
        }
    }

    /// Acts on the world between requests.
    ///
    /// # Errors
    ///
    /// When the world is kept in a folder and cannot be read or kept; in memory there are none.
    pub fn with_world<T>(&self, act: impl FnOnce(&mut World) -> T) -> Result<T, FolderError> {
        self.state.with(act)
    }

    /// How many requests were answered.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// The requests answered, oldest first, as `GET catalog /mysubscriptions`: the method, the
    /// role, service or instance (`{name}.{serviceId}`), and the path there.
    ///
    /// Without headers, queries and bodies, and no more than the last 10 000.
    pub fn requests(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().cloned().collect()
    }

    /// Answers a request at the time the clock shows once the world is at hand.
    ///
    /// Where hosts have names of their own, the connection it came on has been looked at.
    fn answer(&self, request: &Request<Bytes>) -> Result<Answer, FolderError> {
        self.state.with(|world| {
            let line = self.remember(world, request);
            let answer = match self.rules.addressing {
                Addressing::Osc => answer_connected,
                Addressing::Prefixed { .. } => answer_with,
            };
            let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = answer(world, &self.rules, &mut faults, (self.clock)(), request);
            tell(&mut faults, &line);
            answer
        })
    }

    /// What comes of a new connection to a host, if it does not stand.
    fn connection(&self, host: &str) -> Result<Option<Cut>, FolderError> {
        self.state.with(|world| {
            let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
            let cut = connection(world, &self.rules, &mut faults, (self.clock)(), host);
            tell(&mut faults, &format!("CONNECT {host}"));
            cut
        })
    }

    /// Acts on the shell away from the runtime, if that may wait; says what went wrong.
    async fn unblocked<T: Send + 'static>(
        self: &Arc<Shell>,
        act: impl FnOnce(&Shell) -> Result<T, FolderError> + Send + 'static,
    ) -> Result<T, String> {
        if !self.state.may_block() {
            return act(self).map_err(|error| error.to_string());
        }
        let shell = Arc::clone(self);
        match tokio::task::spawn_blocking(move || act(&shell)).await {
            Ok(done) => done.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Remembers a request; returns the line that it is remembered by.
    fn remember(&self, world: &World, request: &Request<Bytes>) -> String {
        let addressing = &self.rules.addressing;
        let tenant = tenant_of(world, addressing, request);
        let tenant = tenant.as_deref().unwrap_or(world.tenant());
        let (destination, path) = destination::locate(addressing, tenant, request);
        let line = format!("{} {} {path}", request.method(), destination.label());
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.len() == REMEMBERED {
            requests.pop_front();
        }
        requests.push_back(line.clone());
        self.answered.fetch_add(1, Ordering::Relaxed);
        line
    }
}

/// Tells of a fault that has just struck.
fn tell(faults: &mut Faults, what: &str) {
    if let Some(kind) = faults.take_latest() {
        tracing::debug!("sandbox: {kind} struck {what}");
    }
}
