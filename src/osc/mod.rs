//! The platform in our own words: where it is, how it is asked, and what its answers mean.
//!
//! A [`Session`] joins the hosts, the token, a way to send requests and a clock. [`ReadApi`]
//! asks about instances, [`WriteApi`] changes them; whoever must not change anything is given
//! a [`ReadApi`] only.
//!
//! # Invariants
//! - The access token goes to the hosts of [`Hosts`] only, a service token to the origin of the
//!   service's `apiUrl` and to that of the visited instance only, and redirects are not followed. Credentials never appear in an
//!   error, in `Debug` or in a log.
//! - An answer that could not be read is an [`Error`]; only an answer that says so is taken for
//!   an absent instance ([`Class::Absent`]).
//! - Reads are repeated a few times, and so are changes of which twice is as good as once; others
//!   only when the platform says that it has not taken them or when they were certainly not
//!   sent. No wait is without a limit.
//! - That a platform has no tags or no tenant secrets ([`Class::Unsupported`]) is believed after
//!   three answers in a row that there is no such route, never after one.
//! - What the platform writes is made printable and short before it becomes part of an error,
//!   and loses every secret that the request carried.
//!
//! # Files
//! - `role`: the platform's hosts and their overrides, `hosts`: base URLs, and which `apiUrl`s
//!   are trusted
//! - `exchange`: the seam between asking and sending, `dialer` and `network`: real HTTP,
//!   `diagnosis`: what went wrong on the way
//! - `clock`: wall-clock time that a paused test clock steers
//! - `claims`: what an access token says about itself, `access`: one that is replaced in time
//! - `call`: a request and its answer, `session`: sending it with credential, retries and log
//!   line, `session/visit`: asking an instance itself; `token`: service tokens; `retry`: when and
//!   how long to wait, `budget`: how often in all, `courtesy`: what polls owe; `conceal`: secrets taken
//!   out of what is shown, `discretion`: those that a session knows of
//! - `body`: what kind of text an answer is, `classify`: what it means, `error`: the result
//! - `instance`, `suspended`, `tags`, `tenant_plan`: the nouns, `wire`: their JSON, `routes`: their URLs,
//!   `endpoint`: where an instance is reached
//! - `read_api`, `write_api`: the questions and the changes; those about tags and secrets, and
//!   the changes to suspended instances, each in a file below them

mod access;
mod body;
mod budget;
mod call;
mod claims;
mod classify;
mod clock;
mod conceal;
mod courtesy;
mod diagnosis;
mod dialer;
mod discretion;
mod endpoint;
mod error;
mod exchange;
mod hosts;
mod instance;
mod network;
mod read_api;
mod retry;
mod role;
mod routes;
mod session;
mod suspended;
mod tags;
mod tenant_plan;
#[cfg(test)]
mod testing;
mod token;
mod wire;
mod write_api;

pub use access::{Renew, Renewed, Renewing};
pub use claims::{Claims, ClaimsError};
pub use clock::Clock;
pub use conceal::conceal;
pub use dialer::Dialer;
pub use endpoint::endpoint;
pub use error::{Class, Error};
pub use exchange::{Dialing, Exchange, Exchanging, Stream, TransportError, TransportKind};
pub use hosts::{HostError, Hosts, UntrustedUrl, base_url, below};
pub use instance::{Health, Instance, Links, Options, Subscription};
pub use network::Network;
pub use read_api::ReadApi;
pub use role::{HostOverrides, Role};
pub use routes::LogRange;
pub use session::visit::Visit;
pub use session::{Pacing, Session};
pub use suspended::Suspended;
pub use tags::Tagged;
pub use tenant_plan::TenantPlan;
pub use write_api::WriteApi;
