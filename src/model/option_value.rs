use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// The value of one option in canonical form: the text that the platform keeps for it.
///
/// Booleans are `true` and `false`, lists are comma-separated, numbers keep their digits
/// (API notes 6.4). A sensitive value lives in a type that wipes its memory and whose `Debug`
/// shows nothing; there is no `Display` for either kind.
#[derive(Clone)]
pub enum OptionValue {
    /// A value that may be shown.
    Plain(String),
    /// A value that is never printed, logged or serialised.
    Sensitive(SecretString),
}

impl OptionValue {
    /// Wraps `text`; also sensitive, whatever the caller says, when it holds a URL with a user.
    pub fn new(text: String, sensitive: bool) -> Self {
        if sensitive || super::sensitive::holds_url_with_user(&text) {
            Self::Sensitive(text.into())
        } else {
            Self::Plain(text)
        }
    }

    /// The text itself, for sending, comparing and checking; never for showing.
    pub fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Sensitive(text) => text.expose_secret(),
        }
    }

    /// Whether the value must not be shown.
    pub fn is_sensitive(&self) -> bool {
        matches!(self, Self::Sensitive(_))
    }

    /// The text where it may be shown.
    pub fn shown(&self) -> Option<&str> {
        match self {
            Self::Plain(text) => Some(text),
            Self::Sensitive(_) => None,
        }
    }

    /// The same value, sensitive from now on.
    pub fn into_sensitive(self) -> Self {
        match self {
            Self::Plain(text) => Self::Sensitive(text.into()),
            sensitive => sensitive,
        }
    }
}

impl PartialEq for OptionValue {
    /// Compares the texts; being sensitive or not makes no difference.
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl fmt::Debug for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => f.debug_tuple("Plain").field(text).finish(),
            Self::Sensitive(_) => f.write_str("Sensitive"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_a_sensitive_value() {
        let value = OptionValue::new("hunter2".into(), true);
        assert_eq!(format!("{value:?}"), "Sensitive");
        assert_eq!(value.shown(), None);
    }

    #[test]
    fn a_url_with_a_user_is_sensitive_by_itself() {
        assert!(OptionValue::new("redis://u:p@h".into(), false).is_sensitive());
    }
}
