//! What is printed, byte for byte.

mod builder;
mod differences;
mod fields;
mod findings;
mod holds;
mod json;
mod lists;
mod outcome;
mod plan;
mod progress;
mod secrets;
mod signed_in;
mod suspension;
mod whoami;
