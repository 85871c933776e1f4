//! YAML text to [`Manifest`]: shape and positions, no meaning.
//!
//! Invariants: every value keeps its place in its file; every finding is collected, so that one
//! run shows them all; hostile input (alias bombs, deep nesting, huge files) is refused within
//! fixed limits; nothing here looks at variables, the catalog or the platform.
//!
//! - `tree`: YAML events to located [`Node`]s
//! - `open`, `limits`: what is being read, and how much of it is put up with
//! - `node`, `scalar`: those nodes, and what a plain scalar means in YAML 1.2
//! - `document`: the manifest's types, from which the JSON Schema is made
//! - `fields`, `read`: nodes to those types
//! - `merge`: several files to one manifest
//! - `mask`: which places hold literal secrets and must not be quoted in messages
//! - `schema`: the JSON Schema for editors

mod document;
mod fields;
mod limits;
mod mask;
mod merge;
mod node;
mod open;
mod read;
mod scalar;
mod schema;
mod tree;

#[cfg(test)]
mod tests;

pub use document::{
    Data, DataOfRemoved, Instance, Manifest, Output, Prune, Ready, Removed, Secret, SecretSource,
    Variable, VariableType, WhileSuspended,
};
pub use limits::MAX_BYTES;
pub use node::{Node, NodeKind, Spanned};
pub use schema::schema;
pub use tree::parse;

use crate::model::{Diagnostic, Diagnostics, FileId, Sources};

/// Reads the manifest out of one or more files that are already among the sources.
///
/// Several files are one manifest: their sections are joined, and what stands in two of them
/// is an error that names both places. Returns whatever could be read, so that later stages can
/// add their findings; nothing where not even the YAML holds. From here on the sources know
/// which places hold literal secrets.
pub fn load(files: &[FileId], sources: &mut Sources, found: &mut Diagnostics) -> Option<Manifest> {
    let mut trees = Vec::new();
    for file in files {
        let text = sources.get(*file).map(|source| source.text.clone())?;
        match tree::read(*file, &text, found) {
            Some(tree) => trees.push(tree),
            None => mask::mask_unread(*file, &text, sources),
        }
    }
    mask::mask_secrets(&trees, sources);
    if trees.len() < files.len() {
        return None;
    }
    if trees.iter().all(|tree| tree.kind == NodeKind::Null) {
        let nothing = trees.first().map(|tree| tree.span).unwrap_or_default();
        let help = "a manifest begins with `version: 1`, `stack: NAME` and `instances:`";
        found.push(Diagnostic::error(nothing, "the file is empty").help(help));
        return None;
    }
    let tree = merge::merge(trees, found)?;
    read::manifest(tree, found)
}
