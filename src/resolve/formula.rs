use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::engine::{self, Compiled};
use super::reference::BadReference;
use super::{Literal, Reference, Scope};
use crate::manifest::{Node, NodeKind};
use crate::model::{Diagnostic, Diagnostics, Sources, Span};

/// A YAML value with expressions in it, compiled.
#[derive(Clone)]
pub struct Formula {
    span: Span,
    shape: Shape,
    references: Arc<BTreeSet<Reference>>,
}

#[derive(Clone)]
enum Shape {
    Literal(Literal),
    /// One expression and nothing else: keeps the type of what it evaluates to.
    Expression(Arc<Expression>),
    /// Text with expressions in it.
    Text(Vec<Part>),
    List(Vec<Formula>),
}

#[derive(Clone)]
enum Part {
    Text(String),
    Expression(Arc<Expression>),
}

struct Expression {
    source: String,
    compiled: Compiled,
}

/// What a formula comes to.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// This.
    Known(Literal),
    /// Something that only exists later.
    Unknown,
}

/// An expression that cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluationError {
    /// The value it stands in.
    pub span: Span,
    /// The expression as written, for pointing at it.
    pub expression: String,
    /// What is wrong; never quotes a value.
    pub message: String,
}

impl Formula {
    /// Compiles a scalar or list; what does not compile is reported and gives nothing.
    pub(super) fn compile(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Self> {
        let mut references = BTreeSet::new();
        let shape = match &node.kind {
            NodeKind::Text(text) if text.contains("${") => {
                compile_text(text, node.span, sources, &mut references, found)?
            }
            NodeKind::List(items) => {
                let compiled: Vec<_> = items
                    .iter()
                    .map(|item| Self::compile(item, sources, found))
                    .collect();
                let items = compiled.into_iter().collect::<Option<Vec<_>>>()?;
                references.extend(
                    items
                        .iter()
                        .flat_map(|item| item.references.iter().cloned()),
                );
                Shape::List(items)
            }
            NodeKind::Map(_) => {
                let message = "this must be a single value or a list, this is a mapping";
                found.push(Diagnostic::error(node.span, message));
                return None;
            }
            scalar => Shape::Literal(Literal::of_node(scalar)?),
        };
        Some(Self {
            span: node.span,
            shape,
            references: references.into(),
        })
    }

    /// A value without expressions.
    pub(super) fn literal(literal: Literal, span: Span) -> Self {
        Self {
            span,
            shape: Shape::Literal(literal),
            references: Arc::default(),
        }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Everything its expressions refer to.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.references.iter()
    }

    /// The one variable that is its whole value, as in `${variables.x}`.
    pub(super) fn sole_variable(&self) -> Option<&str> {
        let mut references = self.references.iter();
        match (&self.shape, references.next(), references.next()) {
            (Shape::Expression(_), Some(Reference::Variable(name)), None) => Some(name),
            _ => None,
        }
    }

    /// What it comes to, given what is known.
    ///
    /// # Errors
    /// When an expression fails, or refers to something that is left out without a default.
    pub fn evaluate(&self, scope: &Scope) -> Result<Value, EvaluationError> {
        if self
            .references
            .iter()
            .any(|reference| scope.is_unknown(reference))
        {
            return Ok(Value::Unknown);
        }
        self.evaluate_known(scope).map(Value::Known)
    }

    fn evaluate_known(&self, scope: &Scope) -> Result<Literal, EvaluationError> {
        match &self.shape {
            Shape::Literal(literal) => Ok(literal.clone()),
            Shape::Expression(expression) => self.run(expression, scope),
            Shape::Text(parts) => self.join(parts, scope).map(Literal::Text),
            Shape::List(items) => {
                let items = items.iter().map(|item| item.evaluate_known(scope));
                Ok(Literal::List(items.collect::<Result<_, _>>()?))
            }
        }
    }

    fn join(&self, parts: &[Part], scope: &Scope) -> Result<String, EvaluationError> {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Expression(expression) => {
                    let value = self.run(expression, scope)?;
                    let Some(scalar) = value.as_text() else {
                        let message = format!("{} cannot stand inside text", value.word());
                        return Err(self.error(expression, message));
                    };
                    text.push_str(scalar);
                }
            }
        }
        Ok(text)
    }

    fn run(&self, expression: &Expression, scope: &Scope) -> Result<Literal, EvaluationError> {
        let result = expression.compiled.eval(scope.context(&self.references));
        let message = match result {
            Ok(value) if !value.is_undefined() => match Literal::of_value(&value) {
                Some(literal) => return Ok(literal),
                None => "this comes to something that is not a value".to_owned(),
            },
            Ok(_) => self.undefined(scope),
            Err(error) if error.kind() == minijinja::ErrorKind::UndefinedError => {
                self.undefined(scope)
            }
            Err(error) => describe(&error, scope.mentions_secret(self.references())),
        };
        Err(self.error(expression, message))
    }

    fn undefined(&self, scope: &Scope) -> String {
        match self
            .references
            .iter()
            .find_map(|reference| scope.left_out(reference))
        {
            Some(key) => format!(
                "`instances.{key}` is left out by its `when`; say what to use instead with \
                 `| default(…)`"
            ),
            None => {
                "this refers to something that has no value; `| default(…)` gives it one".to_owned()
            }
        }
    }

    fn error(&self, expression: &Expression, message: String) -> EvaluationError {
        EvaluationError {
            span: self.span,
            expression: expression.source.clone(),
            message,
        }
    }
}

