//! The same for programs: versioned documents, one JSON value a line.
//!
//! Invariants: every document begins with `format` and `version`, and the order of its fields
//! is stable; fields are added within a version, and renamed or removed only with a new one;
//! a sensitive value is `{"sensitive":true}`, one not known yet `{"known_after_apply":true}`;
//! control characters are escaped, also those that JSON would let through.
//!
//! - `document`: what all documents have in common, and how they are written
//! - `value`: values of options and outputs
//! - `plan`, `event`, `outcome`, `findings`, `lists`, `import`, `signed_in`, `whoami`: one file for
//!   each kind

mod document;
mod event;
mod findings;
mod import;
mod lists;
mod outcome;
mod plan;
mod signed_in;
mod value;
mod whoami;

pub use event::event;
pub use findings::findings;
pub use import::{ImportBody, OmittedRow, import};
pub use lists::{FaultRow, bare, faults, logs, outputs, status};
pub use outcome::outcome;
pub use plan::plan;
pub use signed_in::{signed_in, signed_out};
pub use whoami::whoami;
