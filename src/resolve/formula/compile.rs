use std::collections::HashSet;

use super::{Formula, Part, Shape, user_part};
use crate::manifest::{Node, NodeKind};
use crate::model::{Diagnostic, Diagnostics, Sources, Span};
use crate::resolve::Literal;
use crate::resolve::expression::{self, Piece, Unclosed, split};

/// The most pieces of a text, expressions and what is between them.
const MAX_PIECES: usize = 10_000;

impl Formula {
    /// Compiles a scalar or list; what does not compile is reported and gives nothing.
    pub(in crate::resolve) fn compile(
        node: &Node,
        sources: &Sources,
        found: &mut Diagnostics,
    ) -> Option<Self> {
        let shape = match &node.kind {
            NodeKind::Text(text) => compile_text(text, node.span, sources, found)?,
            NodeKind::List(items) => {
                let items: Vec<_> = items
                    .iter()
                    .map(|item| Self::compile(item, sources, found))
                    .collect();
                Shape::List(items.into_iter().collect::<Option<_>>()?)
            }
            scalar => match Literal::of_node(scalar) {
                Some(literal) => Shape::Literal(literal),
                None => {
                    let message = "this must be a single value or a list, this is a mapping";
                    found.push(Diagnostic::error(node.span, message));
                    return None;
                }
            },
        };
        Some(Self {
            span: node.span,
            shape,
        })
    }
}

fn compile_text(
    text: &str,
    span: Span,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<Shape> {
    if !text.contains("${") {
        return Some(Shape::Literal(Literal::Text(text.to_owned())));
    }
    let pieces = match split(text) {
        Ok(pieces) => pieces,
        Err(Unclosed(rest)) => {
            let at = match sources
                .text(span)
                .rfind(rest.lines().next().unwrap_or(rest))
            {
                Some(at) => span.part(at, rest.len()),
                None => span,
            };
            let help = "`${` begins an expression that ends with `}`; a literal `${` is `$${`";
            found.push(Diagnostic::error(at, "this expression has no end").help(help));
            return None;
        }
    };
    if pieces.len() > MAX_PIECES {
        let message =
            format!("a text has at most {MAX_PIECES} expressions, and texts between them");
        found.push(Diagnostic::error(span, message));
        return None;
    }
    let mut failed = HashSet::new();
    let mut parts = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match piece {
            Piece::Text(literal) => parts.push(Part::Text(literal)),
            // What is wrong twice in one text is said once.
            Piece::Expression(source) if failed.contains(source) => {}
            Piece::Expression(source) => match expression::compile(source, span, sources, found) {
                Some(expression) => parts.push(Part::Expression {
                    expression,
                    in_user_part: false,
                }),
                None => {
                    failed.insert(source);
                }
            },
        }
    }
    if !failed.is_empty() {
        return None;
    }
    if parts.len() != 1 {
        user_part::mark(&mut parts);
        return Some(Shape::Text(parts.into()));
    }
    parts.pop().map(|only| match only {
        Part::Text(literal) => Shape::Literal(Literal::Text(literal)),
        Part::Expression { expression, .. } => Shape::Expression(expression.into()),
    })
}
