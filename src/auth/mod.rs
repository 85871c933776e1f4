//! Where the access token comes from: asked for in a browser, kept, renewed, found again.
//!
//! [`locate`] finds a token, reads what it says about itself and refuses one that has ended.
//! [`Login`] asks for one (OAuth 2.0 authorization code with PKCE), [`Store`] keeps it, [`Renewal`]
//! replaces it while a session lasts.
//!
//! # Invariants
//! - No token, code, verifier or client secret is part of an error, of `Debug`, of a log line or
//!   of a URL, but for the code in the callback's own address.
//! - A code and a refresh token are sent once, to the endpoint that they are for.
//! - A sign-in is used with the very hosts it was made with ([`Site`]).
//! - The listener is on loopback addresses only, and gone when the sign-in ends.
//!
//! # Files
//! - `pat`: the token, its [`Source`] and how both are found
//! - `login`: asking; `client`: as whom, `registration`: as a new one, `pkce`: proof of being the
//!   one who asked, `server`: where, `callback`, `listener` and `page`: the way back, `grant`: the
//!   token endpoint, `transport`: forms and documents
//! - `sign_in`: what is kept, `store`: where, `renewal`: its next state, `logout`: its end
//! - `error`: why there is none, in words
//! - `ago`: how long ago something was

mod ago;
mod callback;
mod client;
mod error;
mod grant;
mod listener;
mod login;
mod logout;
mod page;
mod pat;
mod pkce;
mod registration;
mod renewal;
mod server;
mod sign_in;
mod store;
#[cfg(test)]
mod testing;
mod transport;

pub use client::{Client, Registration};
pub use error::AuthError;
pub use grant::GrantError;
pub use login::{Agreed, Identity, Login, PATIENCE};
pub use logout::{Revoked, forget_all, logout, revoke};
pub use pat::{Pat, Places, Source, locate};
pub use renewal::Renewal;
pub use sign_in::{SignIn, Site};
pub use store::{Kept, Place, Store, StoreError};
pub use transport::Refusal;

/// Keeps a sign-in, in place of one to the same workspace at the same site.
///
/// # Errors
/// Where it can be kept nowhere.
pub async fn keep(store: &Store, site: &Site, sign_in: &SignIn) -> Result<Kept, StoreError> {
    let lock = store.lock().await?;
    store.keep(&lock, site, sign_in)
}
