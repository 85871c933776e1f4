use std::collections::BTreeMap;

use secrecy::SecretString;

use super::Literal;
use crate::manifest::{self, Node, NodeKind, Spanned};
use crate::model::{Diagnostic, FileId, Sources, Span};

/// Everything a run brings to a manifest. Without `Debug`: the values may be secrets.
#[derive(Clone, Default)]
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
    /// `--stack NAME`, which wins over the manifest.
    pub stack: Option<String>,
    /// What the run was given for secrets with `env`, `file`, `command` or `access_token`, by
    /// name.
    pub secrets: BTreeMap<String, GivenSecret>,
}

/// What a run was given for a secret. Without `Debug`.
#[derive(Clone)]
pub enum GivenSecret {
    /// Its value.
    Value(SecretString),
    /// Nothing: why, and what to do.
    Missing(String),
}

/// The values of variables in a file.
#[derive(Clone)]
pub struct VariableFile {
    values: BTreeMap<String, FileValue>,
}

/// One value of a variable file.
#[derive(Clone)]
pub(super) struct FileValue {
    /// The place of its name.
    pub(super) key: Span,
    /// The place of the value.
    pub(super) span: Span,
    pub(super) literal: Literal,
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
        let tree = manifest::parse(file, &text).map_err(|fault| {
            // What cannot be read may hold a secret anywhere.
            sources.mask(whole(file, &text));
            VariableFileError(fault)
        })?;
        let entries = entries(tree).inspect_err(|_| sources.mask(whole(file, &text)))?;
        for (_, node) in &entries {
            sources.mask(node.span);
        }
        let values: Option<serde_yaml::Mapping> =
            serde_yaml::from_str(&text).map_err(|_| not_a_mapping(whole(file, &text)))?;
        let values = values.unwrap_or_default();
        // Both readers keep the order, and names that stand twice have been refused.
        let values = entries
            .into_iter()
            .zip(values.values())
            .map(|((key, node), value)| {
                let value = FileValue {
                    key: key.span,
                    span: node.span,
                    literal: literal(value, &node),
                };
                (key.value, value)
            });
        Ok(Self {
            values: values.collect(),
        })
    }

    pub(super) fn values(&self) -> impl Iterator<Item = (&str, &FileValue)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    pub(super) fn value(&self, name: &str) -> Option<&FileValue> {
        self.values.get(name)
    }
}

impl std::fmt::Debug for VariableFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

type Entries = Vec<(Spanned<String>, Node)>;

fn entries(tree: Node) -> Result<Entries, VariableFileError> {
    match tree.kind {
        NodeKind::Map(entries) => Ok(entries),
        NodeKind::Null => Ok(Vec::new()),
        _ => Err(not_a_mapping(tree.span)),
    }
}

/// The value that serde_yaml has read, with a number's digits as they stand in the file: `1.10`
/// may well be a version. A mapping becomes null, which no variable takes.
fn literal(value: &serde_yaml::Value, node: &Node) -> Literal {
    match (value, &node.kind) {
        (serde_yaml::Value::Number(_), NodeKind::Number(digits)) => Literal::Number(digits.clone()),
        (serde_yaml::Value::Number(number), _) => Literal::Number(number.to_string()),
        (serde_yaml::Value::Bool(value), _) => Literal::Boolean(*value),
        (serde_yaml::Value::String(text), _) => Literal::Text(text.clone()),
        (serde_yaml::Value::Sequence(items), NodeKind::List(nodes)) => {
            let items = items.iter().zip(nodes);
            Literal::List(items.map(|(item, node)| literal(item, node)).collect())
        }
        _ => Literal::Null,
    }
}

fn whole(file: FileId, text: &str) -> Span {
    Span {
        file,
        start: 0,
        end: u32::try_from(text.len()).unwrap_or(u32::MAX),
    }
}

fn not_a_mapping(span: Span) -> VariableFileError {
    let help = "write one `name: value` a line";
    VariableFileError(Box::new(
        Diagnostic::error(span, "a variable file must be a mapping").help(help),
    ))
}
