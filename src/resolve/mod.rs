//! [`Manifest`](crate::manifest::Manifest) and inputs to [`Desired`]: every variable filled in,
//! every option checked against the catalog, every edge known.
//!
//! Invariants: pure and offline; every finding is collected and has a place; a value that
//! depends on something live stays a [`Formula`] and is filled in later through a [`Scope`];
//! no finding quotes a secret.
//!
//! - `run`: the order of the steps
//! - `inputs`, `variables`: where the values of variables come from
//! - `expression`: one `${…}`
//! - `formula`: a YAML value with expressions in it
//! - `reference`: what an expression refers to
//! - `literal`: what an expression comes to
//! - `scope`, `facts`: what expressions can see
//! - `draft`, `options`: an instance compiled, its options named as the catalog names them
//! - `dangling`: references to what does not exist
//! - `secrets`: where the values of secrets come from; `composed`: those made of others
//! - `secret_variables`: which variables hold secrets; `plain_secret`: secrets that stand in the
//!   manifest as they are
//! - `fixed`, `name`: what must be known before anything is read
//! - `graph`, `cycle`: order, and what has none
//! - `settle`, `check`: options evaluated and held against the catalog
//! - `ready`: when an instance counts as ready
//! - `outputs`: what is printed at the end
//! - `removed`: what is to be deleted by name
//! - `desired`: the result

mod check;
mod composed;
mod cycle;
mod dangling;
mod desired;
mod draft;
mod expression;
mod facts;
mod fixed;
mod formula;
mod graph;
mod inputs;
mod literal;
mod name;
mod options;
mod outputs;
mod plain_secret;
mod ready;
mod reference;
mod removed;
mod run;
mod scope;
mod secret_variables;
mod secrets;
mod settle;
mod variables;

#[cfg(test)]
mod tests;

pub use check::check;
pub use desired::{
    Desired, DesiredInstance, DesiredOutput, DesiredSecret, OptionSetting, Origin, Removed,
    SecretSource, Setting,
};
pub use formula::{EvaluationError, Formula, Value};
pub use inputs::{GivenSecret, Inputs, VariableFile, VariableFileError};
pub use literal::Literal;
pub use name::is_stack_name;
pub use reference::{Attribute, Reference};
pub use run::resolve;
pub use scope::Scope;
