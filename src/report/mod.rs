//! Everything a person or a program sees: findings, plans, progress, outcomes, outputs, status.
//!
//! Invariants: writes only into what it is given and looks at no terminal, environment or
//! clock, except for [`Progress::live`], which draws on standard error; the same input gives the
//! same bytes; a sensitive value is never shown, in text or JSON; text from the platform or the
//! manifest reaches a terminal only without control characters; names and addresses are never
//! cut.
//!
//! - `look`: colour and width, as the caller decided them
//! - `ink`: what each colour means
//! - `measure`: how wide text is, cut and wrapped
//! - `page`: lines, flowing headings and labelled fields on a writer
//! - `duration`: times as people read them
//! - `action`: symbols and words of actions
//! - `value`: a value as far as it may be shown
//! - `findings`: what is wrong with a manifest, and where; `problem`: why a command could not
//!   do its work, or may not come to its end
//! - `plan`: what would change, and why
//! - `hold`: why something is held back, and what would let it go
//! - `outcome`: what became of a plan, and how to go on
//! - `outputs`, `status`: aligned lists; `signed_in`: a new sign-in; `whoami`: who is signed in
//! - `progress`: what happens while it happens
//! - `json`: the same for programs

mod action;
mod duration;
mod findings;
mod hold;
mod ink;
pub mod json;
mod look;
mod measure;
mod outcome;
mod outputs;
mod page;
mod plan;
mod problem;
mod progress;
mod signed_in;
mod status;
#[cfg(test)]
mod tests;
mod value;
mod whoami;

pub use findings::findings;
pub use look::Look;
pub use outcome::outcome;
pub use outputs::outputs;
pub use plan::plan;
pub use problem::{ending, problem, warning};
pub use progress::{Progress, interrupted};
pub use signed_in::{SignedIn, signed_in};
pub use status::{StatusRow, status};
pub use whoami::{Expiry, WhoAmI, whoami};
