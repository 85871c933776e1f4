use minijinja::value::ValueKind;

use crate::manifest::NodeKind;

/// What an expression may come to, in bytes. The engine makes lists lazily, so that its own
/// limits do not count what is in them.
const MAX_SIZE: usize = 1 << 20;

/// What an item weighs beside its text.
const ITEM_SIZE: usize = 64;

const NO_VALUE: &str = "this comes to something that is not a value";

/// A value without expressions.
#[derive(Clone, PartialEq, Eq)]
pub enum Literal {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number with its digits.
    Number(String),
    /// Text.
    Text(String),
    /// A list of values.
    List(Vec<Literal>),
}

impl Literal {
    /// What a person calls it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
        }
    }

    /// A scalar as text; nothing for null and lists.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Boolean(true) => Some("true"),
            Self::Boolean(false) => Some("false"),
            Self::Number(text) | Self::Text(text) => Some(text),
            Self::Null | Self::List(_) => None,
        }
    }

    /// How many bytes of text it holds.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Null | Self::Boolean(_) => 0,
            Self::Number(text) | Self::Text(text) => text.len(),
            Self::List(items) => items.iter().map(Self::size).sum(),
        }
    }

    /// The value of a YAML scalar or list; nothing for a mapping.
    pub(super) fn of_node(kind: &NodeKind) -> Option<Self> {
        Some(match kind {
            NodeKind::Null => Self::Null,
            NodeKind::Boolean(value) => Self::Boolean(*value),
            NodeKind::Number(digits) => Self::Number(digits.clone()),
            NodeKind::Text(text) => Self::Text(text.clone()),
            NodeKind::List(items) => {
                let items = items.iter().map(|item| Self::of_node(&item.kind));
                Self::List(items.collect::<Option<_>>()?)
            }
            NodeKind::Map(_) => return None,
        })
    }

    /// What an expression came to.
    ///
    /// # Errors
    /// Says what is wrong with it: it is no value, or too much of one.
    pub(super) fn of_value(value: &minijinja::Value) -> Result<Self, &'static str> {
        let mut left = MAX_SIZE;
        Self::within(value, &mut left)
    }

    fn within(value: &minijinja::Value, left: &mut usize) -> Result<Self, &'static str> {
        let size = ITEM_SIZE + value.as_str().map_or(0, str::len);
        *left = left
            .checked_sub(size)
            .ok_or("this comes to more than 1 MiB")?;
        Ok(match value.kind() {
            ValueKind::None => Self::Null,
            ValueKind::Bool => Self::Boolean(value.is_true()),
            ValueKind::Number => Self::Number(value.to_string()),
            ValueKind::String => Self::Text(value.to_string()),
            ValueKind::Seq | ValueKind::Iterable => {
                let items = value.try_iter().map_err(|_| NO_VALUE)?;
                Self::List(
                    items
                        .map(|item| Self::within(&item, left))
                        .collect::<Result<_, _>>()?,
                )
            }
            ValueKind::Map => return Err("this comes to a mapping, not to a value"),
            _ => return Err(NO_VALUE),
        })
    }

    /// The same for expressions to use.
    pub(super) fn to_value(&self) -> minijinja::Value {
        match self {
            Self::Null => minijinja::Value::from(()),
            Self::Boolean(value) => (*value).into(),
            Self::Number(digits) => match (digits.parse::<i64>(), digits.parse::<f64>()) {
                (Ok(integer), _) => integer.into(),
                (_, Ok(float)) => float.into(),
                _ => digits.as_str().into(),
            },
            Self::Text(text) => text.as_str().into(),
            Self::List(items) => items.iter().map(Self::to_value).collect(),
        }
    }
}
