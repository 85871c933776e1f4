use std::io::{self, Write};

use serde::Serialize;

use super::document::write;

/// An imported manifest.
#[derive(Debug, Serialize)]
pub struct ImportBody<'a> {
    /// Its text, where it was not written into a file.
    pub manifest: Option<&'a str>,
    /// The file that it was written into.
    pub file: Option<&'a str>,
    /// The addresses of its instances.
    pub instances: &'a [String],
    /// The environment variables that hold what its secrets are to be.
    pub variables: &'a [String],
    /// What is not in it.
    pub omitted: Vec<OmittedRow<'a>>,
}

/// Something that is not in the manifest.
#[derive(Debug, Serialize)]
pub struct OmittedRow<'a> {
    /// What.
    pub what: &'a str,
    /// Why.
    pub why: &'a str,
}

/// Writes an imported manifest: `osc-apply/import`.
///
/// # Errors
/// When the writer fails.
pub fn import(out: &mut dyn Write, body: &ImportBody<'_>) -> io::Result<()> {
    write(out, "osc-apply/import", body)
}
