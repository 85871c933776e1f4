//! A served sandbox, and people who sign in to it with the real command.
//!
//! - `home`: a home of its own for the command
//! - `login`: a `login` under way
//! - `browser`: a stand-in for a browser and whoever sits at it
//! - `http`: a request over a plain socket
//! - `trial`: a test that is ignored where a program is missing

// Not every test file uses all of it.
#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod browser;
mod home;
mod http;
mod login;
mod trial;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

pub(crate) use browser::Browser;
pub(crate) use home::{Home, Run};
pub(crate) use http::{Answer, ask};
pub(crate) use login::Login;
pub(crate) use trial::needing;

/// `sandbox serve` with a world of its own, in which everything happens at once.
pub(crate) struct Served {
    process: Child,
    world: TempDir,
    pub(crate) address: SocketAddr,
    /// A personal access token for it.
    pub(crate) token: String,
}

impl Served {
    pub(crate) fn start() -> Self {
        Self::with_tokens_for("1h")
    }

    /// One whose sign-ins get access tokens that last so long.
    pub(crate) fn with_tokens_for(lifetime: &str) -> Self {
        let world = tempfile::tempdir().unwrap();
        let (process, address, token) = serve(&world, "127.0.0.1:0", lifetime);
        Self {
            process,
            world,
            address,
            token,
        }
    }

    /// From now on access tokens last so long; everything else stays.
    pub(crate) fn change_lifetime(&mut self, lifetime: &str) {
        self.stop();
        let address = self.address.to_string();
        (self.process, _, self.token) = serve(&self.world, &address, lifetime);
    }

    /// The value of `OSC_ENDPOINT` that leads to it.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(world: &TempDir, listen: &str, lifetime: &str) -> (Child, SocketAddr, String) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_osc-apply"))
        .args(["sandbox", "serve", "--listen", listen])
        .args(["--sandbox-token-lifetime", lifetime])
        .env_clear()
        .env("OSC_SANDBOX_DIR", world.path())
        .env("OSC_SANDBOX_SPEED", "inf")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut export = || {
        let line = lines.next().unwrap().unwrap();
        line.split_once('=').unwrap().1.to_owned()
    };
    let (endpoint, token) = (export(), export());
    let address = endpoint.strip_prefix("http://").unwrap().parse().unwrap();
    (process, address, token)
}
