//! Nouns that three or more stages of the pipeline need.
//!
//! - [`Address`]: what a resource is called in output and flags
//! - [`OptionValue`]: one option of an instance in canonical form; cannot be printed when sensitive
//! - [`secret_reference`]: OSC's own way to refer to a secret
//! - [`sensitive`]: which names and texts are treated as secrets
//! - [`Sources`], [`Span`]: the files a run has read, and places in them
//! - [`Diagnostic`]: a finding about a place in a file
//! - [`Endpoint`]: where an instance can be reached
//! - [`Level`]: how ready an instance has to be; [`Readiness`]: when it is, and how long that may
//!   take
//! - [`Recipe`]: how a generated value is drawn
//! - [`nearest`]: the name a user most likely meant
//! - [`printable`], [`excerpt`]: text from outside made safe for a terminal, or short

mod address;
mod diagnostic;
mod endpoint;
mod level;
mod option_value;
mod printable;
mod readiness;
mod recipe;
mod secret_reference;
pub mod sensitive;
mod source;
mod suggest;

pub use address::Address;
pub use diagnostic::{Diagnostic, Diagnostics, Related, Severity};
pub use endpoint::{Endpoint, Port};
pub use level::Level;
pub use option_value::OptionValue;
pub use printable::{excerpt, printable};
pub use readiness::{HttpProbe, Probe, Readiness};
pub use recipe::{Characters, Recipe};
pub use secret_reference::secret_reference;
pub use source::{FileId, Position, Source, Sources, Span};
pub use suggest::nearest;
