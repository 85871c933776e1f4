//! What is live to a manifest: YAML text that declares it as it is.
//!
//! Invariants: no byte of a sensitive value is in the text, nor in what is said about it; every
//! value that is written resolves to exactly the live one; no instance refers to itself, not
//! even through others; the same input gives the same bytes.
//!
//! - `subject`: what is imported and into what, and what comes of it
//! - `key`: names by which instances and secrets are referred to
//! - `option`: which options are worth writing
//! - `piece`: a value as literal text and references
//! - `reference`: where a text holds what another instance is known by; `edges`: which references
//!   make no cycle; `ports`: whose ports have to be known for that
//! - `secret`: sensitive values as entries of `secrets:`; `user_part`: the user and password in a
//!   URL; `telling`: texts that would tell a secret
//! - `draft`: all that put together, `drafter`: value by value
//! - `text`: that as YAML, `instances`: its largest section; `scalar`, `page`: what it is made of

mod draft;
mod drafter;
mod edges;
mod instances;
mod key;
mod option;
mod page;
mod piece;
mod ports;
mod reference;
mod scalar;
mod secret;
mod subject;
mod telling;
#[cfg(test)]
mod tests;
mod text;
mod user_part;

pub use ports::ports_wanted;
pub use subject::{Heading, Imported, Omitted, Subject};
pub use text::manifest;
