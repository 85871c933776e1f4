use std::collections::HashSet;

use super::{Node, NodeKind, Spanned};
use crate::model::{Diagnostic, Span};

/// Up to here, looking through the entries is cheaper than keeping a set of them.
const SMALL: usize = 16;

/// The longest key; findings quote them.
const MAX_KEY: usize = 256;

/// A list or mapping whose end has not been read yet.
pub(super) struct Open {
    pub(super) span: Span,
    pub(super) anchor: usize,
    pub(super) content: Content,
}

pub(super) enum Content {
    List(Vec<Node>),
    Map(OpenMap),
}

/// The entries of a mapping so far.
#[derive(Default)]
pub(super) struct OpenMap {
    entries: Vec<(Spanned<String>, Node)>,
    seen: HashSet<String>,
    key: Key,
}

/// What the next node of a mapping is.
#[derive(Default)]
enum Key {
    /// A key.
    #[default]
    Next,
    /// The value of this key.
    Of(Spanned<String>),
    /// The value of a key that has been refused.
    Refused,
}

/// A key that cannot stand there.
pub(super) struct Refusal {
    pub(super) diagnostic: Diagnostic,
    /// Whether what is left would be misread without the entry.
    pub(super) breaks: bool,
}

impl Content {
    /// The whole value.
    pub(super) fn close(self) -> NodeKind {
        match self {
            Self::List(items) => NodeKind::List(items),
            Self::Map(map) => NodeKind::Map(map.entries),
        }
    }
}

impl OpenMap {
    /// Takes the next key or value; the entry of a refused key is left out.
    pub(super) fn take(&mut self, node: Node) -> Result<(), Box<Refusal>> {
        match std::mem::take(&mut self.key) {
            Key::Of(key) => {
                self.entries.push((key, node));
                Ok(())
            }
            Key::Refused => Ok(()),
            Key::Next => {
                self.key = Key::Refused;
                self.key = Key::Of(self.accept(node)?);
                Ok(())
            }
        }
    }

    fn accept(&mut self, node: Node) -> Result<Spanned<String>, Box<Refusal>> {
        let span = node.span;
        let value = match node.kind {
            NodeKind::Text(text) | NodeKind::Number(text) => text,
            other => {
                let message = format!("a key must be text, this is {}", other.word());
                return Err(refusal(Diagnostic::error(span, message), true));
            }
        };
        if value.len() > MAX_KEY {
            let message = format!("a key has at most {MAX_KEY} characters");
            return Err(refusal(Diagnostic::error(span, message), true));
        }
        if value == "<<" {
            let message = "merge keys (`<<`) are not part of YAML 1.2";
            let finding = Diagnostic::error(span, message).help("write the entries out");
            return Err(refusal(finding, true));
        }
        if let Some(first) = self.first(&value) {
            let message = format!("the key `{value}` stands here twice");
            let finding = Diagnostic::error(span, message).related(first, "first here");
            return Err(refusal(finding, false));
        }
        Ok(Spanned { value, span })
    }

    /// The place of the key where it has been seen before.
    fn first(&mut self, key: &str) -> Option<Span> {
        let place = |entries: &[(Spanned<String>, Node)]| {
            let entry = entries.iter().find(|(known, _)| known.value == key);
            entry.map(|(known, _)| known.span)
        };
        if self.entries.len() < SMALL {
            return place(&self.entries);
        }
        if self.seen.is_empty() {
            let keys = self.entries.iter().map(|(known, _)| known.value.clone());
            self.seen.extend(keys);
        }
        if self.seen.insert(key.to_owned()) {
            return None;
        }
        place(&self.entries)
    }
}

fn refusal(diagnostic: Diagnostic, breaks: bool) -> Box<Refusal> {
    Box::new(Refusal { diagnostic, breaks })
}
