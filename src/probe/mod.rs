//! Does an instance answer from here, and does what it is for work?
//!
//! One [`look`] is one question of at most ten seconds and one [`Verdict`]; whoever wants to wait
//! looks again. Nothing that comes back is believed further than its bound, none of it is fatal,
//! and a service's token goes to the instance's own URL only, never to a bare port.
//!
//! # Files
//! - `look`: which question belongs to a level; `known`: the services whose question is known
//! - `visit`: a question over HTTP, `answer`: what its answer shows
//! - `talk`: a question over a bare connection, `redis`, `postgres`, `mysql`: what such a server
//!   says first

mod answer;
mod known;
mod look;
mod mysql;
mod postgres;
mod redis;
mod talk;
#[cfg(test)]
mod tests;
mod visit;

pub use known::is_known;
pub use look::{Subject, Verdict, default_level, look, needs_ports};