impl EvaluationError {
    /// The finding, pointing at the expression where it can be found in the file.
    pub fn diagnostic(&self, sources: &Sources) -> Diagnostic {
        Diagnostic::error(
            place(sources, self.span, &self.expression),
            self.message.clone(),
        )
    }
}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Formula")
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}

fn compile_text(
    text: &str,
    span: Span,
    sources: &Sources,
    references: &mut BTreeSet<Reference>,
    found: &mut Diagnostics,
) -> Option<Shape> {
    let pieces = match split(text) {
        Ok(pieces) => pieces,
        Err(Unclosed(rest)) => {
            let at = place(sources, span, rest);
            let help = "`${` begins an expression that ends with `}`; a literal `${` is `$${`";
            found.push(Diagnostic::error(at, "this expression has no end").help(help));
            return None;
        }
    };
    let mut parts = Vec::with_capacity(pieces.len());
    let before = found.error_count();
    for piece in pieces {
        match piece {
            Piece::Text(literal) => parts.push(Part::Text(literal)),
            Piece::Expression(source) => {
                let expression = compile_expression(source, span, sources, references, found);
                parts.extend(expression.map(Part::Expression));
            }
        }
    }
    if found.error_count() > before {
        return None;
    }
    Some(match parts.as_slice() {
        [Part::Expression(only)] => Shape::Expression(only.clone()),
        [] => Shape::Literal(Literal::Text(String::new())),
        [Part::Text(only)] => Shape::Literal(Literal::Text(only.clone())),
        _ => Shape::Text(parts),
    })
}

fn compile_expression(
    source: &str,
    span: Span,
    sources: &Sources,
    references: &mut BTreeSet<Reference>,
    found: &mut Diagnostics,
) -> Option<Arc<Expression>> {
    let compiled = match engine::compile(source) {
        Ok(compiled) => compiled,
        Err(error) => {
            let message = format!("not a valid expression: {}", describe(&error, false));
            found.push(Diagnostic::error(place(sources, span, source), message));
            return None;
        }
    };
    let mut paths: Vec<String> = compiled.undeclared_variables(true).into_iter().collect();
    paths.sort();
    for path in paths {
        match Reference::parse(&path) {
            Ok(reference) => {
                references.insert(reference);
            }
            Err(BadReference { message, help }) => {
                let mut finding = Diagnostic::error(place(sources, span, &path), message);
                finding.help = help;
                found.push(finding);
            }
        }
    }
    Some(Arc::new(Expression {
        source: source.to_owned(),
        compiled,
    }))
}

fn describe(error: &minijinja::Error, secret: bool) -> String {
    match error.detail() {
        Some(detail) if !secret => detail.to_owned(),
        _ => error.kind().to_string(),
    }
}

/// The place of `needle` inside a value; the whole value where escapes hide it.
pub(super) fn place(sources: &Sources, span: Span, needle: &str) -> Span {
    match sources.text(span).find(needle) {
        Some(at) => span.part(at, needle.len()),
        None => span,
    }
}

enum Piece<'a> {
    Text(String),
    Expression(&'a str),
}

struct Unclosed<'a>(&'a str);

/// Cuts a text at its expressions. `$${` is a literal `${`; braces and quotes inside an
/// expression are matched, so that `${ {"a": "}"} }` is one.
fn split(text: &str) -> Result<Vec<Piece<'_>>, Unclosed<'_>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            literal.push_str(&rest[..at - 1]);
            literal.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        literal.push_str(&rest[..at]);
        let inner = &rest[at + 2..];
        let end = expression_end(inner).ok_or(Unclosed(&rest[at..]))?;
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
        }
        pieces.push(Piece::Expression(&inner[..end]));
        rest = &inner[end + 1..];
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(pieces)
}

fn expression_end(inner: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(at),
            (None, '}') => depth -= 1,
            (None, _) => {}
        }
    }
    None
}
