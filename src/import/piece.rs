use std::borrow::Cow;
use std::fmt::{self, Write};

use zeroize::Zeroizing;

use super::user_part::{escape, user_parts};
use crate::model::Endpoint;

/// A piece of a value as the manifest writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text that stands for itself.
    Text(String),
    /// What the instance at this place is known by.
    Instance(usize, Attribute),
    /// The secret at this place.
    Secret(usize),
}

/// What an instance is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Attribute {
    Url,
    Host,
    Address,
    Ip(usize),
    Port(usize),
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url => f.write_str("url"),
            Self::Host => f.write_str("host"),
            Self::Address => f.write_str("address"),
            Self::Ip(at) => write!(f, "ports[{at}].ip"),
            Self::Port(at) => write!(f, "ports[{at}].port"),
        }
    }
}

impl Attribute {
    /// What it is, where that is known.
    pub(super) fn of(self, endpoint: &Endpoint) -> Option<Cow<'_, str>> {
        let port = |at: usize| endpoint.ports.as_ref()?.get(at);
        match self {
            Self::Url => endpoint.url.as_deref().map(Cow::Borrowed),
            Self::Host => endpoint.host().map(Cow::Borrowed),
            Self::Address => endpoint.address.as_deref().map(Cow::Borrowed),
            Self::Ip(at) => Some(Cow::Borrowed(port(at)?.ip.as_str())),
            Self::Port(at) => Some(Cow::Owned(port(at)?.port.to_string())),
        }
    }
}

/// What instances and secrets are called.
pub(super) struct Names<'n> {
    pub(super) instances: &'n [String],
    pub(super) secrets: &'n [String],
}

/// Adds text to pieces.
pub(super) fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(last)) => last.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

/// All that stands for itself, with a space for each reference.
pub(super) fn literal_text(pieces: &[Piece]) -> String {
    let texts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.as_str(),
        Piece::Instance(..) | Piece::Secret(_) => " ",
    });
    texts.collect()
}

/// The pieces as a text with expressions in it.
pub(super) fn formula(pieces: &[Piece], names: &Names<'_>) -> String {
    let mut formula = String::new();
    let called = |names: &[String], at: usize| names.get(at).cloned().unwrap_or_default();
    for (at, piece) in pieces.iter().enumerate() {
        // Writing to a text cannot fail.
        let _ = match piece {
            Piece::Text(text) => formula.write_str(&escaped(text, at + 1 < pieces.len())),
            Piece::Instance(at, attribute) => {
                let key = called(names.instances, *at);
                write!(formula, "${{instances.{key}.{attribute}}}")
            }
            Piece::Secret(at) => write!(formula, "${{secrets.{}}}", called(names.secrets, *at)),
        };
    }
    formula
}

/// Text that no one takes for an expression. A `$` before one would make it literal, and is
/// itself written as one.
fn escaped(text: &str, before_expression: bool) -> String {
    let kept = match before_expression {
        true => text.trim_end_matches('$'),
        false => text,
    };
    let mut escaped = kept.replace("${", "$${");
    let dollars = &text[kept.len()..];
    if !dollars.is_empty() {
        escaped.push_str(&format!("${{\"{dollars}\"}}"));
    }
    escaped
}

/// What the pieces come to when they are resolved: an expression in the user part of a URL is
/// percent-encoded there.
pub(super) fn comes_to<'v>(
    pieces: &'v [Piece],
    value: &dyn Fn(&'v Piece) -> Option<Cow<'v, str>>,
) -> Option<Zeroizing<String>> {
    let mut skeleton = String::new();
    let mut places = Vec::with_capacity(pieces.len());
    for piece in pieces {
        places.push(skeleton.len());
        skeleton.push_str(match piece {
            Piece::Text(text) => text,
            Piece::Instance(..) | Piece::Secret(_) => "x",
        });
    }
    let users = user_parts(&skeleton);
    let mut text = Zeroizing::new(String::new());
    for (piece, place) in pieces.iter().zip(places) {
        match piece {
            Piece::Text(literal) => text.push_str(literal),
            expression if users.iter().any(|user| user.contains(&place)) => {
                text.push_str(&escape(&value(expression)?));
            }
            expression => text.push_str(&value(expression)?),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pieces: &[Piece]) -> String {
        let (instances, secrets) = (["a".to_owned()], ["s".to_owned()]);
        let names = Names {
            instances: &instances,
            secrets: &secrets,
        };
        formula(pieces, &names)
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    #[test]
    fn references_stand_between_texts() {
        let pieces = [
            text("redis://u:"),
            Piece::Secret(0),
            text("@"),
            Piece::Instance(0, Attribute::Address),
        ];
        assert_eq!(
            written(&pieces),
            "redis://u:${secrets.s}@${instances.a.address}"
        );
        let port = [Piece::Instance(0, Attribute::Port(1))];
        assert_eq!(written(&port), "${instances.a.ports[1].port}");
    }

    #[test]
    fn what_looks_like_an_expression_is_escaped() {
        assert_eq!(written(&[text("a ${b} $${c} $")]), "a $${b} $$${c} $");
    }

    #[test]
    fn a_dollar_before_a_reference_does_not_make_it_literal() {
        let pieces = [text("a$$"), Piece::Instance(0, Attribute::Url), text("$")];
        assert_eq!(written(&pieces), "a${\"$$\"}${instances.a.url}$");
    }
}
