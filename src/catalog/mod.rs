//! What services there are and which options they take.
//!
//! A snapshot of the public catalog is bundled, so that a manifest can be checked without
//! signing in (API notes 4.4: a workspace's token cannot list the whole catalog).
//!
//! - `catalog.json`: the snapshot
//! - `stateless.txt`: the services that hold nothing worth keeping, with reasons
//! - `snapshot`: reads both into a [`Catalog`]
//! - `service`: [`Service`] and its [`OptionSpec`]s
//! - `pattern`: the catalog's patterns, some of which use look-ahead

mod pattern;
mod service;
mod snapshot;

pub use pattern::{Pattern, PatternError};
pub use service::{OptionKind, OptionSpec, Service, ServiceKind};
pub use snapshot::{Catalog, CatalogError};
