//! What a stack keeps among the workspace's tenant secrets, and what follows from it.
//!
//! There is no file: the values that were generated for a stack, the key of its digests and the
//! names of what it made live in one document, the vault, under [`vault_key`]. Beside it, under
//! [`lease_key`], stands who is changing the stack. This module is the documents and pure
//! functions; reading and writing them is somebody else's.
//!
//! # Invariants
//! - No value leaves by `Debug`, `Display`, `Serialize` or an error; a [`VaultError`] quotes
//!   nothing of the document.
//! - Every copy of a value that this module makes is wiped when it is dropped. What the document
//!   passes through on its way is described at `stored`.
//! - A document that is not understood whole is an error and never an empty vault.
//!
//! # Files
//! - `document`: the vault, `stored`: its JSON, `error`: what is wrong with one
//! - `digest`: whether values have changed, told without them
//! - `name`: what a service secret of ours is called
//! - `draw`: a value drawn at random
//! - `lease`: who is changing the stack, and until when

mod digest;
mod document;
mod draw;
mod error;
mod lease;
mod name;
mod stored;

pub use digest::DigestKey;
pub use document::{Intent, ServiceSecret, Vault, vault_key};
pub use draw::draw;
pub use error::VaultError;
pub use lease::{Lease, lease_key};
pub use name::service_secret_name;
