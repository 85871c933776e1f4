//! YAML text to [`Manifest`]: shape and positions, no meaning.
//!
//! Invariants: every value keeps its place in its file; every finding is collected, so that one
//! run shows them all; hostile input (alias bombs, deep nesting, huge files) is refused within
//! fixed limits; nothing here looks at variables, the catalog or the platform.
//!
//! - `tree`: YAML events to located [`Node`]s, with limits
//! - `scalar`: what a plain scalar means in YAML 1.2
//! - `document`: the manifest's types, from which the JSON Schema is made
//! - `fields`, `read`: nodes to those types
//! - `merge`: several files to one manifest
//! - `mask`: which places hold literal secrets and must not be quoted in messages
//! - `schema`: the JSON Schema for editors

mod document;
mod fields;
mod mask;
mod merge;
mod read;
mod scalar;
mod schema;
mod tree;

pub use document::{
    Data, Instance, Manifest, Node, NodeKind, Output, Ready, Spanned, Variable, VariableType,
};
pub use schema::schema;
pub use tree::{MAX_BYTES, parse};

use crate::model::{Diagnostics, FileId, Sources};

/// Reads the manifest out of one or more files that are already among the sources.
///
/// Several files are one manifest: their sections are joined, and what stands in two of them
/// is an error that names both places. Returns whatever could be read, so that later stages can
/// add their findings; nothing where not even the YAML holds.
pub fn load(files: &[FileId], sources: &mut Sources, found: &mut Diagnostics) -> Option<Manifest> {
    let mut trees = Vec::new();
    for file in files {
        let text = sources.get(*file).map(|source| source.text.clone())?;
        match parse(*file, &text) {
            Ok(tree) => trees.push(tree),
            Err(diagnostic) => found.push(*diagnostic),
        }
    }
    if trees.len() < files.len() {
        return None;
    }
    let tree = merge::merge(trees, found)?;
    mask::mask_secrets(&tree, sources);
    read::manifest(tree, found)
}
