//! Exit codes: a promise to scripts.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; with `--detailed-exitcode`: no changes.
    Done = 0,
    /// An error, and nothing changed.
    Error = 1,
    /// There are changes that would run (only with `--detailed-exitcode`).
    Changes = 2,
    /// Wrong arguments, an invalid manifest, or no terminal to ask at.
    Usage = 3,
    /// Not signed in.
    SignedOut = 4,
    /// Held back by a guard or the data rule, also when everything else went through.
    Held = 5,
    /// Something had changed since the plan was made.
    Stale = 6,
    /// Partly applied.
    Partly = 7,
    /// Not ready in time, or an unchanged instance has failed.
    NotReady = 8,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
