use thiserror::Error;

/// What is wrong with a document.
///
/// Quotes nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VaultError {
    /// A later version wrote it; what it means is not known here.
    #[error("it was written by a newer osc-apply (format {version}); update osc-apply")]
    Newer {
        /// The version of its format.
        version: u64,
    },
    /// It is not a document of the kind at all, or not a whole one.
    #[error("it is not a document of osc-apply (line {line}, column {column})")]
    Malformed {
        /// Where reading it ended, from 1.
        line: usize,
        /// The same within the line.
        column: usize,
    },
    /// It has the shape and makes no sense.
    #[error("it is not a document of osc-apply: {0}")]
    Wrong(&'static str),
}
