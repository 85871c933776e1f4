//! How the platform misbehaves when told to (API notes 6.2, 13, 15).
//!
//! A fault is one kind of misbehaviour with a target and a measure: how many requests it meets,
//! how many it spares first, how likely it is, how long it lasts. [`Faults`] is a list of them
//! with its own counters; it draws no random numbers, so the same faults, seed and sequence of
//! requests give the same misbehaviour. The first fault of the list that strikes is the only one.
//!
//! | file | what is in it |
//! |---|---|
//! | `kind` | what a kind of fault consists of |
//! | `kinds` | every kind, by what it is about |
//! | `fault` | one fault as asked for, and its text form |
//! | `target` | what a fault is aimed at |
//! | `subject` | what a request is about, as far as a fault minds |
//! | `armed` | one fault with its counters, and whether it strikes |
//! | `list` | the faults of a sandbox |
//! | `strike` | carrying one out |
//! | `answers` | what the misbehaving platform says |

mod answers;
mod armed;
mod fault;
mod kind;
mod kinds;
mod list;
mod strike;
mod subject;
mod target;

pub(super) use subject::Subject;

pub use fault::{Fault, FaultError};
pub use kind::FaultKind;
pub use list::Faults;
