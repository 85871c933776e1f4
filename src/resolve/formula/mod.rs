//! A YAML value with expressions in it.
//!
//! - `compile`: a YAML value to a [`Formula`], with findings
//! - `user_part`: expressions in the user part of a URL, which are escaped

mod compile;
mod user_part;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::expression::{Expression, Shared, place};
use super::{Literal, Reference, Scope};
use crate::model::{Diagnostic, Sources, Span};

pub(super) use user_part::{skeleton, user_parts};

/// The longest text that a value with expressions may come to, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// A YAML value with expressions in it, compiled.
#[derive(Clone)]
pub struct Formula {
    span: Span,
    shape: Shape,
}

#[derive(Clone)]
pub(super) enum Shape {
    Literal(Literal),
    /// One expression and nothing else: keeps the type of what it evaluates to.
    Expression(Shared),
    /// Text with expressions in it.
    Text(Arc<[Part]>),
    List(Arc<[Formula]>),
}

pub(super) enum Part {
    Text(String),
    Expression {
        expression: Expression,
        /// Whether it stands in the user part of a URL.
        in_user_part: bool,
    },
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
    /// What is wrong; never quotes a secret.
    pub message: String,
}

impl Formula {
    /// A value without expressions.
    pub(super) fn literal(literal: Literal, span: Span) -> Self {
        Self {
            span,
            shape: Shape::Literal(literal),
        }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Its items, where it is written as a list.
    pub(super) fn items(&self) -> &[Formula] {
        match &self.shape {
            Shape::List(items) => items,
            _ => &[],
        }
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Everything its expressions refer to, in the order they are written.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.expressions()
            .flat_map(|(_, expression)| &expression.references)
    }

    /// Its expressions, each with the value it stands in.
    pub(super) fn expressions(&self) -> impl Iterator<Item = (Span, &Expression)> {
        let (alone, parts) = match &self.shape {
            Shape::Expression(expression) => (Some(&**expression), &[][..]),
            Shape::Text(parts) => (None, &**parts),
            Shape::Literal(_) | Shape::List(_) => (None, &[][..]),
        };
        let in_text = parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Expression { expression, .. } => Some(expression),
        });
        let here = alone.into_iter().chain(in_text);
        here.map(|expression| (self.span, expression))
            .chain(self.items().iter().flat_map(Self::collected))
    }

    fn collected(&self) -> Vec<(Span, &Expression)> {
        self.expressions().collect()
    }

    /// What it comes to, given what is known. An expression in the user part of a URL is
    /// percent-encoded there.
    ///
    /// # Errors
    /// When an expression fails, refers to something that is left out without a default, or
    /// comes to more than a mebibyte.
    pub fn evaluate(&self, scope: &Scope) -> Result<Value, EvaluationError> {
        if self.references().any(|it| scope.is_unknown(it)) {
            return Ok(Value::Unknown);
        }
        if let Some(error) = self.references().find_map(|it| scope.failure(it)) {
            return Err(error.clone());
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
            let (expression, in_user_part) = match part {
                Part::Text(literal) => {
                    text.push_str(literal);
                    continue;
                }
                Part::Expression {
                    expression,
                    in_user_part,
                } => (expression, *in_user_part),
            };
            let value = self.run(expression, scope)?;
            let Some(scalar) = value.as_text() else {
                let message = format!("{} cannot stand inside text", value.word());
                return Err(self.error(expression, message));
            };
            let scalar = match in_user_part {
                true => user_part::escape(scalar, expression.is_encoded).into(),
                false => Cow::Borrowed(scalar),
            };
            if text.len() + scalar.len() > MAX_TEXT {
                let message = format!("this text comes to more than {} MiB", MAX_TEXT >> 20);
                return Err(self.error(expression, message));
            }
            text.push_str(&scalar);
        }
        Ok(text)
    }

    fn run(&self, expression: &Expression, scope: &Scope) -> Result<Literal, EvaluationError> {
        expression
            .evaluate(scope)
            .map_err(|message| self.error(expression, message))
    }

    fn error(&self, expression: &Expression, message: String) -> EvaluationError {
        EvaluationError {
            span: self.span,
            expression: expression.source.to_string(),
            message,
        }
    }
}

impl EvaluationError {
    /// The finding, pointing at the expression where it can be found in the file.
    pub fn diagnostic(&self, sources: &Sources) -> Diagnostic {
        let whole = 0..self.expression.len();
        let at = place(sources, self.span, &self.expression, whole);
        Diagnostic::error(at, self.message.clone())
    }
}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Formula")
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}
