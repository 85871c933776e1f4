//! Every kind of fault, by what it is about; one file each.

mod change;
mod create;
mod endpoint;
mod health;
mod platform;
mod ports;
mod read;
mod sign_in;
mod token;

use super::kind::FaultKind;

/// All of them, in the order in which they are listed.
pub(super) const ALL: [&[FaultKind]; 9] = [
    create::KINDS,
    change::KINDS,
    read::KINDS,
    token::KINDS,
    sign_in::KINDS,
    health::KINDS,
    endpoint::KINDS,
    ports::KINDS,
    platform::KINDS,
];
