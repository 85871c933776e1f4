//! One expression: the text between `${` and `}`.
//!
//! - `engine`: the expression language, within limits
//! - `names`: what an expression names, and where in it
//! - `split`: a text cut at its expressions
//! - `compile`: text to an [`Expression`], with findings
//! - `place`: where in a file an expression stands

mod compile;
mod engine;
mod names;
mod place;
mod split;

use std::sync::Arc;

use super::{Literal, Reference, Scope};

pub(super) use compile::compile;
pub(super) use place::{place, place_of_reference};
pub(super) use split::{Piece, Unclosed, split};

/// An expression that has been found to be valid.
pub(super) struct Expression {
    /// As written, between `${` and `}`.
    pub(super) source: Box<str>,
    /// What it refers to, each once.
    pub(super) references: Box<[Reference]>,
    /// Whether it is that one reference and nothing else. By far the most are: they need no
    /// engine, and a number keeps its digits.
    is_reference: bool,
    /// Whether it goes through the filter that makes a text fit for a URL.
    pub(super) is_encoded: bool,
}

impl Expression {
    /// What it comes to.
    ///
    /// # Errors
    /// A message that quotes no secret.
    pub(super) fn evaluate(&self, scope: &Scope) -> Result<Literal, String> {
        if let ([reference], true) = (&*self.references, self.is_reference) {
            let literal = scope.literal(reference).map(|it| it.into_owned());
            return literal.ok_or_else(|| self.undefined(scope));
        }
        // What the engine makes of an expression is many times its size: there may be
        // thousands, and each is evaluated once or twice.
        let result = engine::compile(&self.source)
            .and_then(|compiled| compiled.eval(scope.context(&self.references)));
        match result {
            Ok(value) if value.is_undefined() => Err(self.undefined(scope)),
            Ok(value) => Literal::of_value(&value).map_err(str::to_owned),
            Err(error) if error.kind() == minijinja::ErrorKind::UndefinedError => {
                Err(self.undefined(scope))
            }
            Err(error) => {
                let secret = !self.references.iter().all(|it| scope.may_quote(it));
                Err(engine::describe(&error, secret))
            }
        }
    }

    /// Whether it is one variable, perhaps through filters.
    pub(super) fn sole_variable(&self) -> Option<&str> {
        match &*self.references {
            [Reference::Variable(name)] => Some(name),
            _ => None,
        }
    }

    fn undefined(&self, scope: &Scope) -> String {
        let mut references = self.references.iter();
        match references.find_map(|reference| scope.left_out(reference)) {
            Some(key) => format!(
                "`instances.{key}` is left out by its `when`; say what to use instead with \
                 `| default(…)`"
            ),
            None => {
                "this refers to something that has no value; `| default(…)` gives it one".to_owned()
            }
        }
    }
}

/// An expression that several formulas may hold.
pub(super) type Shared = Arc<Expression>;
