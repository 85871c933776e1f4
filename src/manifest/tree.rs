use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Tag, options};

use super::limits::{Budget, MAX_BYTES, MAX_DEPTH};
use super::open::{Content, Open, OpenMap};
use super::{Node, NodeKind, scalar};
use crate::model::{Diagnostic, Diagnostics, FileId, Span};

type Fault = Box<Diagnostic>;

/// Reads one YAML document into located nodes.
///
/// Strict: duplicate keys, merge keys, tags, keys that are not text and a second document are
/// errors at their place. Nesting is limited to 128 levels, a file to a million values, and
/// what anchors and aliases repeat to 1 MiB in all. A file with nothing in it is null.
///
/// # Errors
/// The first thing that does not hold.
pub fn parse(file: FileId, text: &str) -> Result<Node, Fault> {
    let mut found = Diagnostics::default();
    let root = read(file, text, &mut found);
    match (found.sorted().first(), root) {
        (None, Some(root)) => Ok(root),
        (Some(first), _) => Err(Box::new((*first).clone())),
        (None, None) => Err(fault(start_of(file), "not valid YAML")),
    }
}

/// The same with every finding. Returns the tree where what is left of it means what the author
/// meant, so that later findings about it are no echoes of these.
pub(super) fn read(file: FileId, text: &str, found: &mut Diagnostics) -> Option<Node> {
    if text.len() > MAX_BYTES {
        let message = format!("the file is larger than {} MiB", MAX_BYTES >> 20);
        found.push(Diagnostic::error(start_of(file), message));
        return None;
    }
    let options = options! {
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut builder = Builder {
        file,
        text,
        found,
        open: Vec::new(),
        root: None,
        anchors: HashMap::new(),
        budget: Budget::default(),
        broken: false,
    };
    for next in Parser::new_from_str_with_options(text, options) {
        let taken = next
            .map_err(|error| builder.syntax_fault(&error))
            .and_then(|(event, span)| {
                let span = builder.span(span);
                builder.take(event, span)
            });
        if let Err(fault) = taken {
            builder.found.push(*fault);
            return None;
        }
    }
    let nothing = Node {
        span: start_of(file),
        kind: NodeKind::Null,
    };
    (!builder.broken).then(|| builder.root.unwrap_or(nothing))
}

struct Builder<'t> {
    file: FileId,
    text: &'t str,
    found: &'t mut Diagnostics,
    /// Nodes that are still open, innermost last.
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    budget: Budget,
    broken: bool,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                let kind = match style {
                    ScalarStyle::Plain => scalar::plain(text),
                    _ => NodeKind::Text(text.into_owned()),
                };
                self.complete(Node { span, kind }, anchor)
            }
            Event::Alias(anchor) => self.repeat(anchor, span),
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                self.go_deeper(span, anchor, Content::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                self.go_deeper(span, anchor, Content::Map(OpenMap::default()))
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::DocumentStart(..) if self.root.is_some() => {
                let message = "a manifest is one document: this is a second one";
                Err(fault(span, message))
            }
            _ => Ok(()),
        }
    }

    fn go_deeper(&mut self, span: Span, anchor: usize, content: Content) -> Result<(), Fault> {
        if self.open.len() >= MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(fault(span, message));
        }
        self.open.push(Open {
            span,
            anchor,
            content,
        });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let span = Span {
            end: end.end.max(open.span.end),
            ..open.span
        };
        let kind = open.content.close();
        self.complete(Node { span, kind }, open.anchor)
    }

    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        let span = node.span;
        let over = |message| fault(span, message);
        self.budget.count().map_err(over)?;
        if anchor != 0 {
            self.budget.repeat(&node).map_err(over)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map(map)) => {
                if let Err(refusal) = map.take(node) {
                    self.broken |= refusal.breaks;
                    self.found.push(refusal.diagnostic);
                }
            }
        }
        Ok(())
    }

    fn repeat(&mut self, anchor: usize, span: Span) -> Result<(), Fault> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(fault(span, "this alias stands inside what it repeats"));
        };
        self.budget
            .repeat(node)
            .map_err(|message| fault(span, message))?;
        let node = node.clone();
        self.complete(node, 0)
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, span: Span) {
        if tag.is_some() {
            let message = "tags (`!name`) mean nothing in a manifest";
            self.found.push(Diagnostic::error(span, message));
        }
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        let byte = |marker: granit_parser::Marker| {
            byte(marker.byte_offset().unwrap_or_default()).min(byte(self.text.len()))
        };
        Span {
            file: self.file,
            start: byte(span.start),
            end: byte(span.end),
        }
    }

    fn syntax_fault(&self, error: &ScanError) -> Fault {
        let end = self.text.len();
        let at = error.marker().byte_offset().unwrap_or(end).min(end);
        let one = self.text.get(at..).and_then(|rest| rest.chars().next());
        let span = Span {
            file: self.file,
            start: byte(at),
            end: byte(at + one.map_or(0, char::len_utf8)),
        };
        fault(span, format!("not valid YAML: {}", error.info()))
    }
}

fn byte(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn start_of(file: FileId) -> Span {
    Span {
        file,
        start: 0,
        end: 0,
    }
}

fn fault(span: Span, message: impl Into<String>) -> Fault {
    Box::new(Diagnostic::error(span, message))
}
