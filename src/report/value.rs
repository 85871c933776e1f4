use crate::model::OptionValue;
use crate::plan::{After, FieldChange, OutputValue};

/// A value as far as it may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown<'a> {
    /// This text, which may still hold control characters.
    Text(&'a str),
    /// It must not be shown.
    Sensitive,
    /// It is known only after an apply.
    Unknown {
        /// Whether it must not be shown then.
        sensitive: bool,
    },
    /// There is none.
    Unset,
}

/// Both sides of a change; sensitive on both where it is on one, whatever the plan says.
pub(super) fn sides(change: &FieldChange) -> (Shown<'_>, Shown<'_>) {
    let before = change.before.as_ref().map_or(Shown::Unset, of);
    let after = match &change.after {
        After::Value(value) => of(value),
        After::Unset => Shown::Unset,
        After::Unknown { sensitive } => Shown::Unknown {
            sensitive: *sensitive,
        },
    };
    if before.is_sensitive() || after.is_sensitive() {
        (before.hidden(), after.hidden())
    } else {
        (before, after)
    }
}

/// The value of an output.
pub(super) fn of_output(value: &OutputValue) -> Shown<'_> {
    match value {
        OutputValue::Known(value) => of(value),
        OutputValue::Unknown => Shown::Unknown { sensitive: false },
    }
}

fn of(value: &OptionValue) -> Shown<'_> {
    value.shown().map_or(Shown::Sensitive, Shown::Text)
}

impl Shown<'_> {
    /// The words that stand for a value which is not text.
    pub(super) fn words(self) -> Option<&'static str> {
        match self {
            Self::Text(_) => None,
            Self::Sensitive => Some("(sensitive)"),
            Self::Unknown { .. } => Some("(known after apply)"),
            Self::Unset => Some("(unset)"),
        }
    }

    fn is_sensitive(self) -> bool {
        matches!(self, Self::Sensitive | Self::Unknown { sensitive: true })
    }

    fn hidden(self) -> Self {
        match self {
            Self::Text(_) | Self::Sensitive => Self::Sensitive,
            Self::Unknown { .. } => Self::Unknown { sensitive: true },
            Self::Unset => Self::Unset,
        }
    }
}
