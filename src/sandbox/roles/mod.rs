//! The platform's own hosts that take a personal access token.

pub(crate) mod catalog;
pub(crate) mod deploy;
pub(crate) mod money;
pub(crate) mod token;
