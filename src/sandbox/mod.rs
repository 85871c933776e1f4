//! Eyevinn Open Source Cloud, emulated: a function from a world, a clock reading and a request
//! to an answer, with thin shells around it.
//!
//! Invariants:
//!
//! - [`answer()`] does no I/O, reads no clock and draws no random numbers; the same world, rules,
//!   time and request always give the same answer. It never panics, whatever the request.
//!   [`answer_with()`] is the same with [`Faults`], which count what they meet.
//! - A request takes effect at the moment it is answered. What happens later by itself (an
//!   instance becomes healthy, its ports appear, a deleted one vanishes) is derived from stored
//!   times when somebody looks, so reading never writes (a fault may).
//! - Credentials are real: tokens are signed, and verified on every request.
//! - Nothing here is shared with the client side of this crate, so that both cannot be wrong in
//!   the same way. The only common ground is the catalog's data file.
//!
//! Map:
//!
//! | file | what is in it |
//! |---|---|
//! | `world` | the state: workspaces, the signing key |
//! | `workspace` | a workspace's state: subscriptions, instances, tags, secrets |
//! | `instance` | one instance and what it looks like at a given time |
//! | `external_port` | where instances are reached without HTTP |
//! | `suspension` | stopping idle instances, and bringing them back |
//! | `secrets` | values entrusted to the platform, and what instances read of them |
//! | `tags` | tags on resources |
//! | `rules` | how fast things happen, at which addresses, and with which quirks |
//! | `addressing`, `destination` | addresses written into documents; the way back from a request |
//! | `catalog` | every service that can be run, from the data file |
//! | `answer` | the function, and the dispatch to what follows |
//! | `faults` | how the platform misbehaves when told to |
//! | `call`, `reply`, `request_body` | a request at its destination; answers in OSC's styles; Fastify's reading of bodies |
//! | `credentials`, `jwt` | PAT and SAT: issuing and checking |
//! | `roles` | the platform's own hosts: catalog, token, deploy, money |
//! | `oauth` | the console's OAuth server: signing in, tokens for apps |
//! | `service_api` | the API each service has for its instances |
//! | `instance_host` | the instances themselves, as far as they answer at all |
//! | `bare` | connections to instances that speak something else than HTTP |
//! | `folder` | a world kept in a directory, shared by processes |
//! | `shell` | the function served over HTTP and TLS |

mod addressing;
mod answer;
mod bare;
mod call;
mod catalog;
mod credentials;
mod destination;
mod external_port;
mod faults;
mod folder;
mod instance;
mod instance_host;
mod jwt;
mod moment;
mod oauth;
mod reply;
mod request_body;
mod roles;
mod rules;
mod secrets;
mod service_api;
mod shell;
mod suspension;
mod tags;
mod workspace;
mod world;

#[cfg(test)]
mod tests;

pub use addressing::Addressing;
pub use answer::{Answer, Cut, answer, answer_with};
pub use bare::{Conversation, Dialed, Spoken, dial};
pub use faults::{Fault, FaultError, FaultKind, Faults};
pub use folder::{Folder, FolderError};
pub use oauth::{ClientCredentials, RegistrationError};
pub use rules::{Quirks, Rules, Timing};
pub use shell::{Clock, Local, Shell, ShellError, State, converse, serve, start_local};
pub use world::World;
