use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle, ScanError, options};

use super::{Node, NodeKind, Spanned, scalar};
use crate::model::{Diagnostic, FileId, Span};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 8 << 20;

const MAX_DEPTH: usize = 128;
/// What all aliases of a file may repeat. Counted in bytes: a node may be of any size.
const MAX_ALIAS_BYTES: usize = 1 << 20;
/// What a node weighs beside its text.
const NODE_BYTES: usize = size_of::<Node>();

type Fault = Box<Diagnostic>;

/// Reads one YAML document into located nodes.
///
/// Strict: duplicate keys, merge keys, tags, keys that are not text and a second document are
/// errors at their place. Nesting is limited to 128 levels and aliases may repeat 1 MiB in all.
///
/// # Errors
/// The first thing that does not hold.
pub fn parse(file: FileId, text: &str) -> Result<Node, Fault> {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    if text.len() > MAX_BYTES {
        let message = format!("the file is larger than {} MiB", MAX_BYTES >> 20);
        return Err(fault(
            Span {
                file,
                start: 0,
                end: 0,
            },
            message,
        ));
    }
    let options = options! {
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut builder = Builder {
        file,
        end,
        ..Builder::default()
    };
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = next.map_err(|error| builder.syntax_fault(&error))?;
        let span = builder.span(span);
        builder.take(event, span)?;
    }
    builder.root.ok_or_else(|| {
        let help = "a manifest begins with `version: 1`, `stack: NAME` and `instances:`";
        Box::new(
            Diagnostic::error(
                Span {
                    file,
                    start: 0,
                    end: 0,
                },
                "the file is empty",
            )
            .help(help),
        )
    })
}

/// Nodes that are still open, innermost last.
enum Open {
    List {
        span: Span,
        anchor: usize,
        items: Vec<Node>,
    },
    Map(OpenMap),
}

struct OpenMap {
    span: Span,
    anchor: usize,
    entries: Vec<(Spanned<String>, Node)>,
    seen: HashSet<String>,
    key: Option<Spanned<String>>,
}

#[derive(Default)]
struct Builder {
    file: FileId,
    end: u32,
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    alias_bytes: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                refuse_tag(tag.is_some(), span)?;
                let kind = match style {
                    ScalarStyle::Plain => scalar::plain(&text),
                    _ => NodeKind::Text(text.into_owned()),
                };
                self.complete(Node { span, kind }, anchor)
            }
            Event::Alias(anchor) => self.repeat(anchor, span),
            Event::SequenceStart(_, anchor, tag) => {
                refuse_tag(tag.is_some(), span)?;
                self.go_deeper(
                    Open::List {
                        span,
                        anchor,
                        items: Vec::new(),
                    },
                    span,
                )
            }
            Event::MappingStart(_, anchor, tag) => {
                refuse_tag(tag.is_some(), span)?;
                let map = OpenMap {
                    span,
                    anchor,
                    entries: Vec::new(),
                    seen: HashSet::new(),
                    key: None,
                };
                self.go_deeper(Open::Map(map), span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::DocumentStart(..) if self.root.is_some() => Err(fault(
                span,
                "a manifest is one document: this is a second one",
            )),
            _ => Ok(()),
        }
    }

    fn go_deeper(&mut self, open: Open, span: Span) -> Result<(), Fault> {
        if self.open.len() >= MAX_DEPTH {
            return Err(fault(
                span,
                format!("nested more than {MAX_DEPTH} levels deep"),
            ));
        }
        self.open.push(open);
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Fault> {
        let (mut span, anchor, kind) = match self.open.pop() {
            Some(Open::List {
                span,
                anchor,
                items,
            }) => (span, anchor, NodeKind::List(items)),
            Some(Open::Map(map)) => (map.span, map.anchor, NodeKind::Map(map.entries)),
            None => return Ok(()),
        };
        span.end = end.end.max(span.end);
        self.complete(Node { span, kind }, anchor)
    }

    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map(map)) => map.take(node)?,
        }
        Ok(())
    }

    fn repeat(&mut self, anchor: usize, span: Span) -> Result<(), Fault> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(fault(span, "this alias stands inside what it repeats"));
        };
        self.alias_bytes += weight(node);
        if self.alias_bytes > MAX_ALIAS_BYTES {
            let message = format!(
                "aliases repeat more than {} MiB in this file",
                MAX_ALIAS_BYTES >> 20
            );
            return Err(fault(span, message));
        }
        let node = node.clone();
        self.complete(node, 0)
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        let byte = |marker: granit_parser::Marker| {
            u32::try_from(marker.byte_offset().unwrap_or_default()).unwrap_or(self.end)
        };
        Span {
            file: self.file,
            start: byte(span.start),
            end: byte(span.end),
        }
    }

    fn syntax_fault(&self, error: &ScanError) -> Fault {
        let at = error
            .marker()
            .byte_offset()
            .and_then(|at| u32::try_from(at).ok());
        let at = at.unwrap_or(self.end).min(self.end);
        let span = Span {
            file: self.file,
            start: at,
            end: (at + 1).min(self.end),
        };
        fault(span, format!("not valid YAML: {}", error.info()))
    }
}

impl OpenMap {
    fn take(&mut self, node: Node) -> Result<(), Fault> {
        if let Some(key) = self.key.take() {
            self.entries.push((key, node));
            return Ok(());
        }
        let key = match node.kind {
            NodeKind::Text(text) | NodeKind::Number(text) => text,
            other => {
                let message = format!("a key must be text, this is {}", other.word());
                return Err(fault(node.span, message));
            }
        };
        if key == "<<" {
            return Err(fault(
                node.span,
                "merge keys (`<<`) are not part of YAML 1.2",
            ));
        }
        if !self.seen.insert(key.clone()) {
            let first = self.entries.iter().find(|(known, _)| known.value == key);
            let first = first.map_or(node.span, |(known, _)| known.span);
            let message = format!("the key `{key}` stands here twice");
            return Err(Box::new(
                Diagnostic::error(node.span, message).related(first, "first here"),
            ));
        }
        self.key = Some(Spanned {
            value: key,
            span: node.span,
        });
        Ok(())
    }
}

fn weight(node: &Node) -> usize {
    NODE_BYTES
        + match &node.kind {
            NodeKind::Null | NodeKind::Boolean(_) => 0,
            NodeKind::Number(text) | NodeKind::Text(text) => text.len(),
            NodeKind::List(items) => items.iter().map(weight).sum(),
            NodeKind::Map(entries) => entries
                .iter()
                .map(|(key, value)| key.value.len() + NODE_BYTES + weight(value))
                .sum(),
        }
}

fn refuse_tag(tagged: bool, span: Span) -> Result<(), Fault> {
    if tagged {
        Err(fault(span, "tags (`!name`) mean nothing in a manifest"))
    } else {
        Ok(())
    }
}

fn fault(span: Span, message: impl Into<String>) -> Fault {
    Box::new(Diagnostic::error(span, message))
}
