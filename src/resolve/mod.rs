//! [`Manifest`](crate::manifest::Manifest) and inputs to [`Desired`]: every variable filled in,
//! every option checked against the catalog, every edge known.
//!
//! Invariants: pure and offline; every finding is collected and has a place; a value that
//! depends on something live stays a [`Formula`] and is filled in later through a [`Scope`];
//! no finding quotes a secret.
//!
//! - `inputs`, `variables`: where the values of variables come from
//! - `engine`: the expression language
//! - `formula`: a YAML value with expressions in it
//! - `reference`: what an expression refers to
//! - `scope`: what expressions can see
//! - `literal`: what an expression evaluates to
//! - `options`: options flattened and named as the catalog names them
//! - `check`: values against the catalog's types, enums and patterns
//! - `instances`: one instance's name, service, readiness and options
//! - `graph`: order and cycles
//! - `desired`: the result

mod check;
mod desired;
mod engine;
mod formula;
mod graph;
mod inputs;
mod instances;
mod literal;
mod options;
mod reference;
mod run;
mod scope;
mod variables;

pub use check::check;
pub use desired::{Desired, DesiredInstance, DesiredOutput, OptionSetting, Origin, Setting};
pub use formula::{EvaluationError, Formula, Value};
pub use inputs::{Inputs, VariableFile, VariableFileError};
pub use literal::Literal;
pub use reference::{Attribute, Reference};
pub use run::{resolve, variable_names};
pub use scope::Scope;
