//! Where the access token comes from.
//!
//! [`locate`] finds it, reads what it says about itself and refuses one that has ended. A token
//! is never part of an error or of `Debug`.
//!
//! - `pat`: the token, its [`Source`] and how both are found
//! - `error`: why there is none, in words
//! - `ago`: how long ago something was

mod ago;
mod error;
mod pat;

pub use error::AuthError;
pub use pat::{Pat, Source, locate};
