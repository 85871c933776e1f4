use std::collections::BTreeMap;

use crate::manifest::{self, Node, NodeKind};
use crate::model::{Diagnostic, FileId, Sources, Span};

/// Everything a run brings to a manifest.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// `--var NAME=VALUE`, in order; the last one wins.
    pub flags: Vec<(String, String)>,
    /// `--var-file FILE`, in order; the last one wins.
    pub files: Vec<VariableFile>,
    /// `OSC_VAR_NAME`, by name.
    pub process: BTreeMap<String, String>,
    /// The environment the run talks to.
    pub environment: String,
    /// The workspace, where somebody is signed in.
    pub workspace: Option<String>,
}

/// The values of variables in a file.
#[derive(Clone)]
pub struct VariableFile {
    values: BTreeMap<String, serde_yaml::Value>,
    places: BTreeMap<String, (Span, Span)>,
}

/// A variable file that cannot be used.
#[derive(Debug)]
pub struct VariableFileError(pub Box<Diagnostic>);

impl VariableFile {
    /// Reads a mapping of names to values; none of them is ever quoted in a message.
    ///
    /// # Errors
    /// When it is not YAML within the limits of a manifest, or not such a mapping.
    pub fn read(file: FileId, sources: &mut Sources) -> Result<Self, VariableFileError> {
        let text = sources
            .get(file)
            .map(|source| source.text.clone())
            .unwrap_or_default();
        // serde_yaml has no limit on what aliases repeat, so the limits are enforced here first.
        let tree = manifest::parse(file, &text).map_err(VariableFileError)?;
        let whole = tree.span;
        let places = entries(tree).ok_or_else(|| not_a_mapping(whole))?;
        for (_, value) in places.values() {
            sources.mask(*value);
        }
        let values = serde_yaml::from_str(&text).map_err(|error| {
            let at = error.location().map_or(whole, |at| {
                let start = u32::try_from(at.index()).unwrap_or_default();
                Span {
                    file,
                    start,
                    end: start,
                }
            });
            VariableFileError(Box::new(Diagnostic::error(
                at,
                "not a mapping of variables",
            )))
        })?;
        Ok(Self { values, places })
    }

    pub(super) fn values(&self) -> impl Iterator<Item = (&str, &serde_yaml::Value)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The places of a name and its value.
    pub(super) fn place(&self, name: &str) -> (Span, Span) {
        self.places.get(name).copied().unwrap_or_default()
    }
}

impl std::fmt::Debug for VariableFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

fn entries(tree: Node) -> Option<BTreeMap<String, (Span, Span)>> {
    match tree.kind {
        NodeKind::Map(entries) => Some(
            entries
                .into_iter()
                .map(|(key, value)| (key.value, (key.span, value.span)))
                .collect(),
        ),
        NodeKind::Null => Some(BTreeMap::new()),
        _ => None,
    }
}

fn not_a_mapping(span: Span) -> VariableFileError {
    let help = "write one `name: value` a line";
    VariableFileError(Box::new(
        Diagnostic::error(span, "a variable file must be a mapping").help(help),
    ))
}
